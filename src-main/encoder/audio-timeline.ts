/**
 * Sound on the engine's clock: blocks come in with a sample index and a capture time, and go out as an unbroken row
 * of samples whose position is engine time. Gaps become silence; a sound card that runs fast or slow is resampled by
 * at most 0.2 %; what that cannot mend before it is seen is placed anew. Pure: no clock, no timers, no native code.
 */
import type { AudioBlock } from '../../src-shared/ipc/media.ts';
import { AUDIO_CHANNELS, AUDIO_SAMPLE_RATE_HZ, samplesToUs } from '../../src-shared/units.ts';
import { DriftResampler } from './resampler.ts';

/** How long after its time a sample is waited for before silence takes its place … */
export const SOUND_WAIT_US = 150_000;
/** … at first: where sound has come too late, the wait grows with it, so that a busy machine costs one hole and no more. */
export const SOUND_WAIT_MAX_US = 600_000;
/** After so many frames that all came earlier than they had to, the wait shrinks again (10 s), but for this much. */
const EASY_FRAMES = 469;
const EASY_MARGIN_US = 50_000;
/** 3.5 cents. Sound cards stay within 0.02 %; Chromium's stand-in for a missing one was measured 0.14 % slow. */
const STRETCH_MAX = 0.002;
/** A stamp this far off is wrong, or the sound has moved: two in a row decide. */
const OFF_SAMPLES = 0.1 * AUDIO_SAMPLE_RATE_HZ;
/** The average may not come to where sound before its picture is noticed, 40 ms (EBU R 37). */
const REBASE_SAMPLES = 0.03 * AUDIO_SAMPLE_RATE_HZ;
/** The error is averaged over about this much, since capture times jitter … */
const AVERAGE_SAMPLES = AUDIO_SAMPLE_RATE_HZ;
/** … and taken away within about this much: four times the average is critically damped. */
const CORRECT_SAMPLES = 4 * AUDIO_SAMPLE_RATE_HZ;
const CATCH_UP_MAX_US = 1_000_000;
/** Sound further ahead of the output than this is not kept. */
const AHEAD_MAX_SAMPLES = 2 * AUDIO_SAMPLE_RATE_HZ;

export interface AudioFrame {
  /** samples since the engine's epoch */
  position: number;
  /** planar stereo: all of the left channel, then all of the right */
  planes: Float32Array;
}

/** How the sample indices of one connection lie on the engine's clock. */
interface Mapping {
  nextIndex: number;
  /** average of capture time minus position, in samples */
  errorSamples: number;
  /** blocks in a row that were off by more than OFF_SAMPLES */
  offBlocks: number;
  resampler: DriftResampler;
}

export class AudioTimeline {
  #frameSamples: number;
  #read: number;
  /** interleaved sound from `#read` on; a ring would save little at 400 kB a second */
  #ahead = new Float32Array(0);
  /** samples that went out as silence although their place belongs to sound still to come: it is late, and dropped */
  #debt = 0;
  /** of that, what went out before the mapping began: a beginning, not lateness */
  #debtBefore = 0;
  #mapping: Mapping | null = null;
  #waitUs = SOUND_WAIT_US;
  /** frames since the wait was last set, and the least that one of them came before its deadline */
  #easy = { frames: 0, marginUs: Number.POSITIVE_INFINITY };
  readonly counts = { silenceSamples: 0, rebases: 0, skippedSamples: 0 };

  /** @param firstSample position of the first output sample, since the engine's epoch */
  constructor(frameSamples: number, firstSample: number) {
    this.#frameSamples = frameSamples;
    this.#read = firstSample;
  }

  /** The frames to come are of another size, as another codec has it. */
  setFrameSamples(frameSamples: number): void {
    this.#frameSamples = frameSamples;
  }

  /** A new connection counts its samples from 0 again. */
  restartInput(): void {
    this.#mapping = null;
  }

  /** when `take` has something to do even if no sound comes */
  get deadlineUs(): number {
    return samplesToUs(this.#read + this.#frameSamples) + this.#waitUs;
  }

  /** the mapping's average error, in samples: how far the sound would be out of step without correction */
  get errorSamples(): number {
    return this.#mapping?.errorSamples ?? 0;
  }

  offer(block: AudioBlock): void {
    const captured = (block.captureTimeUs * AUDIO_SAMPLE_RATE_HZ) / 1e6;
    const count = block.samples.length / AUDIO_CHANNELS;
    const mapping = this.#map(block.sampleIndex, captured);
    mapping.nextIndex = block.sampleIndex + count;
    const error = this.#errorOf(mapping, captured);
    mapping.errorSamples += (error - mapping.errorSamples) * Math.min(1, count / AVERAGE_SAMPLES);
    this.#append(mapping.resampler.process(block.samples, stretchOf(mapping)));
  }

  /** @returns the next frame, of sound or of silence, or null while it is still being waited for */
  take(nowUs: number): AudioFrame | null {
    this.#skipStall(nowUs);
    const wanted = this.#frameSamples;
    const have = Math.min(wanted, this.#ahead.length / AUDIO_CHANNELS);
    if (have < wanted && nowUs < this.deadlineUs) return null;
    if (have === wanted) this.#shortenWait(this.deadlineUs - nowUs);
    const planes = new Float32Array(wanted * AUDIO_CHANNELS);
    for (let sample = 0; sample < have; sample++) {
      planes[sample] = this.#ahead[sample * 2]!;
      planes[wanted + sample] = this.#ahead[sample * 2 + 1]!;
    }
    const frame = { position: this.#read, planes };
    this.#ahead = this.#ahead.slice(have * AUDIO_CHANNELS);
    this.#read += wanted;
    this.#debt += wanted - have;
    this.counts.silenceSamples += wanted - have;
    return frame;
  }

  /** position at which the next appended sample belongs */
  get #write(): number {
    return this.#read + this.#ahead.length / AUDIO_CHANNELS - this.#debt;
  }

  /** Places a block: at the end of the one before, after a hole, or anew by its capture time. */
  #map(sampleIndex: number, captured: number): Mapping {
    const mapping = this.#mapping;
    if (mapping && this.#goesOn(mapping, sampleIndex, captured)) {
      const hole = sampleIndex - mapping.nextIndex;
      if (hole > 0) this.counts.silenceSamples += this.#append(mapping.resampler.process(silence(hole), stretchOf(mapping)));
      return mapping;
    }
    if (mapping) this.counts.rebases++;
    this.#moveWriteTo(Math.round(captured));
    this.#mapping = { nextIndex: sampleIndex, errorSamples: 0, offBlocks: 0, resampler: new DriftResampler() };
    return this.#mapping;
  }

  #goesOn(mapping: Mapping, sampleIndex: number, captured: number): boolean {
    const hole = sampleIndex - mapping.nextIndex;
    if (hole < 0 || hole > AHEAD_MAX_SAMPLES) return false;
    const off = Math.abs(this.#errorOf(mapping, captured) - hole) > OFF_SAMPLES;
    mapping.offBlocks = off ? mapping.offBlocks + 1 : 0;
    return mapping.offBlocks < 2 && Math.abs(mapping.errorSamples) <= REBASE_SAMPLES;
  }

  #errorOf(mapping: Mapping, captured: number): number {
    return captured - this.#write - mapping.resampler.heldSamples;
  }

  #moveWriteTo(position: number): void {
    const shift = position - this.#write;
    if (shift <= 0) {
      // sound that went before is cut back, the rest of the way is dropped from what comes
      const kept = Math.max(0, this.#ahead.length / AUDIO_CHANNELS + shift);
      this.#ahead = this.#ahead.slice(0, kept * AUDIO_CHANNELS);
      this.#debt = this.#read + kept - position;
    } else this.counts.silenceSamples += this.#append(silence(Math.min(shift, AHEAD_MAX_SAMPLES + this.#debt)));
    this.#debtBefore = Math.max(0, this.#debt);
  }

  /** @returns how many samples came in time */
  #append(samples: Float32Array): number {
    const count = samples.length / AUDIO_CHANNELS;
    const late = Math.min(count, Math.max(0, this.#debt));
    this.#debt -= late;
    this.#debtBefore = Math.max(0, this.#debtBefore - late);
    if (late > 0 && this.#debt > this.#debtBefore) this.#lengthenWait(samplesToUs(this.#debt - this.#debtBefore));
    const room = Math.max(0, AHEAD_MAX_SAMPLES - this.#ahead.length / AUDIO_CHANNELS);
    const fresh = samples.subarray(late * AUDIO_CHANNELS, (late + room) * AUDIO_CHANNELS);
    if (fresh.length === 0) return 0;
    const joined = new Float32Array(this.#ahead.length + fresh.length);
    joined.set(this.#ahead);
    joined.set(fresh, this.#ahead.length);
    this.#ahead = joined;
    return fresh.length / AUDIO_CHANNELS;
  }

  /** @param lateUs how much too late sound has come */
  #lengthenWait(lateUs: number): void {
    this.#waitUs = Math.min(SOUND_WAIT_MAX_US, this.#waitUs + lateUs);
    this.#easy = { frames: 0, marginUs: Number.POSITIVE_INFINITY };
  }

  /** @param marginUs how long before its deadline a frame was whole */
  #shortenWait(marginUs: number): void {
    this.#easy = { frames: this.#easy.frames + 1, marginUs: Math.min(this.#easy.marginUs, marginUs) };
    if (this.#easy.frames < EASY_FRAMES) return;
    this.#waitUs = Math.max(SOUND_WAIT_US, this.#waitUs - Math.max(0, this.#easy.marginUs - EASY_MARGIN_US));
    this.#easy = { frames: 0, marginUs: Number.POSITIVE_INFINITY };
  }

  /** As for pictures: a long stall leaves a gap in the positions instead of a burst of silence. */
  #skipStall(nowUs: number): void {
    if (nowUs - this.deadlineUs <= CATCH_UP_MAX_US) return;
    const skipped = Math.floor(((nowUs * AUDIO_SAMPLE_RATE_HZ) / 1e6 - this.#read) / this.#frameSamples) * this.#frameSamples;
    const buffered = this.#ahead.length / AUDIO_CHANNELS;
    this.#ahead = this.#ahead.slice(Math.min(skipped, buffered) * AUDIO_CHANNELS);
    this.#debt += Math.max(0, skipped - buffered);
    this.#read += skipped;
    this.counts.skippedSamples += skipped;
  }
}

function silence(samples: number): Float32Array {
  return new Float32Array(samples * AUDIO_CHANNELS);
}

function stretchOf({ errorSamples }: Mapping): number {
  const stretch = errorSamples / CORRECT_SAMPLES;
  // below a third of a sample a second it is noise of the stamps: pass the samples as they are
  return Math.abs(stretch) < 7e-6 ? 0 : Math.max(-STRETCH_MAX, Math.min(STRETCH_MAX, stretch));
}
