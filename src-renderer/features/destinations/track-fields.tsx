import { Plus, X } from 'lucide-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { type Profile, TRACKS_MAX, withOwn } from '../../../src-shared/domain/index.ts';
import { Button, IconButton } from '../../ui/button.tsx';
import { SelectField } from '../../ui/fields.tsx';
import type { Draft, Problems } from './draft.ts';
import { DraftInput } from './draft-input.tsx';
import { OwnVideoFields } from './own-video-fields.tsx';
import { type AudioDraft, audioTrackOf, type TrackDrafts, withPicture, withSound } from './track-drafts.ts';
import { ownVideoOf } from './video-draft.ts';

interface Props {
  draft: Draft;
  problems: Problems;
  profile: Profile;
  onChange: (tracks: TrackDrafts) => void;
}

/** Further pictures and sounds on the same connection. */
export function TrackFields({ draft, problems, profile, onChange }: Props) {
  const { t } = useTranslation();
  const { tracks } = draft;
  const first = withOwn(profile.video, draft.video && ownVideoOf(draft.video));
  const problem = problems.tracks && t(`destinations.problem.${problems.tracks}`);
  return (
    <fieldset className="stack video-fields">
      <legend>{t('destinations.tracks.title')}</legend>
      <p className="hint">{t('destinations.tracks.hint')}</p>
      {tracks.video.map((video, i) => (
        <Track
          // biome-ignore lint/suspicious/noArrayIndexKey: tracks are what their numbers say, and their fields keep nothing
          key={i}
          name={t('destinations.tracks.picture', { number: i + 1 })}
          onRemove={() => onChange({ ...tracks, video: tracks.video.toSpliced(i, 1) })}
        >
          <OwnVideoFields
            video={video}
            problem={ownVideoOf(video) ? undefined : problem}
            profile={profile}
            platform={null}
            onChange={(changed) => onChange({ ...tracks, video: tracks.video.with(i, changed) })}
          />
        </Track>
      ))}
      {tracks.audio.map((audio, i) => (
        <Track
          // biome-ignore lint/suspicious/noArrayIndexKey: tracks are what their numbers say, and their fields keep nothing
          key={i}
          name={t('destinations.tracks.sound', { number: i + 1 })}
          onRemove={() => onChange({ ...tracks, audio: tracks.audio.toSpliced(i, 1) })}
        >
          <SoundFields
            audio={audio}
            isBad={problem !== undefined && !audioTrackOf(audio)}
            onChange={(changed) => onChange({ ...tracks, audio: tracks.audio.with(i, changed) })}
          />
        </Track>
      ))}
      <div className="row">
        <Button look="quiet" disabled={tracks.video.length >= TRACKS_MAX.video} onClick={() => onChange(withPicture(tracks, first))}>
          <Plus size={14} aria-hidden="true" /> {t('destinations.tracks.addPicture')}
        </Button>
        <Button look="quiet" disabled={tracks.audio.length >= TRACKS_MAX.audio} onClick={() => onChange(withSound(tracks))}>
          <Plus size={14} aria-hidden="true" /> {t('destinations.tracks.addSound')}
        </Button>
      </div>
    </fieldset>
  );
}

function Track({ name, onRemove, children }: { name: string; onRemove: () => void; children: ReactNode }) {
  const { t } = useTranslation();
  return (
    <fieldset className="stack track" aria-label={name}>
      <div className="row end">
        <span className="grow">{name}</span>
        <IconButton small label={t('destinations.tracks.remove', { name })} onClick={onRemove}>
          <X size={14} />
        </IconButton>
      </div>
      {children}
    </fieldset>
  );
}

function SoundFields({ audio, isBad, onChange }: { audio: AudioDraft; isBad: boolean; onChange: (audio: AudioDraft) => void }) {
  const { t } = useTranslation();
  return (
    <>
      <SelectField
        inline
        label={t('destinations.tracks.codec')}
        value={audio.codec}
        options={[
          { value: 'aac', label: 'AAC' },
          { value: 'opus', label: 'Opus' },
        ]}
        onChange={(codec) => onChange({ ...audio, codec })}
      />
      <DraftInput
        label={t('destinations.video.bitrate')}
        unit="kbps"
        value={audio.kbps}
        problem={isBad ? t('destinations.problem.soundRate') : undefined}
        onChange={(kbps) => onChange({ ...audio, kbps })}
      />
    </>
  );
}
