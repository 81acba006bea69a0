import { useTranslation } from 'react-i18next';
import { type AudioSettings as Audio, type Profile, recommendedAudio, type ShowKind } from '../../../src-shared/domain/index.ts';
import { NumberField, SelectField } from '../../ui/fields.tsx';
import { PlatformNotes, usePlatforms } from './platform-notes.tsx';
import { saveProfile } from './save-profile.ts';

const KINDS: readonly ShowKind[] = ['talk', 'game', 'music'];

/** The sound of a kind of show, or one's own values. */
export function AudioSettings({ profile }: { profile: Profile }) {
  const { t } = useTranslation();
  const platforms = usePlatforms();
  const { audio } = profile;
  const change = (part: Partial<Audio>) => saveProfile({ ...profile, audio: { ...audio, ...part } });
  const fits = (kind: ShowKind) => {
    const { codec, bitrateKbps } = recommendedAudio(kind, platforms);
    return codec === audio.codec && bitrateKbps === audio.bitrateKbps;
  };
  const kind = KINDS.find(fits) ?? 'own';
  return (
    <>
      <SelectField
        label={t('settings.showKind')}
        hint={t('settings.showKindHint')}
        value={kind}
        options={[
          ...KINDS.map((value) => ({
            value,
            label: t('settings.showKindWith', {
              kind: t(`settings.showKinds.${value}`),
              kbps: recommendedAudio(value, platforms).bitrateKbps,
            }),
          })),
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
          onChange={(codec: Audio['codec']) => change({ codec })}
        />
        <NumberField
          label={t('settings.audioBitrate')}
          unit="kbps"
          min={32}
          max={512}
          step={16}
          value={audio.bitrateKbps}
          onCommit={(bitrateKbps) => change({ bitrateKbps: Math.round(bitrateKbps) })}
        />
      </div>
      <PlatformNotes profile={profile} about="audio" />
    </>
  );
}
