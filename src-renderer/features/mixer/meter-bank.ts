/** Draws all level meters of the mixer on their canvases, at the display's rate, without React and without layout. */
import type { Unsubscribe } from '../../../src-shared/disposable.ts';
import type { MeterReading } from '../../compositor/studio-media.ts';
import { meterPosition } from './fader.ts';

const FALL_DB_PER_S = 24;
const HOLD_MS = 1_200;
const CLIP_HOLD_MS = 3_000;
const CLIP_DB = -0.1;
const ZONES = [
  { upTo: meterPosition(-18), colour: '--meter-low' },
  { upTo: meterPosition(-6), colour: '--meter-mid' },
  { upTo: 1, colour: '--meter-high' },
] as const;

interface Channel {
  peakDb: number;
  rmsDb: number;
  holdDb: number;
  heldAtMs: number;
}

interface Meter {
  context: CanvasRenderingContext2D;
  channels: [Channel, Channel];
  clippedAtMs: number;
}

const silent = (): Channel => ({ peakDb: -120, rmsDb: -120, holdDb: -120, heldAtMs: 0 });

export class MeterBank {
  readonly #meters = new Map<string, Meter>();
  #colours: Record<string, string> = {};
  #lastMs = 0;

  /** A canvas shows one strip until it is detached. */
  attach(id: string, canvas: HTMLCanvasElement): Unsubscribe {
    const context = canvas.getContext('2d');
    if (context) this.#meters.set(id, { context, channels: [silent(), silent()], clippedAtMs: Number.NEGATIVE_INFINITY });
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

  take(readings: readonly MeterReading[]): void {
    const nowMs = performance.now();
    for (const { inputId, peakDb, rmsDb } of readings) {
      const meter = this.#meters.get(inputId);
      if (!meter) continue;
      for (const side of [0, 1] as const) {
        const channel = meter.channels[side];
        channel.peakDb = Math.max(channel.peakDb, peakDb[side]);
        channel.rmsDb = rmsDb[side];
        if (peakDb[side] >= channel.holdDb) Object.assign(channel, { holdDb: peakDb[side], heldAtMs: nowMs });
        if (peakDb[side] >= CLIP_DB) meter.clippedAtMs = nowMs;
      }
    }
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
    const fallDb = (FALL_DB_PER_S * Math.min(100, nowMs - this.#lastMs)) / 1_000;
    this.#lastMs = nowMs;
    for (const meter of this.#meters.values()) {
      const { canvas } = meter.context;
      const barWidth = Math.floor((canvas.width - 2 * devicePixelRatio) / 2);
      meter.context.clearRect(0, 0, canvas.width, canvas.height);
      meter.channels.forEach((channel, side) => {
        channel.peakDb = Math.max(-120, channel.peakDb - fallDb);
        if (nowMs - channel.heldAtMs > HOLD_MS) channel.holdDb = Math.max(-120, channel.holdDb - fallDb);
        this.#bar(meter.context, side * (canvas.width - barWidth), barWidth, channel, nowMs - meter.clippedAtMs < CLIP_HOLD_MS);
      });
    }
  }

  /** Peak as a pale bar, RMS as a full one, the held peak as a line, clipping as a lamp on top. */
  #bar(context: CanvasRenderingContext2D, x: number, width: number, channel: Channel, clipped: boolean): void {
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
    fill(channel.peakDb, 0.45);
    fill(channel.rmsDb, 1);
    const held = meterPosition(channel.holdDb);
    if (held <= 0) return;
    context.fillStyle = this.#colours['--text'] ?? '';
    context.fillRect(x, top + height * (1 - held), width, Math.max(1, devicePixelRatio));
  }
}
