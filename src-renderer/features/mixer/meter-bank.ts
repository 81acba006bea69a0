/** Draws all level meters of the mixer on their canvases, at the display's rate, without React and without layout. */
import type { Unsubscribe } from '../../../src-shared/disposable.ts';
import type { MeterValues } from '../../audio/meter-board.ts';
import type { MeterReading } from '../../compositor/studio-media.ts';
import { meterPosition } from './fader.ts';

const CLIP_HOLD_MS = 3_000;
const FIGURES_EVERY_MS = 200;
const ZONES = [
  { upTo: meterPosition(-18), colour: '--meter-low' },
  { upTo: meterPosition(-6), colour: '--meter-mid' },
  { upTo: 1, colour: '--meter-high' },
] as const;

interface Meter {
  context: CanvasRenderingContext2D;
  reading: MeterValues;
  clippedAtMs: number;
}

interface Bar {
  context: CanvasRenderingContext2D;
  x: number;
  width: number;
  clipped: boolean;
}

const SIDES = [0, 1] as const;
const SILENT: MeterValues = {
  peakDb: [-120, -120],
  holdDb: [-120, -120],
  rmsDb: [-120, -120],
  momentaryLufs: -120,
  shortTermLufs: -120,
  integratedLufs: -120,
  clips: 0,
};

const figure = (level: number) => (level <= -100 ? '−∞' : level.toFixed(1).replace('-', '−'));

export class MeterBank {
  readonly #meters = new Map<string, Meter>();
  readonly #figures = new Map<string, readonly HTMLElement[]>();
  #colours: Record<string, string> = {};
  #figuresAtMs = 0;

  /** A canvas shows one strip until it is detached. */
  attach(id: string, canvas: HTMLCanvasElement): Unsubscribe {
    const context = canvas.getContext('2d');
    if (context) this.#meters.set(id, { context, reading: SILENT, clippedAtMs: Number.NEGATIVE_INFINITY });
    const observer = new ResizeObserver(([entry]) => {
      if (!entry) return;
      canvas.width = Math.round(entry.contentRect.width * devicePixelRatio);
      canvas.height = Math.round(entry.contentRect.height * devicePixelRatio);
    });
    observer.observe(canvas);
    return () => {
      observer.disconnect();
      this.#meters.delete(id);
    };
  }

  /** @param elements of the peak, the RMS, the short-term loudness, and, where there is one, the integrated one */
  attachFigures(id: string, elements: readonly HTMLElement[]): Unsubscribe {
    this.#figures.set(id, elements);
    return () => this.#figures.delete(id);
  }

  take(readings: readonly MeterReading[]): void {
    const nowMs = performance.now();
    const writes = nowMs - this.#figuresAtMs > FIGURES_EVERY_MS;
    if (writes) this.#figuresAtMs = nowMs;
    for (const { inputId, ...reading } of readings) {
      if (writes) this.#write(inputId, reading);
      const meter = this.#meters.get(inputId);
      if (!meter) continue;
      if (reading.clips > meter.reading.clips && meter.reading !== SILENT) meter.clippedAtMs = nowMs;
      meter.reading = reading;
    }
  }

  #write(id: string, { holdDb, rmsDb, shortTermLufs, integratedLufs }: MeterValues): void {
    const values = [Math.max(...holdDb), Math.max(...rmsDb), shortTermLufs, integratedLufs];
    this.#figures.get(id)?.forEach((element, index) => {
      const text = figure(values[index] ?? -120);
      if (element.textContent !== text) element.textContent = text;
    });
  }

  /** Draws until unsubscribed. */
  run(): Unsubscribe {
    let frame = 0;
    const draw = (nowMs: number) => {
      this.#draw(nowMs);
      frame = requestAnimationFrame(draw);
    };
    const readColours = () => {
      const style = getComputedStyle(document.documentElement);
      this.#colours = Object.fromEntries(
        ['--meter-low', '--meter-mid', '--meter-high', '--meter-rest', '--text'].map((name) => [name, style.getPropertyValue(name)]),
      );
    };
    readColours();
    const themes = new MutationObserver(readColours);
    themes.observe(document.documentElement, { attributeFilter: ['data-theme'] });
    frame = requestAnimationFrame(draw);
    return () => {
      cancelAnimationFrame(frame);
      themes.disconnect();
    };
  }

  #draw(nowMs: number): void {
    for (const { context, reading, clippedAtMs } of this.#meters.values()) {
      const { canvas } = context;
      const width = Math.floor((canvas.width - 2 * devicePixelRatio) / 2);
      context.clearRect(0, 0, canvas.width, canvas.height);
      for (const side of SIDES)
        this.#bar({ context, x: side * (canvas.width - width), width, clipped: nowMs - clippedAtMs < CLIP_HOLD_MS }, reading, side);
    }
  }

  /** Peak as a pale bar, RMS as a full one, the held peak as a line, clipping as a lamp on top. */
  #bar({ context, x, width, clipped }: Bar, reading: MeterValues, side: 0 | 1): void {
    const lamp = Math.round(4 * devicePixelRatio);
    const top = lamp + Math.round(2 * devicePixelRatio);
    const height = context.canvas.height - top;
    context.fillStyle = this.#colours[clipped ? '--meter-high' : '--meter-rest'] ?? '';
    context.fillRect(x, 0, width, lamp);
    context.fillStyle = this.#colours['--meter-rest'] ?? '';
    context.fillRect(x, top, width, height);
    const fill = (db: number, alpha: number) => {
      let from = 0;
      context.globalAlpha = alpha;
      for (const { upTo, colour } of ZONES) {
        const to = Math.min(upTo, meterPosition(db));
        if (to <= from) break;
        context.fillStyle = this.#colours[colour] ?? '';
        context.fillRect(x, top + height * (1 - to), width, height * (to - from));
        from = upTo;
      }
      context.globalAlpha = 1;
    };
    fill(reading.peakDb[side], 0.45);
    fill(reading.rmsDb[side], 1);
    const held = meterPosition(reading.holdDb[side]);
    if (held <= 0) return;
    context.fillStyle = this.#colours['--text'] ?? '';
    context.fillRect(x, top + height * (1 - held), width, Math.max(1, devicePixelRatio));
  }
}
