import { expect, test } from 'vitest';
import { LevelMeter } from './levels.ts';

const sine = (amplitude: number) =>
  Float32Array.from({ length: 48_000 }, (_, n) => amplitude * Math.sin((2 * Math.PI * 1_000 * n) / 48_000));

test('a full-scale sine peaks at 0 dBFS and has an RMS of -3.01; half of it is 6.02 dB less', () => {
  const meter = new LevelMeter();
  meter.add(sine(1), sine(0.5));
  const { peakDb, rmsDb } = meter.take();
  expect(peakDb[0]).toBeCloseTo(0, 2);
  expect(peakDb[1]).toBeCloseTo(-6.02, 2);
  expect(rmsDb[0]).toBeCloseTo(-3.01, 2);
  expect(rmsDb[1]).toBeCloseTo(-9.03, 2);
});

test('each reading begins anew, and silence is -120', () => {
  const meter = new LevelMeter();
  meter.add(sine(1), sine(1));
  meter.take();
  expect(meter.take()).toEqual({ peakDb: [-120, -120], rmsDb: [-120, -120] });
  meter.add(new Float32Array(128), new Float32Array(128));
  expect(meter.take()).toEqual({ peakDb: [-120, -120], rmsDb: [-120, -120] });
});
