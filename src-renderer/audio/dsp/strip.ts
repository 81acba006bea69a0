/** One strip: feed → sync offset → filters → fader → meter → mute and solo → pan. What comes out goes to buses as the mixer says. */
import type { AudioInput } from '../../../src-shared/domain/audio.ts';
import { AUDIO_SAMPLE_RATE_HZ, dbToGain } from '../../../src-shared/units.ts';
import { FilterChain, keysOf } from './chain.ts';
import { Delay } from './delay.ts';
import { Glide } from './gain.ts';
import { Meter } from './meter.ts';
import type { Denoiser } from './noise-suppression.ts';
import { BLOCK_FRAMES, type StereoBlock } from './processor.ts';

/** What a strip needs to know of its AudioInput. */
export type StripSettings = Pick<AudioInput, 'id' | 'gainDb' | 'muted' | 'solo' | 'pan' | 'syncOffsetMs' | 'monitoring' | 'filters'>;

/** Where a strip's sound comes from: fills both sides, with silence where there is none. */
export interface Feed {
  read(left: Float32Array, right: Float32Array): boolean;
}

/** 2.5 s: an offset of 2 s, and half a second by which others are earlier */
const DELAY_FRAMES_MAX = 2.5 * AUDIO_SAMPLE_RATE_HZ;

/**
 * Which share each side gets. The side that a strip is turned away from falls as a cosine, the other stays as it is, so
 * that nothing gets louder.
 */
export function panGains(pan: number): { left: number; right: number } {
  const fall = (away: number) => (away >= 1 ? 0 : Math.cos((Math.max(0, away) * Math.PI) / 2));
  return { left: fall(pan), right: fall(-pan) };
}

export class Strip {
  /** what came out of the last block; a strip that is muted or not solo gives silence */
  readonly left = new Float32Array(BLOCK_FRAMES);
  readonly right = new Float32Array(BLOCK_FRAMES);
  feed: Feed | null = null;
  settings: StripSettings;
  /** of the strips whose level it listens to */
  keys: readonly string[] = [];
  readonly #chain: FilterChain;
  readonly #delay = new Delay(DELAY_FRAMES_MAX);
  readonly #meter: Meter;
  readonly #leftGain = new Glide(1);
  readonly #rightGain = new Glide(1);
  readonly #leftOpen = new Glide(1);
  readonly #rightOpen = new Glide(1);
  #isNew = true;

  constructor(settings: StripSettings, meterPlace: Float32Array, openDenoiser: (() => Denoiser) | null) {
    this.settings = settings;
    this.#meter = new Meter(meterPlace);
    this.#chain = new FilterChain(openDenoiser);
  }

  /** @param aheadMs by how much other strips are early, for which this one waits @param isHeard not muted, and solo where one is */
  set(settings: StripSettings, aheadMs: number, isHeard: boolean): void {
    this.settings = settings;
    this.keys = keysOf(settings.filters);
    this.#chain.set(settings.filters);
    // filters that delay take their time out of the offset, as far as it goes
    this.#delay.frames = ((settings.syncOffsetMs + aheadMs) * AUDIO_SAMPLE_RATE_HZ) / 1_000 - this.#chain.latencyFrames;
    this.#leftGain.target = this.#rightGain.target = dbToGain(settings.gainDb);
    const pan = panGains(settings.pan);
    this.#leftOpen.target = isHeard ? pan.left : 0;
    this.#rightOpen.target = isHeard ? pan.right : 0;
    if (this.#isNew) for (const glide of [this.#leftGain, this.#rightGain, this.#leftOpen, this.#rightOpen]) glide.jump();
    this.#isNew = false;
  }

  process(keyOf: (id: string | null) => StereoBlock): void {
    const { left, right } = this;
    if (!this.feed) {
      left.fill(0);
      right.fill(0);
    } else this.feed.read(left, right);
    this.#delay.process(left, right);
    this.#chain.process(left, right, keyOf);
    this.#leftGain.process(left);
    this.#rightGain.process(right);
    this.#meter.add(this);
    this.#leftOpen.process(left);
    this.#rightOpen.process(right);
  }

  close(): void {
    this.#chain.close();
  }
}
