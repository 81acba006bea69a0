import { useTranslation } from 'react-i18next';
import { type Destination, type Profile, validateForPlatform, withOwn } from '../../../src-shared/domain/index.ts';
import { SelectField } from '../../ui/fields.tsx';
import { formatBitrate } from '../../ui/format.ts';
import { EncoderField } from '../settings/encoder-field.tsx';
import { IssueList } from '../settings/platform-notes.tsx';
import { FRAME_RATES, SizeField } from '../settings/size-field.tsx';
import type { Draft, Problems } from './draft.ts';
import { DraftInput } from './draft-input.tsx';
import { EncodeCount } from './encode-count.tsx';
import { isOtherShape, ownVideoOf, type VideoDraft, videoDraftOf } from './video-draft.ts';

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
        <OwnFields
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

const ANY_KBPS = '2500';

interface OwnProps {
  video: VideoDraft;
  problem: string | undefined;
  profile: Profile;
  platform: Draft['platform'];
  onChange: (video: VideoDraft) => void;
}

function OwnFields({ video, problem, profile, platform, onChange }: OwnProps) {
  const { t } = useTranslation();
  const change = (part: Partial<VideoDraft>) => onChange({ ...video, ...part });
  const own = ownVideoOf(video) ?? ownVideoOf({ ...video, kbps: ANY_KBPS }); // the fields stay while a rate is being typed
  if (!own) return null;
  const issues = validateForPlatform(platform, withOwn(profile.video, own), profile.audio)
    .filter(({ setting }) => !setting.startsWith('audio.'))
    .map((issue) => ({ ...issue, platform }));
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
