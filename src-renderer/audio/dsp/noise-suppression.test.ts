import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { expect, test } from 'vitest';
import { db, noise, RATE_HZ, through } from '../../../tests/support/offline-sound.ts';
import { NoiseSuppression } from './noise-suppression.ts';
import { openRnnoise } from './rnnoise.ts';

const wasm = readFileSync(createRequire(import.meta.url).resolve('@jitsi/rnnoise-wasm/dist/rnnoise.wasm'));
const rms = (signal: Float32Array) => Math.sqrt(signal.reduce((sum, sample) => sum + sample * sample, 0) / signal.length);

/** A voice as far as RNNoise cares: pulses of 120 Hz through the formants of an "a", three syllables a second. */
function voice(seconds: number): Float32Array {
  const states = [700, 1_220, 2_600].map((hz) => ({ hz, y1: 0, y2: 0 }));
  return Float32Array.from({ length: seconds * RATE_HZ }, (_, n) => {
    const pitch = 120 + 15 * Math.sin((2 * Math.PI * 2 * n) / RATE_HZ);
    const pulse = n % Math.round(RATE_HZ / pitch) === 0 ? 1 : 0;
    const syllable = Math.max(0, Math.sin((2 * Math.PI * 3 * n) / RATE_HZ)) ** 0.5;
    return states.reduce((sum, state) => {
      const r = Math.exp((-Math.PI * 90) / RATE_HZ);
      const y = pulse + 2 * r * Math.cos((2 * Math.PI * state.hz) / RATE_HZ) * state.y1 - r * r * state.y2;
      [state.y2, state.y1] = [state.y1, y];
      return sum + 0.02 * syllable * y;
    }, 0);
  });
}

test('noise is taken away, a voice is kept, and two channels stay two', () => {
  const open = openRnnoise(new WebAssembly.Module(wasm));
  const quiet = through(new NoiseSuppression(open), noise(8, 0.05));
  expect(db(rms(quiet.subarray(6 * RATE_HZ)) / (0.05 / Math.sqrt(3)))).toBeLessThan(-15);
  const spoken = voice(3);
  const kept = through(new NoiseSuppression(open), spoken);
  expect(Math.abs(db(rms(kept.subarray(RATE_HZ)) / rms(spoken.subarray(RATE_HZ))))).toBeLessThan(3);
  const both = new NoiseSuppression(open);
  const left = spoken.slice(0, 96_000);
  const right = new Float32Array(96_000);
  for (let at = 0; at < left.length; at += 128) both.process(left.subarray(at, at + 128), right.subarray(at, at + 128));
  expect(rms(left.subarray(48_000))).toBeGreaterThan(0.01);
  expect(rms(right)).toBeLessThan(1e-4);
  both.close();
});
