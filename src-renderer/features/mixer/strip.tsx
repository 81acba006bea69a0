import { AudioLines, Headphones, Mic, MicOff, SlidersHorizontal, TriangleAlert, Volume2, VolumeX } from 'lucide-react';
import { Popover, Slider } from 'radix-ui';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { AudioInput } from '../../../src-shared/domain/index.ts';
import { formatDb } from '../../ui/format.ts';
import { Hint } from '../../ui/hint.tsx';
import { useFailureText } from '../activity/failure-text.ts';
import { changeInput } from '../collection/edits.ts';
import { edit } from '../collection/store.ts';
import { useMedia } from '../stage/media.ts';
import { dbToFader, faderToDb } from './fader.ts';
import { FilterSheet } from './filter-sheet.tsx';
import { InputSettings } from './input-settings.tsx';
import { MeterCanvas, Readings, Scale } from './meter.tsx';
import type { MeterBank } from './meter-bank.ts';

export function Strip({ input, bank }: { input: AudioInput; bank: MeterBank }) {
  const { t } = useTranslation();
  return (
    <section className="strip" role="group" aria-label={input.name} data-muted={input.muted || undefined}>
      <div className="strip-head">
        <span className="truncate grow" title={input.name}>
          {input.name}
        </span>
        <Problem input={input} />
        <span className="figure strip-db">{formatDb(input.gainDb)}</span>
      </div>
      <div className="strip-body">
        <Fader input={input} />
        <MeterCanvas id={input.id} bank={bank} />
        <Scale />
        <Readings id={input.id} bank={bank} />
      </div>
      <PanSlider input={input} />
      <div className="strip-foot">
        <Toggles input={input} />
        <span className="grow" />
        <Sheet wide icon={<AudioLines size={14} />} count={input.filters.length} label={t('mixer.filters', { name: input.name })}>
          <FilterSheet input={input} />
        </Sheet>
        <Sheet icon={<SlidersHorizontal size={14} />} label={t('mixer.settings', { name: input.name })}>
          <InputSettings input={input} />
        </Sheet>
      </div>
    </section>
  );
}

function Problem({ input }: { input: AudioInput }) {
  const { t } = useTranslation();
  const status = useMedia(({ inputs }) => inputs.get(input.id));
  const failureText = useFailureText();
  if (!status?.failure) return null;
  return (
    <Hint label={failureText(status.failure)}>
      <button
        type="button"
        className="icon-button small warn"
        aria-label={`${failureText(status.failure)} ${t('common.retry')}`}
        onClick={() => useMedia.getState().media?.retryInput(input.id)}
      >
        <TriangleAlert size={14} />
      </button>
    </Hint>
  );
}

/** Mute, solo, and whether the user hears it. */
function Toggles({ input }: { input: AudioInput }) {
  const { t } = useTranslation();
  const { name, muted, solo, monitoring } = input;
  const change = (part: Partial<AudioInput>) => edit(changeInput(input.id, part));
  const [On, Off] = input.kind === 'desktop' ? [Volume2, VolumeX] : [Mic, MicOff];
  const muteLabel = t(muted ? 'mixer.unmute' : 'mixer.mute', { name });
  const monitorLabel = t('mixer.monitorToggle', { name });
  return (
    <>
      <button
        type="button"
        className="icon-button small mute"
        aria-label={muteLabel}
        title={muteLabel}
        aria-pressed={muted}
        onClick={() => change({ muted: !muted })}
      >
        {muted ? <Off size={15} /> : <On size={15} />}
      </button>
      <button
        type="button"
        className="icon-button small solo"
        aria-label={t('mixer.solo', { name })}
        title={t('mixer.soloHint')}
        aria-pressed={solo}
        onClick={() => change({ solo: !solo })}
      >
        S
      </button>
      <button
        type="button"
        className="icon-button small monitor"
        aria-label={monitorLabel}
        title={`${monitorLabel}: ${t(`mixer.monitor.${monitoring}`)}`}
        aria-pressed={monitoring !== 'off'}
        onClick={() => change({ monitoring: monitoring === 'off' ? 'both' : 'off' })}
      >
        <Headphones size={14} />
      </button>
    </>
  );
}

function Sheet({
  icon,
  label,
  count = 0,
  wide,
  children,
}: {
  icon: ReactNode;
  label: string;
  count?: number;
  wide?: boolean;
  children: ReactNode;
}) {
  return (
    <Popover.Root>
      <Popover.Trigger asChild>
        <button type="button" className="icon-button small" aria-label={label} title={label}>
          {icon}
          {count > 0 && <span className="count">{count}</span>}
        </button>
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content
          className={`popover sheet ${wide ? 'wide' : ''}`}
          side="top"
          sideOffset={6}
          collisionPadding={8}
          aria-label={label}
        >
          {children}
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}

function Fader({ input }: { input: AudioInput }) {
  const { t } = useTranslation();
  const set = (position: number) => edit(changeInput(input.id, { gainDb: Math.round(faderToDb(position) * 10) / 10 }), `gain:${input.id}`);
  return (
    <Slider.Root
      className="fader"
      orientation="vertical"
      min={0}
      max={1}
      step={0.01}
      value={[dbToFader(input.gainDb)]}
      onValueChange={([position = 0]) => set(position)}
      onDoubleClick={() => edit(changeInput(input.id, { gainDb: 0 }))}
    >
      <Slider.Track className="fader-track">
        <Slider.Range className="fader-range" />
      </Slider.Track>
      <Slider.Thumb className="fader-thumb" aria-label={t('mixer.gain', { name: input.name })} aria-valuetext={formatDb(input.gainDb)} />
    </Slider.Root>
  );
}

function PanSlider({ input }: { input: AudioInput }) {
  const { t } = useTranslation();
  const percent = Math.round(Math.abs(input.pan) * 100);
  const words = percent === 0 ? t('mixer.panCentre') : t(input.pan < 0 ? 'mixer.panLeft' : 'mixer.panRight', { percent });
  return (
    <div className="pan" title={words}>
      <span aria-hidden="true">L</span>
      <Slider.Root
        className="pan-slider"
        min={-1}
        max={1}
        step={0.05}
        value={[input.pan]}
        onValueChange={([pan = 0]) => edit(changeInput(input.id, { pan: Math.round(pan * 100) / 100 }), `pan:${input.id}`)}
        onDoubleClick={() => edit(changeInput(input.id, { pan: 0 }))}
      >
        <Slider.Track className="pan-track" />
        <Slider.Thumb className="pan-thumb" aria-label={t('mixer.panOf', { name: input.name })} aria-valuetext={words} />
      </Slider.Root>
      <span aria-hidden="true">R</span>
    </div>
  );
}
