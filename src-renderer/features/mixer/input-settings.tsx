import { Trash2 } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import type { AudioInput } from '../../../src-shared/domain/index.ts';
import { Button } from '../../ui/button.tsx';
import { SelectField, SwitchRow, TextField } from '../../ui/fields.tsx';
import { changeInput, removeInput } from '../collection/edits.ts';
import { edit } from '../collection/store.ts';
import { deviceOptions } from '../sources/device-options.ts';
import { useMedia } from '../stage/media.ts';

export function InputSettings({ input }: { input: AudioInput }) {
  const { t } = useTranslation();
  const devices = useMedia((state) => state.devices);
  const change = (part: Partial<AudioInput>) => edit(changeInput(input.id, part));
  const options = deviceOptions(devices, 'audioinput', input, t('mixer.systemDefault'));
  return (
    <div className="stack">
      <TextField
        label={t('common.name')}
        value={input.name}
        maxLength={100}
        onCommit={(name) => name.trim() && change({ name: name.trim() })}
      />
      <SelectField
        label={t('mixer.device')}
        value={input.deviceId ?? ''}
        options={options}
        onChange={(id) =>
          change({ deviceId: id || null, deviceLabel: devices.find(({ deviceId }) => deviceId === id)?.label.slice(0, 256) ?? '' })
        }
      />
      <SwitchRow label={t('mixer.echo')} checked={input.echoCancellation} onChange={(echoCancellation) => change({ echoCancellation })} />
      <SwitchRow label={t('mixer.noise')} checked={input.noiseSuppression} onChange={(noiseSuppression) => change({ noiseSuppression })} />
      <SwitchRow label={t('mixer.autoGain')} checked={input.autoGainControl} onChange={(autoGainControl) => change({ autoGainControl })} />
      <Button look="quiet danger" onClick={() => edit(removeInput(input.id))}>
        <Trash2 size={14} /> {t('mixer.remove')}
      </Button>
    </div>
  );
}
