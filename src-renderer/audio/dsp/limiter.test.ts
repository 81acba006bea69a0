import { expect, test } from 'vitest';
import { LimiterFilter } from '../../../src-shared/domain/audio-filter.ts';
import { sincKernel } from '../../../src-shared/sinc-kernel.ts';
import { constant, db, join, noise, RATE_HZ, sine, through, toneAt } from '../../../tests/support/offline-sound.ts';
import { Limiter } from './limiter.ts';

const limiter = (settings: object) => new Limiter(LimiterFilter.parse({ id: 'l', kind: 'limiter', ...settings }));

/** by 64 taps and 16 places: another and sharper measure than the limiter's own */
function truePeakDb(signal: Float32Array): number {
  const kernel = sincKernel(64, 16);
  let peak = 0;
  for (let at = 0; at + 64 <= signal.length; at++)
    for (let phase = 0; phase < 16; phase++) {
      let sum = 0;
      for (let tap = 0; tap < 64; tap++) sum += kernel[phase * 64 + tap]! * signal[at + tap]!;
      peak = Math.max(peak, Math.abs(sum));
    }
  return db(peak);
}

test('a loud tone comes out at the ceiling, a quiet one as it is, 3 ms later', () => {
  for (const [level, wanted] of [
    [6, -3],
    [-2, -3],
    [-3.5, -3.5],
    [-30, -30],
  ] as const)
    expect(db(toneAt(through(limiter({ ceilingDb: -3 }), sine(1_000, level, 1)), 1_000, 0.5, 1)), `${level} dB`).toBeCloseTo(wanted, 1);
  const impulse = new Float32Array(1_024);
  impulse[100] = 0.5;
  const one = limiter({ ceilingDb: -3 });
  expect(through(one, impulse).findIndex((sample) => sample !== 0)).toBe(100 + one.latencyFrames);
});

test('nothing is beyond the ceiling: noise, steps, single samples and bursts', () => {
  const spikes = Float32Array.from({ length: 24_000 }, (_, n) => (n % 997 === 0 ? 8 : 0.1 * Math.sin(n)));
  const signals = [noise(0.5, 4), join(constant(0, 0.1), constant(5, 0.1), constant(-7, 0.1)), spikes];
  for (const signal of signals) {
    const output = through(limiter({ ceilingDb: -1, releaseMs: 5 }), signal);
    expect(db(output.reduce((peak, sample) => Math.max(peak, Math.abs(sample)), 0))).toBeLessThanOrEqual(-0.999);
  }
});

test('between the samples neither: a tone whose samples hide 3 dB of it', () => {
  const hidden = sine(12_000, 3, 0.1, Math.PI / 4);
  expect(db(hidden[10]!)).toBeCloseTo(0, 1);
  expect(truePeakDb(through(limiter({ ceilingDb: -1 }), hidden).subarray(1_000))).toBeLessThan(-0.7);
});

test('comes back by the time constant of the release within 0.2 dB', () => {
  const releaseMs = 80;
  const one = limiter({ ceilingDb: 0, releaseMs });
  // without edges, whose true peak is another
  const input = Float32Array.from({ length: 0.8 * RATE_HZ }, (_, n) => 2 - 1.9 * Math.min(1, Math.max(0, n / RATE_HZ - 0.3) / 0.001));
  const output = through(one, input);
  for (const t of [0.01, 0.05, 0.1, 0.3]) {
    const n = Math.round((0.3 + t) * RATE_HZ) + one.latencyFrames;
    // the gain that the last loud sample needed stays for the look-ahead, whose middle counts
    const formula = 1 - 0.5 * Math.exp(-(t * 1_000 - 1.5) / releaseMs);
    expect(Math.abs(db(output[n]! / 0.1) - db(formula)), `${t} s`).toBeLessThan(0.2);
  }
});
