import { expect, test } from 'vitest';
import { RATE_HZ } from '../../../tests/support/offline-sound.ts';
import { FeedRing } from '../feed-ring.ts';
import { DriftReader } from './drift-reader.ts';

interface Run {
  seconds: number;
  ppm?: number;
  rateHz?: number;
  untilS?: number;
  signal: (seconds: number) => number;
}

function run({ seconds, ppm = 0, rateHz = RATE_HZ, untilS = 1e9, signal }: Run) {
  const ring = new FeedRing();
  const reader = new DriftReader(ring);
  const heard = new Float32Array(seconds * RATE_HZ);
  const [left, right] = [new Float32Array(128), new Float32Array(128)];
  const block = new Float32Array(rateHz / 100);
  const deviceHz = rateHz * (1 + ppm / 1e6);
  let written = 0;
  for (let frame = 0; frame + 128 <= heard.length; frame += 128) {
    while ((written + block.length) / deviceHz <= Math.min(untilS, frame / RATE_HZ)) {
      for (let n = 0; n < block.length; n++) block[n] = signal((written + n) / deviceHz);
      ring.write(block, block, rateHz);
      written += block.length;
    }
    reader.read(left, right);
    heard.set(left, frame);
  }
  return { heard, reader };
}

/** Amplitude and what is not the tone, against it, in dB; its frequency is searched for around the given one, as the loop still moves. */
function toneIn(heard: Float32Array, frequencyHz: number, fromS: number, toS: number): { amplitude: number; restDb: number } {
  const part = heard.subarray(fromS * RATE_HZ, toS * RATE_HZ);
  const fitAt = (hz: number) => {
    let [cc, ss, cs, xc, xs, xx] = [0, 0, 0, 0, 0, 0];
    for (let n = 0; n < part.length; n++) {
      const x = part[n]!;
      const c = Math.cos((2 * Math.PI * hz * n) / RATE_HZ);
      const s = Math.sin((2 * Math.PI * hz * n) / RATE_HZ);
      cc += c * c;
      ss += s * s;
      cs += c * s;
      xc += x * c;
      xs += x * s;
      xx += x * x;
    }
    const a = (xc * ss - xs * cs) / (cc * ss - cs * cs);
    const b = (xs * cc - xc * cs) / (cc * ss - cs * cs);
    const tone = a * a * cc + b * b * ss + 2 * a * b * cs;
    return { amplitude: Math.hypot(a, b), restDb: 10 * Math.log10(Math.max(1e-20, xx - tone) / tone) };
  };
  let best = { hz: frequencyHz, ...fitAt(frequencyHz) };
  for (let width = frequencyHz * 2e-3; width > frequencyHz * 1e-8; width /= 4)
    for (let k = -4; k <= 4; k++) {
      const hz = best.hz + (k * width) / 4;
      const one = fitAt(hz);
      if (one.restDb < best.restDb) best = { hz, ...one };
    }
  return best;
}

const tone = (frequencyHz: number) => (seconds: number) => 0.5 * Math.sin(2 * Math.PI * frequencyHz * seconds);

test.each([
  [1_000, -75],
  [10_000, -55],
  [15_000, -50],
])('a tone of %i Hz from a device 100 ppm fast stays one: distortion and noise are below %i dB', (frequencyHz, limitDb) => {
  const { heard } = run({ seconds: 41, ppm: 100, signal: tone(frequencyHz) });
  const { amplitude, restDb } = toneIn(heard, frequencyHz, 40, 40.05);
  expect(restDb).toBeLessThan(limitDb);
  expect(amplitude).toBeCloseTo(0.5, 2);
});

test('another rate is heard at its pitch, without what lies beyond the band', () => {
  const low = run({ seconds: 2, rateHz: 16_000, signal: tone(1_000) });
  expect(toneIn(low.heard, 1_000, 1, 1.05).restDb).toBeLessThan(-60);
  const high = run({ seconds: 2, rateHz: 96_000, signal: tone(36_000) });
  expect(Math.max(...high.heard.subarray(RATE_HZ))).toBeLessThan(0.005);
  expect(toneIn(run({ seconds: 2, rateHz: 96_000, signal: tone(8_000) }).heard, 8_000, 1, 1.05).restDb).toBeLessThan(-50);
});

test('before the first sample and after the last there is silence, and it begins without a click', () => {
  const { heard, reader } = run({ seconds: 2, untilS: 1, signal: () => 0.5 });
  const begins = heard.findIndex((sample) => sample !== 0);
  expect(begins / RATE_HZ).toBeGreaterThan(0.025);
  expect(heard[begins]).toBeLessThan(0.01);
  expect(heard[RATE_HZ / 2]).toBeCloseTo(0.5, 3);
  expect(heard.at(-200)).toBe(0);
  expect(reader.loop?.underruns).toBe(1);
});
