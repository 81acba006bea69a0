/**
 * The whole mix, block by block: strips, side chains, program and monitor. Runs in the one worklet, and in tests
 * without any. Strips that others listen to come first, so that ducking is not a block late.
 */
import { AUDIO_SAMPLE_RATE_HZ, US_PER_MS } from '../../../src-shared/units.ts';
import { METER_PLACES, type MeterBoard, PROGRAM_PLACE } from '../meter-board.ts';
import { Delay } from './delay.ts';
import { Meter } from './meter.ts';
import type { Denoiser } from './noise-suppression.ts';
import { BLOCK_FRAMES, type StereoBlock } from './processor.ts';
import { type Feed, Strip, type StripSettings } from './strip.ts';

export interface StripPlacement {
  settings: StripSettings;
  /** of the meter board */
  meterPlace: number;
}

const SILENCE: StereoBlock = { left: new Float32Array(BLOCK_FRAMES), right: new Float32Array(BLOCK_FRAMES) };

class Bus {
  readonly left = new Float32Array(BLOCK_FRAMES);
  readonly right = new Float32Array(BLOCK_FRAMES);

  clear(): void {
    this.left.fill(0);
    this.right.fill(0);
  }

  add({ left, right }: StereoBlock): void {
    for (let n = 0; n < BLOCK_FRAMES; n++) {
      this.left[n] = this.left[n]! + left[n]!;
      this.right[n] = this.right[n]! + right[n]!;
    }
  }
}

export class Mixer {
  readonly program = new Bus();
  readonly monitor = new Bus();
  /** what sounds in the program by itself: beeps */
  readonly beep = new Bus();
  readonly #board: MeterBoard;
  readonly #openDenoiser: (() => Denoiser) | null;
  readonly #meter: Meter;
  readonly #beepDelay = new Delay(AUDIO_SAMPLE_RATE_HZ);
  readonly #strips = new Map<string, Strip>();
  readonly #feeds = new Map<string, Feed>();
  #order: Strip[] = [];
  #aheadMs = 0;
  readonly #keyOf = (id: string | null): StereoBlock => (id === null ? SILENCE : (this.#strips.get(id) ?? SILENCE));

  constructor(board: MeterBoard, openDenoiser: (() => Denoiser) | null) {
    this.#board = board;
    this.#openDenoiser = openDenoiser;
    this.#meter = new Meter(board.place(PROGRAM_PLACE));
  }

  /** by how much the program is late because a strip is to be earlier: its samples belong to a time before */
  get aheadUs(): number {
    return this.#aheadMs * US_PER_MS;
  }

  set(placements: readonly StripPlacement[]): void {
    this.#aheadMs = Math.max(0, ...placements.map(({ settings }) => -settings.syncOffsetMs));
    this.#beepDelay.frames = (this.#aheadMs * AUDIO_SAMPLE_RATE_HZ) / 1_000;
    const isSolo = placements.some(({ settings }) => settings.solo);
    const kept = new Set<string>(placements.map(({ settings }) => settings.id));
    for (const [id, strip] of this.#strips)
      if (!kept.has(id)) {
        strip.close();
        this.#strips.delete(id);
      }
    for (const { settings, meterPlace } of placements) {
      let strip = this.#strips.get(settings.id);
      if (!strip) {
        strip = new Strip(settings, this.#board.place(Math.min(meterPlace, METER_PLACES - 1)), this.#openDenoiser);
        strip.feed = this.#feeds.get(settings.id) ?? null;
        this.#strips.set(settings.id, strip);
      }
      strip.set(settings, this.#aheadMs, !settings.muted && (!isSolo || settings.solo));
    }
    this.#order = this.#inOrder();
  }

  /** @param feed null: none any more */
  feed(id: string, feed: Feed | null): void {
    if (feed) this.#feeds.set(id, feed);
    else this.#feeds.delete(id);
    const strip = this.#strips.get(id);
    if (strip) strip.feed = feed;
  }

  restartLoudness(): void {
    this.#meter.restart();
  }

  /** Makes the next 128 frames of every bus. What is in `beep` is heard in the program and taken out. */
  process(): void {
    this.program.clear();
    this.monitor.clear();
    for (const strip of this.#order) {
      strip.process(this.#keyOf);
      const { monitoring } = strip.settings;
      if (monitoring !== 'off') this.monitor.add(strip);
      if (monitoring !== 'only') this.program.add(strip);
    }
    this.#beepDelay.process(this.beep.left, this.beep.right);
    this.program.add(this.beep);
    this.beep.clear();
    this.#meter.add(this.program);
  }

  /** Whoever is listened to before who listens; two that listen to each other hear a block late. */
  #inOrder(): Strip[] {
    const order = new Set<Strip>();
    const visiting = new Set<Strip>();
    const visit = (strip: Strip) => {
      if (order.has(strip) || visiting.has(strip)) return;
      visiting.add(strip);
      for (const key of strip.keys) {
        const heard = this.#strips.get(key);
        if (heard) visit(heard);
      }
      order.add(strip);
    };
    for (const strip of this.#strips.values()) visit(strip);
    return [...order];
  }
}
