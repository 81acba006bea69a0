import { useTranslation } from 'react-i18next';
import { describeEncoder, type EncoderSkills, type Profile, type VideoEncoderName } from '../../../src-shared/domain/index.ts';
import { useEngine } from '../../engine-client/engine.ts';
import { SelectField } from '../../ui/fields.tsx';
import { encoderName } from './encoder-names.ts';

/** What the profile's encoder can do; null where it is not known, or not there. */
export function useSkills(encoder: VideoEncoderName): EncoderSkills | null {
  const found = useEngine('encoders.list', ({ encoders }) => encoders.find((one) => one.encoder === encoder));
  return found?.available ? found.skills : null;
}

interface Props {
  video: Profile['video'];
  inline?: boolean;
  onChange: (part: Partial<Profile['video']>) => void;
}

/** Those that work on this computer, and the one that is chosen even if it does not. */
export function EncoderField({ video, inline, onChange }: Props) {
  const { t } = useTranslation();
  const report = useEngine('encoders.list');
  const works = (report?.encoders ?? []).flatMap((one) => (one.available ? [one.encoder] : []));
  const isThere = works.includes(video.encoder);
  const isKnown = report !== undefined && report.encoders.length > 0;
  const label = (encoder: VideoEncoderName) =>
    isKnown && !works.includes(encoder) ? t('settings.encoders.missing', { name: encoderName(encoder) }) : encoderName(encoder);
  return (
    <SelectField
      inline={inline ?? false}
      label={t('settings.encoder')}
      hint={isKnown && !isThere ? t('settings.encoders.missingHint') : t('settings.encoders.hint')}
      value={video.encoder}
      options={[...new Set([...works, video.encoder])].map((value) => ({ value, label: label(value) }))}
      onChange={(encoder) => onChange({ encoder, codec: describeEncoder(encoder).codec })}
    />
  );
}
