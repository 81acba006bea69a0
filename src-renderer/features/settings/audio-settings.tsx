import { useTranslation } from 'react-i18next';
import {
  type AudioSettings as Audio,
  maxAudioKbps,
  type Profile,
  recommendedAudio,
  type ShowKind,
} from '../../../src-shared/domain/index.ts';
import { NumberField, SelectField } from '../../ui/fields.tsx';
import { PlatformNotes, usePlatforms } from './platform-notes.tsx';
import { saveProfile } from './save-profile.ts';

const KINDS: readonly ShowKind[] = ['talk', 'game', 'music'];
const RATES_HZ: readonly Audio['sampleRateHz'][] = [44_100, 48_000];
const CHANNELS: readonly Audio['channels'][] = [1, 2];
const nameOf = (channels: Audio['channels']) => (channels === 1 ? 'mono' : 'stereo');

/** The sound of a kind of show, or one's own values. */
export function AudioSettings({ profile }: { profile: Profile }) {
  const { t, i18n } = useTranslation();
  const platforms = usePlatforms();
  const { audio } = profile;
  const change = (part: Partial<Audio>) => saveProfile({ ...profile, audio: { ...audio, ...part } });
  const fits = (kind: ShowKind) => {
    const { codec, bitrateKbps, sampleRateHz, channels } = recommendedAudio(kind, platforms);
    const same = codec === audio.codec && bitrateKbps === audio.bitrateKbps;
    return same && sampleRateHz === audio.sampleRateHz && channels === audio.channels;
  };
  const most = maxAudioKbps(audio);
  const kind = KINDS.find(fits) ?? 'own';
  return (
    <>
      <SelectField
        label={t('settings.showKind')}
        hint={t('settings.showKindHint')}
        value={kind}
        options={[
          ...KINDS.map((value) => {
            const { bitrateKbps, channels } = recommendedAudio(value, platforms);
            const about = {
              kind: t(`settings.showKinds.${value}`),
              kbps: bitrateKbps,
              channels: t(`settings.channels.${nameOf(channels)}`),
            };
            return { value, label: t('settings.showKindWith', about) };
          }),
          { value: 'own' as const, label: t('settings.showKinds.own'), disabled: kind !== 'own' },
        ]}
        onChange={(value) => value !== 'own' && change(recommendedAudio(value, platforms))}
      />
      <div className="pair">
        <SelectField
          label={t('settings.audioCodec')}
          value={audio.codec}
          options={[
            { value: 'aac', label: 'AAC-LC' },
            { value: 'opus', label: 'Opus' },
            // FFmpeg's own AAC encoder has none, and the licence of the one that has does not go with ours
            { value: 'he-aac', label: t('settings.heAac'), disabled: audio.codec !== 'he-aac' },
          ]}
          onChange={(codec: Audio['codec']) => change(codec === 'opus' ? { codec, sampleRateHz: 48_000 } : { codec })}
        />
        <NumberField
          label={t('settings.audioBitrate')}
          unit="kbps"
          min={32}
          max={512}
          step={16}
          value={audio.bitrateKbps}
          note={audio.bitrateKbps > most ? t('settings.audioMost', { kbps: most }) : undefined}
          onCommit={(bitrateKbps) => change({ bitrateKbps: Math.round(bitrateKbps) })}
        />
      </div>
      <div className="pair">
        <SelectField
          label={t('settings.sampleRate')}
          hint={audio.codec === 'opus' ? t('settings.opusRate') : undefined}
          value={String(audio.sampleRateHz)}
          options={RATES_HZ.map((rateHz) => ({
            value: String(rateHz),
            label: `${rateHz.toLocaleString(i18n.language)} Hz`,
            disabled: audio.codec === 'opus' && rateHz !== 48_000,
          }))}
          onChange={(value) => change({ sampleRateHz: RATES_HZ.find((rateHz) => String(rateHz) === value) ?? 48_000 })}
        />
        <SelectField
          label={t('settings.audioChannels')}
          hint={audio.channels === 1 ? t('settings.monoHint') : undefined}
          value={String(audio.channels)}
          options={CHANNELS.map((channels) => ({ value: String(channels), label: t(`settings.channels.${nameOf(channels)}`) }))}
          onChange={(value) => change({ channels: value === '1' ? 1 : 2 })}
        />
      </div>
      <PlatformNotes profile={profile} about="audio" />
    </>
  );
}
