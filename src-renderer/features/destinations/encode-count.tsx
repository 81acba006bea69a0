import { useTranslation } from 'react-i18next';
import { type Destination, type Profile, plannedEncodes, type VideoSettings } from '../../../src-shared/domain/index.ts';
import { useEngine } from '../../engine-client/engine.ts';

/** How many encodes a show costs this computer, once it is more than one. @param destination as it is being edited */
export function EncodeCount({ profile, destination }: { profile: Profile; destination?: Destination }) {
  const { t, i18n } = useTranslation();
  const stored = useEngine('destination.list') ?? [];
  const others: Destination[] = stored.filter(({ id, enabled }) => enabled && id !== destination?.id);
  const encodes = plannedEncodes(profile.video, destination?.enabled ? [...others, destination] : others);
  if (encodes.length < 2) return null;
  const names = new Intl.ListFormat(i18n.language, { type: 'conjunction' });
  return (
    <div className="encode-count">
      <p>{t('destinations.video.encodes', { count: encodes.length })}</p>
      <ul>
        {encodes.map((encode) => (
          <li key={encode.id}>
            <span className="figure">{formatOf(encode.video)}</span>{' '}
            <small>{names.format(encode.destinations.map(({ name }) => name))}</small>
          </li>
        ))}
      </ul>
    </div>
  );
}

const formatOf = ({ widthPx, heightPx, frameRate }: VideoSettings) => `${widthPx} × ${heightPx}, ${frameRate} fps`;
