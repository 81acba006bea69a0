import { useTranslation } from 'react-i18next';
import { type OwnVideo, type Profile, validateForPlatform, withOwn } from '../../../src-shared/domain/index.ts';
import { SelectField } from '../../ui/fields.tsx';
import { EncoderField } from '../settings/encoder-field.tsx';
import { IssueList } from '../settings/platform-notes.tsx';
import { FRAME_RATES, SizeField } from '../settings/size-field.tsx';
import type { Draft } from './draft.ts';
import { DraftInput } from './draft-input.tsx';
import { isOtherShape, ownVideoOf, type VideoDraft, videoDraftOf } from './video-draft.ts';

const ANY_KBPS = '2500';

interface Props {
  video: VideoDraft;
  problem: string | undefined;
  profile: Profile;
  /** null: it is not what the platform's rules are for */
  platform: Draft['platform'] | null;
  onChange: (video: VideoDraft) => void;
}

/** Size, shape, rate and encoder of a picture that is not the show's, and what the platform minds of it. */
export function OwnVideoFields({ video, problem, profile, platform, onChange }: Props) {
  const { t } = useTranslation();
  const change = (part: Partial<VideoDraft>) => onChange({ ...video, ...part });
  const own = ownVideoOf(video) ?? ownVideoOf({ ...video, kbps: ANY_KBPS }); // the fields stay while a rate is being typed
  if (!own) return null;
  const issues = platform ? issuesOf(platform, own, profile) : [];
  return (
    <>
      <SizeField inline video={own} onChange={(size) => change({ size: `${size.widthPx}x${size.heightPx}` })} />
      {isOtherShape(own, profile.video) && (
        <SelectField
          inline
          label={t('destinations.video.fit')}
          hint={t(`destinations.video.fitHints.${video.fit}`)}
          value={video.fit}
          options={(['contain', 'cover'] as const).map((value) => ({ value, label: t(`destinations.video.fits.${value}`) }))}
          onChange={(fit) => change({ fit })}
        />
      )}
      <SelectField
        inline
        label={t('settings.frameRate')}
        value={video.frameRate}
        options={[...new Set([...FRAME_RATES, video.frameRate])].map((value) => ({ value, label: `${value} fps` }))}
        onChange={(frameRate) => change({ frameRate })}
      />
      <DraftInput
        label={t('destinations.video.bitrate')}
        unit="kbps"
        value={video.kbps}
        problem={problem}
        onChange={(kbps) => change({ kbps })}
      />
      <EncoderField inline video={withOwn(profile.video, own)} onChange={({ encoder }) => encoder && change({ encoder })} />
      <IssueList
        issues={issues}
        mayFollow={({ suggestion }) =>
          suggestion?.video !== undefined && Object.keys(suggestion.video).every((name) => name in own || name === 'codec')
        }
        onFollow={({ suggestion }) => onChange(videoDraftOf({ ...own, ...suggestion?.video }))}
      />
    </>
  );
}

function issuesOf(platform: Draft['platform'], own: OwnVideo, profile: Profile) {
  return validateForPlatform(platform, withOwn(profile.video, own), profile.audio)
    .filter(({ setting }) => !setting.startsWith('audio.'))
    .map((issue) => ({ ...issue, platform }));
}
