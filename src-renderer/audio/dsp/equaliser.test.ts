import { expect, test } from 'vitest';
import { EqualiserFilter } from '../../../src-shared/domain/audio-filter.ts';
import { db, RATE_HZ, sine, spectrumAt, through, toneAt } from '../../../tests/support/offline-sound.ts';
import { Equaliser, equaliserDb } from './equaliser.ts';

const PROBES_HZ = [20, 50, 100, 120, 200, 400, 700, 1_000, 1_800, 2_500, 4_000, 6_000, 8_000, 12_000, 16_000, 20_000];
const settings = (bands: object) => EqualiserFilter.parse({ id: 'eq', kind: 'equaliser', ...bands });

/** |(n2 s² + n1 s + n0) / (d2 s² + d1 s + d0)| of the analogue prototype at s = jΩ, the bilinear transform's frequency. */
function prototypeDb([n2, n1, n0]: number[], [d2, d1, d0]: number[], frequencyHz: number, centreHz: number): number {
  const omega = Math.tan((Math.PI * frequencyHz) / RATE_HZ) / Math.tan((Math.PI * centreHz) / RATE_HZ);
  const size = (two = 0, one = 0, zero = 0) => Math.hypot(zero - two * omega * omega, one * omega);
  return db(size(n2, n1, n0) / size(d2, d1, d0));
}

const a = (gainDb: number) => 10 ** (gainDb / 40);
const peakDb = (f: number, centre: number, gain: number, q: number) =>
  prototypeDb([1, a(gain) / q, 1], [1, 1 / (a(gain) * q), 1], f, centre);
const lowShelfDb = (f: number, centre: number, gain: number) =>
  db(a(gain)) + prototypeDb([1, Math.sqrt(2 * a(gain)), a(gain)], [a(gain), Math.sqrt(2 * a(gain)), 1], f, centre);
const highShelfDb = (f: number, centre: number, gain: number) =>
  db(a(gain)) + prototypeDb([a(gain), Math.sqrt(2 * a(gain)), 1], [1, Math.sqrt(2 * a(gain)), a(gain)], f, centre);

test.each([
  ['a lifted voice', 120, -9, 400, -4, 1.4, 2_500, 6, 0.7, 8_000, 5],
  ['extremes', 60, 24, 150, -24, 18, 5_000, 24, 0.1, 12_000, -24],
  ['flat', 120, 0, 400, 0, 1, 2_500, 0, 1, 8_000, 0],
])("%s: an impulse's spectrum is the cookbook's analogue prototypes within 0.05 dB", (_, lf, lg, f1, g1, q1, f2, g2, q2, hf, hg) => {
  const bands = settings({
    low: { frequencyHz: lf, gainDb: lg },
    lowMid: { frequencyHz: f1, gainDb: g1, q: q1 },
    highMid: { frequencyHz: f2, gainDb: g2, q: q2 },
    high: { frequencyHz: hf, gainDb: hg },
  });
  const impulse = new Float32Array(32_768);
  impulse[0] = 1;
  const answer = through(new Equaliser(bands), impulse);
  for (const f of PROBES_HZ) {
    const formula = lowShelfDb(f, lf, lg) + peakDb(f, f1, g1, q1) + peakDb(f, f2, g2, q2) + highShelfDb(f, hf, hg);
    expect(db(spectrumAt(answer, f)), `${f} Hz`).toBeCloseTo(formula, 1);
    expect(equaliserDb(bands, f), `${f} Hz, as drawn`).toBeCloseTo(formula, 3);
  }
});

test('a tone at the centre of a band comes out by the gain of that band, and a change of it does not click', () => {
  const equaliser = new Equaliser(settings({ lowMid: { frequencyHz: 400, gainDb: 6, q: 1 } }));
  expect(db(toneAt(through(equaliser, sine(400, -20, 1)), 400, 0.5, 1))).toBeCloseTo(-14, 1);
  equaliser.set(settings({ lowMid: { frequencyHz: 400, gainDb: 5, q: 1 } }));
  const after = through(equaliser, sine(400, -20, 0.1, 0));
  const steps = after.subarray(1).map((sample, n) => Math.abs(sample - after[n]!));
  expect(Math.max(...steps)).toBeLessThan(0.2 * 2 * Math.PI * (400 / RATE_HZ) * 1.2);
});
