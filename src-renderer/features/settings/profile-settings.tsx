import { useTranslation } from 'react-i18next';
import { ENCODER_PRESETS, type Profile } from '../../../src-shared/domain/index.ts';
import { NumberField, SelectField, SwitchRow, TextField } from '../../ui/fields.tsx';
import { edit, useCollection } from '../collection/store.ts';
import { useRecorder, useSession } from '../session/use-session.ts';
import { AdvancedVideo } from './advanced-video.tsx';
import { AudioSettings } from './audio-settings.tsx';
import { EncoderField } from './encoder-field.tsx';
import { FallbackList } from './fallback-list.tsx';
import { PlatformNotes } from './platform-notes.tsx';
import { saveProfile } from './save-profile.ts';
import { FRAME_RATES, SizeField } from './size-field.tsx';
import { useIgnored } from './use-ignored.ts';

/** What viewers get. What is changed counts at once, also in a show that runs. */
export function ProfileSettings({ profile }: { profile: Profile }) {
  const { t } = useTranslation();
  const onAir = useSession().phase !== 'idle';
  const isRecording = useRecorder().phase === 'recording';
  const { video } = profile;
  const change = (part: Partial<Profile['video']>) => saveProfile({ ...profile, video: { ...video, ...part } });
  const ignored = useIgnored(video);
  return (
    <>
      {(onAir || isRecording) && <p className="note calm">{t('settings.live')}</p>}
      <TextField
        label={t('settings.profileName')}
        value={profile.name}
        maxLength={100}
        onCommit={(name) => name.trim() && saveProfile({ ...profile, name: name.trim() })}
      />
      <EncoderField video={video} onChange={change} />
      <div className="pair">
        <SizeField video={video} onChange={change} />
        <SelectField
          label={t('settings.frameRate')}
          value={String(video.frameRate)}
          options={FRAME_RATES.map((value) => ({ value, label: `${value} fps` }))}
          onChange={(value) => change({ frameRate: Number(value) })}
        />
        <NumberField
          label={t('settings.bitrate')}
          note={ignored('bitrateKbps')}
          unit="kbps"
          min={50}
          max={100_000}
          step={100}
          value={video.bitrateKbps}
          onCommit={(bitrateKbps) => change({ bitrateKbps: Math.round(bitrateKbps) })}
        />
        <NumberField
          label={t('settings.keyframes')}
          note={ignored('keyframeIntervalS')}
          unit="s"
          min={0.2}
          max={10}
          step={0.5}
          value={video.keyframeIntervalS}
          onCommit={(keyframeIntervalS) => change({ keyframeIntervalS })}
        />
      </div>
      <PlatformNotes profile={profile} about="video" />
      <SelectField
        label={t('settings.preset')}
        hint={t('settings.presetHint')}
        note={ignored('preset')}
        value={video.preset}
        options={ENCODER_PRESETS.map((value) => ({ value, label: value }))}
        onChange={(preset) => change({ preset })}
      />
      <SelectField
        label={t('settings.tune')}
        note={ignored('tune')}
        value={video.tune}
        options={(['zerolatency', 'none', 'film', 'animation'] as const).map((value) => ({ value, label: t(`settings.tunes.${value}`) }))}
        onChange={(tune) => change({ tune })}
      />
      <AdvancedVideo video={video} onChange={change} />
      <FallbackList profile={profile} />
      <h3>{t('settings.sound')}</h3>
      <AudioSettings profile={profile} />
      <h3>{t('settings.scenes')}</h3>
      <CanvasField />
      <TimeCodeSwitch />
    </>
  );
}

/** The picture's own size, which scenes are composed in; another shape than the stream's leaves bars. */
function CanvasField() {
  const { t } = useTranslation();
  const canvas = useCollection(({ collection }) => collection?.canvas);
  if (!canvas) return null;
  const size = `${canvas.widthPx}x${canvas.heightPx}`;
  const options = [...new Set(['1280x720', '1920x1080', '720x1280', '1080x1920', size])].map((value) => ({
    value,
    label: value.replace('x', ' × '),
  }));
  return (
    <SelectField
      label={t('settings.canvas')}
      value={size}
      options={options}
      onChange={(value) => {
        const [widthPx = 1280, heightPx = 720] = value.split('x').map(Number);
        edit((collection) => ({ ...collection, canvas: { ...collection.canvas, widthPx, heightPx } }));
      }}
    />
  );
}

function TimeCodeSwitch() {
  const { t } = useTranslation();
  const timeCode = useCollection(({ collection }) => collection?.timeCode ?? false);
  return (
    <SwitchRow
      label={t('settings.timeCode')}
      checked={timeCode}
      onChange={(on) => edit(({ timeCode: _before, ...rest }) => (on ? { ...rest, timeCode: true } : rest))}
    />
  );
}
