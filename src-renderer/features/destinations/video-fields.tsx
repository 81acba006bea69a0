import { useTranslation } from 'react-i18next';
import type { Destination, Profile } from '../../../src-shared/domain/index.ts';
import { SelectField } from '../../ui/fields.tsx';
import { formatBitrate } from '../../ui/format.ts';
import type { Draft, Problems } from './draft.ts';
import { EncodeCount } from './encode-count.tsx';
import { OwnVideoFields } from './own-video-fields.tsx';
import { videoDraftOf } from './video-draft.ts';

interface Props {
  draft: Draft;
  problems: Problems;
  profile: Profile;
  /** as it would be saved; null: it cannot be */
  destination: Destination | null;
  onChange: (part: Partial<Draft>) => void;
}

/** What this destination is sent: the show's video, or a size, rate and encoder of its own. */
export function VideoFields({ draft, problems, profile, destination, onChange }: Props) {
  const { t, i18n } = useTranslation();
  const { widthPx, heightPx, frameRate, bitrateKbps } = profile.video;
  const show = `${widthPx} × ${heightPx}, ${frameRate} fps, ${formatBitrate(bitrateKbps, i18n.language)}`;
  return (
    <fieldset className="stack video-fields">
      <legend>{t('destinations.video.title')}</legend>
      <SelectField
        inline
        label={t('destinations.video.which')}
        {...(draft.video ? {} : { hint: show })}
        value={draft.video ? 'own' : 'show'}
        options={(['show', 'own'] as const).map((value) => ({ value, label: t(`destinations.video.${value}`) }))}
        onChange={(value) => onChange({ video: value === 'own' ? videoDraftOf(profile.video) : null })}
      />
      {draft.video && (
        <OwnVideoFields
          video={draft.video}
          problem={problems.videoKbps && t(`destinations.problem.${problems.videoKbps}`)}
          profile={profile}
          platform={draft.platform}
          onChange={(video) => onChange({ video })}
        />
      )}
      {destination && <EncodeCount profile={profile} destination={destination} />}
    </fieldset>
  );
}
