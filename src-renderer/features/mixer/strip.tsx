import { Mic, MicOff, SlidersHorizontal, TriangleAlert } from 'lucide-react';
import { Popover, Slider } from 'radix-ui';
import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import type { AudioInput } from '../../../src-shared/domain/index.ts';
import { formatDb } from '../../ui/format.ts';
import { Hint } from '../../ui/hint.tsx';
import { useFailureText } from '../activity/failure-text.ts';
import { changeInput } from '../collection/edits.ts';
import { edit } from '../collection/store.ts';
import { useMedia } from '../stage/media.ts';
import { dbToFader, faderToDb } from './fader.ts';
import { InputSettings } from './input-settings.tsx';
import type { MeterBank } from './meter-bank.ts';

export function Strip({ input, bank }: { input: AudioInput; bank: MeterBank }) {
  const { t } = useTranslation();
  const status = useMedia(({ inputs }) => inputs.get(input.id));
  const failureText = useFailureText();
  const muteLabel = t(input.muted ? 'mixer.unmute' : 'mixer.mute', { name: input.name });
  return (
    <section className="strip" role="group" aria-label={input.name} data-muted={input.muted || undefined}>
      <div className="strip-head">
        <span className="truncate grow" title={input.name}>
          {input.name}
        </span>
        {status?.failure && (
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
        )}
      </div>
      <div className="strip-body">
        <Fader input={input} />
        <MeterCanvas id={input.id} bank={bank} />
        <Scale />
      </div>
      <div className="strip-foot">
        <button
          type="button"
          className="icon-button small mute"
          aria-label={muteLabel}
          title={muteLabel}
          aria-pressed={input.muted}
          onClick={() => edit(changeInput(input.id, { muted: !input.muted }))}
        >
          {input.muted ? <MicOff size={15} /> : <Mic size={15} />}
        </button>
        <span className="figure grow strip-db">{formatDb(input.gainDb)}</span>
        <Popover.Root>
          <Popover.Trigger asChild>
            <button type="button" className="icon-button small" aria-label={t('mixer.settings', { name: input.name })}>
              <SlidersHorizontal size={14} />
            </button>
          </Popover.Trigger>
          <Popover.Portal>
            <Popover.Content
              className="popover"
              side="top"
              sideOffset={6}
              collisionPadding={8}
              aria-label={t('mixer.settings', { name: input.name })}
            >
              <InputSettings input={input} />
            </Popover.Content>
          </Popover.Portal>
        </Popover.Root>
      </div>
    </section>
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

function MeterCanvas({ id, bank }: { id: string; bank: MeterBank }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => (canvas.current ? bank.attach(id, canvas.current) : undefined), [id, bank]);
  return <canvas ref={canvas} className="meter" />;
}

function Scale() {
  return (
    <div className="meter-scale figure" aria-hidden="true">
      {[0, -12, -24, -36, -48].map((db) => (
        <span key={db} style={{ bottom: `${((db + 60) / 60) * 100}%` }}>
          {Math.abs(db)}
        </span>
      ))}
    </div>
  );
}

/** The sum that viewers hear. */
export function MasterStrip({ bank }: { bank: MeterBank }) {
  const { t } = useTranslation();
  return (
    <section className="strip master" role="group" aria-label={t('mixer.master')}>
      <div className="strip-head">
        <span className="truncate">{t('mixer.master')}</span>
      </div>
      <div className="strip-body">
        <MeterCanvas id="master" bank={bank} />
        <Scale />
      </div>
      <div className="strip-foot">
        <span className="faint">dBFS</span>
      </div>
    </section>
  );
}
