import { FolderOpen } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import type { Profile } from '../../../src-shared/domain/index.ts';
import { useEngine } from '../../engine-client/engine.ts';
import { invokeShell, shellBridge } from '../../engine-client/shell.ts';
import { Button } from '../../ui/button.tsx';
import { NumberField, SelectField, TextField } from '../../ui/fields.tsx';
import { say } from '../activity/notices.ts';
import { useRecorder } from '../session/use-session.ts';
import { saveProfile } from './save-profile.ts';

export function RecordingSettings({ profile }: { profile: Profile }) {
  const { t } = useTranslation();
  const standard = useEngine('studio.info', ({ recordingsDirectory }) => recordingsDirectory) ?? '';
  const isRecording = useRecorder().phase === 'recording';
  const { recording } = profile;
  const change = (part: Partial<Profile['recording']>) => saveProfile({ ...profile, recording: { ...recording, ...part } });
  const pick = async () => {
    const folder = await invokeShell('shell.pickFolder', { title: t('settings.folder') });
    if (folder) change({ folder });
  };
  return (
    <>
      {isRecording && <p className="note calm">{t('settings.liveRecording')}</p>}
      <TextField
        label={t('settings.folder')}
        hint={t('settings.folderHint')}
        value={recording.folder}
        placeholder={standard}
        maxLength={4_096}
        onCommit={(folder) => change({ folder: folder.trim() })}
      />
      {shellBridge && (
        <Button onClick={() => void pick().catch(say)}>
          <FolderOpen size={15} /> {t('settings.chooseFolder')}
        </Button>
      )}
      <NumberField
        label={t('settings.recordingBitrate')}
        unit="kbps"
        min={500}
        max={100_000}
        step={500}
        value={recording.bitrateKbps}
        onCommit={(bitrateKbps) => change({ bitrateKbps: Math.round(bitrateKbps) })}
      />
      <SelectField
        label={t('settings.encode')}
        hint={t(`settings.encodeHints.${recording.encode}`)}
        value={recording.encode}
        options={(['auto', 'own', 'shared'] as const).map((value) => ({ value, label: t(`settings.encodes.${value}`) }))}
        onChange={(encode) => change({ encode })}
      />
    </>
  );
}
