import { Mic, MonitorSpeaker, Plus } from 'lucide-react';
import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import type { AudioInput } from '../../../src-shared/domain/index.ts';
import { Button, IconButton } from '../../ui/button.tsx';
import { Menu, MenuItem } from '../../ui/menu.tsx';
import { useCollection } from '../collection/store.ts';
import { useMedia } from '../stage/media.ts';
import { addAudioInput } from './input-actions.ts';
import { MasterStrip } from './master-strip.tsx';
import { MeterBank } from './meter-bank.ts';
import { Strip } from './strip.tsx';

const NONE: readonly AudioInput[] = [];

export function Mixer() {
  const { t } = useTranslation();
  const inputs = useCollection(({ collection }) => collection?.audioInputs ?? NONE);
  const media = useMedia((state) => state.media);
  const bank = useRef<MeterBank>(null);
  bank.current ??= new MeterBank();
  useEffect(() => {
    const meters = bank.current;
    if (!media || !meters) return;
    const stop = media.onMeters((readings) => meters.take(readings));
    const stopDrawing = meters.run();
    return () => {
      stop();
      stopDrawing();
    };
  }, [media]);
  return (
    <section className="mixer" aria-label={t('mixer.title')}>
      <div className="panel-head">
        <h2>{t('mixer.title')}</h2>
        <Menu
          align="end"
          trigger={
            <IconButton small label={t('mixer.addInput')}>
              <Plus size={16} />
            </IconButton>
          }
        >
          <MenuItem icon={<Mic size={15} />} onSelect={() => addAudioInput('microphone')}>
            {t('mixer.add')}
          </MenuItem>
          <MenuItem icon={<MonitorSpeaker size={15} />} onSelect={() => addAudioInput('desktop')}>
            {t('mixer.addDesktop')}
          </MenuItem>
        </Menu>
      </div>
      <div className="strips">
        {inputs.map((input) => (
          <Strip key={input.id} input={input} bank={bank.current as MeterBank} />
        ))}
        {inputs.length === 0 && (
          <div className="strip-empty">
            <p>{t('mixer.empty')}</p>
            <Button onClick={() => addAudioInput('microphone')}>
              <Mic size={15} /> {t('mixer.add')}
            </Button>
          </div>
        )}
        <MasterStrip bank={bank.current} />
      </div>
    </section>
  );
}
