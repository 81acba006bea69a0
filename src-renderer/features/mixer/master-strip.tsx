import { RotateCcw, SlidersHorizontal } from 'lucide-react';
import { Popover } from 'radix-ui';
import { useTranslation } from 'react-i18next';
import { usePreferences } from '../../app/preferences.ts';
import { Button } from '../../ui/button.tsx';
import { SelectField } from '../../ui/fields.tsx';
import { useCollection } from '../collection/store.ts';
import { deviceOptions } from '../sources/device-options.ts';
import { useMedia } from '../stage/media.ts';
import { MeterCanvas, Readings, Scale } from './meter.tsx';
import type { MeterBank } from './meter-bank.ts';

/** The sum that viewers hear. */
export function MasterStrip({ bank }: { bank: MeterBank }) {
  const { t } = useTranslation();
  const isSolo = useCollection(({ collection }) => collection?.audioInputs.some(({ solo }) => solo) ?? false);
  return (
    <section className="strip master" role="group" aria-label={t('mixer.master')}>
      <div className="strip-head">
        <span className="truncate grow">{t('mixer.master')}</span>
        {isSolo && (
          <span className="solo-chip" title={t('mixer.soloHint')}>
            {t('mixer.soloOn')}
          </span>
        )}
      </div>
      <div className="strip-body">
        <MeterCanvas id="master" bank={bank} />
        <Scale />
        <Readings id="master" bank={bank} />
      </div>
      <div className="strip-foot">
        <span className="grow" />
        <Popover.Root>
          <Popover.Trigger asChild>
            <button type="button" className="icon-button small" aria-label={t('mixer.masterSettings')}>
              <SlidersHorizontal size={14} />
            </button>
          </Popover.Trigger>
          <Popover.Portal>
            <Popover.Content className="popover" side="top" sideOffset={6} collisionPadding={8} aria-label={t('mixer.masterSettings')}>
              <MasterSettings />
            </Popover.Content>
          </Popover.Portal>
        </Popover.Root>
      </div>
    </section>
  );
}

function MasterSettings() {
  const { t } = useTranslation();
  const devices = useMedia((state) => state.devices);
  const monitor = usePreferences(({ monitor }) => monitor);
  return (
    <div className="stack">
      <SelectField
        label={t('mixer.monitorDevice')}
        hint={t('mixer.monitorDeviceHint')}
        value={monitor.deviceId ?? ''}
        options={deviceOptions(devices, 'audiooutput', monitor, t('mixer.systemOutput'))}
        onChange={(id) => {
          const deviceLabel = devices.find(({ deviceId }) => deviceId === id)?.label ?? '';
          usePreferences.setState({ monitor: { deviceId: id || null, deviceLabel } });
        }}
      />
      <Button look="quiet" onClick={() => useMedia.getState().media?.restartLoudness()}>
        <RotateCcw size={14} /> {t('mixer.restartLoudness')}
      </Button>
    </div>
  );
}
