/** Sound that is made and measured without a sound card: signals, blocks, levels. */
import type { Processor, StereoBlock } from '../../src-renderer/audio/dsp/processor.ts';

export const RATE_HZ = 48_000;
const BLOCK = 128;

export const db = (amplitude: number) => 20 * Math.log10(Math.max(1e-9, Math.abs(amplitude)));
export const fromDb = (level: number) => 10 ** (level / 20);

export function sine(frequencyHz: number, levelDb: number, seconds: number, phase = 0): Float32Array {
  const amplitude = fromDb(levelDb);
  const samples = new Float32Array(Math.round(seconds * RATE_HZ));
  const step = (2 * Math.PI * frequencyHz) / RATE_HZ;
  for (let n = 0; n < samples.length; n++) samples[n] = amplitude * Math.sin(step * n + phase);
  return samples;
}

export const constant = (level: number, seconds: number) => new Float32Array(Math.round(seconds * RATE_HZ)).fill(level);

/** White, from -1 to 1, the same every time. */
export function noise(seconds: number, gain = 1): Float32Array {
  let state = 1;
  return Float32Array.from({ length: Math.round(seconds * RATE_HZ) }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return gain * (state / 2 ** 31 - 1);
  });
}

export function join(...parts: readonly Float32Array[]): Float32Array {
  const all = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/** @returns the left channel, the same signal being on both */
export function through(processor: Processor<never>, signal: Float32Array, key?: Float32Array): Float32Array {
  const output = new Float32Array(signal.length);
  for (let at = 0; at < signal.length; at += BLOCK) {
    const block = (from: Float32Array): StereoBlock => ({ left: from.slice(at, at + BLOCK), right: from.slice(at, at + BLOCK) });
    const { left, right } = block(signal);
    processor.process(left, right, key ? block(key) : { left: new Float32Array(BLOCK), right: new Float32Array(BLOCK) });
    output.set(left, at);
  }
  return output;
}

/** The size of a frequency in a signal, as the spectrum has it: for an impulse's answer the gain. */
export function spectrumAt(signal: Float32Array, frequencyHz: number): number {
  let real = 0;
  let imaginary = 0;
  signal.forEach((sample, n) => {
    real += sample * Math.cos((2 * Math.PI * frequencyHz * n) / RATE_HZ);
    imaginary -= sample * Math.sin((2 * Math.PI * frequencyHz * n) / RATE_HZ);
  });
  return Math.hypot(real, imaginary);
}

/** The amplitude of a tone over a stretch of whole periods. */
export function toneAt(signal: Float32Array, frequencyHz: number, fromS: number, toS: number): number {
  const part = signal.subarray(Math.round(fromS * RATE_HZ), Math.round(toS * RATE_HZ));
  return (2 * spectrumAt(part, frequencyHz)) / part.length;
}
