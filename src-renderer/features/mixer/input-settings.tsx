import { Headphones, Trash2 } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { type AudioInput, SYNC_OFFSET_MS } from '../../../src-shared/domain/index.ts';
import { Button } from '../../ui/button.tsx';
import { NumberField, SelectField, SwitchRow, TextField } from '../../ui/fields.tsx';
import { changeInput, removeInput } from '../collection/edits.ts';
import { edit } from '../collection/store.ts';
import { deviceOptions } from '../sources/device-options.ts';
import { useMedia } from '../stage/media.ts';

const MONITORING = ['off', 'only', 'both'] as const;

export function InputSettings({ input }: { input: AudioInput }) {
  const { t } = useTranslation();
  const change = (part: Partial<AudioInput>) => edit(changeInput(input.id, part));
  return (
    <div className="stack">
      <TextField
        label={t('common.name')}
        value={input.name}
        maxLength={100}
        onCommit={(name) => name.trim() && change({ name: name.trim() })}
      />
      {input.kind === 'microphone' ? <Device input={input} /> : <DesktopSound input={input} />}
      <NumberField
        inline
        label={t('mixer.pan')}
        hint={t('mixer.panHint')}
        value={Math.round(input.pan * 100)}
        unit="%"
        min={-100}
        max={100}
        step={5}
        onCommit={(pan) => change({ pan: pan / 100 })}
      />
      <NumberField
        inline
        label={t('mixer.syncOffset')}
        hint={t('mixer.syncOffsetHint')}
        value={input.syncOffsetMs}
        unit="ms"
        {...SYNC_OFFSET_MS}
        step={10}
        onCommit={(syncOffsetMs) => change({ syncOffsetMs })}
      />
      <SelectField
        label={t('mixer.monitoring')}
        value={input.monitoring}
        options={MONITORING.map((value) => ({ value, label: t(`mixer.monitor.${value}`) }))}
        onChange={(monitoring) => change({ monitoring })}
      />
      {input.monitoring !== 'off' && input.kind === 'microphone' && (
        <p className="note">
          <Headphones size={14} aria-hidden="true" /> {t('mixer.headphones')}
        </p>
      )}
      <Button look="quiet danger" onClick={() => edit(removeInput(input.id))}>
        <Trash2 size={14} /> {t('mixer.remove')}
      </Button>
    </div>
  );
}

function Device({ input }: { input: AudioInput }) {
  const { t } = useTranslation();
  const devices = useMedia((state) => state.devices);
  const change = (part: Partial<AudioInput>) => edit(changeInput(input.id, part));
  return (
    <>
      <SelectField
        label={t('mixer.device')}
        value={input.deviceId ?? ''}
        options={deviceOptions(devices, 'audioinput', input, t('mixer.systemDefault'))}
        onChange={(id) =>
          change({ deviceId: id || null, deviceLabel: devices.find(({ deviceId }) => deviceId === id)?.label.slice(0, 256) ?? '' })
        }
      />
      <SwitchRow label={t('mixer.echo')} checked={input.echoCancellation} onChange={(echoCancellation) => change({ echoCancellation })} />
      <SwitchRow label={t('mixer.noise')} checked={input.noiseSuppression} onChange={(noiseSuppression) => change({ noiseSuppression })} />
      <SwitchRow label={t('mixer.autoGain')} checked={input.autoGainControl} onChange={(autoGainControl) => change({ autoGainControl })} />
    </>
  );
}

/** It is chosen in the browser's own dialogue, which comes upon a click. */
function DesktopSound({ input }: { input: AudioInput }) {
  const { t } = useTranslation();
  return (
    <>
      <p className="hint">{t('mixer.desktopHint')}</p>
      <Button onClick={() => useMedia.getState().media?.retryInput(input.id)}>{t('mixer.desktopChoose')}</Button>
    </>
  );
}
