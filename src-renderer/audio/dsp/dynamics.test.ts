import { describe, expect, test } from 'vitest';
import { AudioInputId, CompressorFilter, ExpanderFilter } from '../../../src-shared/domain/index.ts';
import { constant, db, fromDb, join, RATE_HZ, sine, through, toneAt } from '../../../tests/support/offline-sound.ts';
import { Compressor, Expander } from './dynamics.ts';
import { LEVEL_HOLD_S } from './level-detector.ts';

const compressor = (settings: object) => new Compressor(CompressorFilter.parse({ id: 'c', kind: 'compressor', ...settings }));
const expander = (settings: object) => new Expander(ExpanderFilter.parse({ id: 'e', kind: 'expander', ...settings }));
const at = (signal: Float32Array, seconds: number) => db(signal[Math.round(seconds * RATE_HZ)]!);

/** Giannoulis et al. (4), in the paper's own words: output level for input level. */
function paperCurve(x: number, threshold: number, ratio: number, knee: number): number {
  if (2 * (x - threshold) < -knee) return x;
  if (2 * Math.abs(x - threshold) <= knee) return x + ((1 / ratio - 1) * (x - threshold + knee / 2) ** 2) / (2 * knee);
  return threshold + (x - threshold) / ratio;
}

describe('compressor', () => {
  test.each([
    [-20, 4, 0],
    [-30, 2, 12],
    [-12, 60, 6],
  ])('threshold %i dB, ratio %i, knee %i dB: tones come out by the static curve within 0.1 dB', (thresholdDb, ratio, kneeDb) => {
    for (const frequencyHz of [60, 1_000])
      for (const level of [-50, -36, -28, -22, -18, -10, -4, 0]) {
        const output = through(compressor({ thresholdDb, ratio, kneeDb, makeupDb: 3 }), sine(frequencyHz, level, 0.5));
        const formula = paperCurve(level, thresholdDb, ratio, kneeDb || 1e-9) + 3;
        expect(Math.abs(db(toneAt(output, frequencyHz, 0.4, 0.5)) - formula), `${frequencyHz} Hz at ${level} dB`).toBeLessThan(0.1);
      }
  });

  test('comes down and back by the time constants of attack and release within 0.2 dB', () => {
    const attackMs = 20;
    const releaseMs = 100;
    const input = join(constant(fromDb(-40), 0.5), constant(1, 0.5), constant(fromDb(-40), 0.6));
    const output = through(compressor({ thresholdDb: -20, ratio: 4, kneeDb: 0, attackMs, releaseMs }), input);
    for (const t of [0.002, 0.005, 0.01, 0.02, 0.04, 0.08, 0.2])
      expect(Math.abs(at(output, 0.5 + t) - -15 * (1 - Math.exp(-(t * 1_000) / attackMs))), `${t} s of attack`).toBeLessThan(0.2);
    for (const t of [0.02, 0.05, 0.1, 0.2, 0.4]) {
      const formula = -40 - 15 * Math.exp((-(t - LEVEL_HOLD_S) * 1_000) / releaseMs);
      expect(Math.abs(at(output, 1 + t) - formula), `${t} s of release`).toBeLessThan(0.2);
    }
  });

  test('ducking: another strip decides, and one’s own level does not', () => {
    const music = sine(440, -6, 2);
    const voice = join(constant(0, 0.5), sine(200, -8, 1), constant(0, 0.5));
    const ducked = compressor({
      thresholdDb: -30,
      ratio: 4,
      kneeDb: 0,
      attackMs: 10,
      releaseMs: 50,
      sideChainId: AudioInputId.parse('voice'),
    });
    const output = through(ducked, music, voice);
    expect(db(toneAt(output, 440, 0, 0.5))).toBeCloseTo(-6, 1);
    expect(db(toneAt(output, 440, 1, 1.5))).toBeCloseTo(-6 - 22 * 0.75, 1);
    expect(db(toneAt(output, 440, 1.9, 2))).toBeCloseTo(-6, 0);
  });
});

test('expander: tones below the threshold come out further below it by the ratio, down to the range', () => {
  for (const level of [-20, -35, -41, -45, -50, -70]) {
    const output = through(expander({ thresholdDb: -40, ratio: 4, kneeDb: 0, rangeDb: 25 }), sine(1_000, level, 1));
    const formula = level > -40 ? level : Math.max(-40 + 4 * (level + 40), level - 25);
    expect(Math.abs(db(toneAt(output, 1_000, 0.8, 1)) - formula), `${level} dB`).toBeLessThan(0.1);
  }
});
