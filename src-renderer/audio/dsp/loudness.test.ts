/** The synthetic signals of EBU Tech 3341 (2016), table 1, by their numbers there; tolerance ±0.1 LU. */
import { describe, expect, test } from 'vitest';
import { constant, join, noise, sine } from '../../../tests/support/offline-sound.ts';
import { LoudnessMeter } from './loudness.ts';

interface Readings {
  momentary: number[];
  shortTerm: number[];
  integrated: number;
}

/** @param channels one signal for each, all of one length */
function measure(channels: readonly Float32Array[], weights?: readonly number[]): Readings {
  const meter = new LoudnessMeter(weights);
  const readings: Readings = { momentary: [], shortTerm: [], integrated: 0 };
  for (let at = 0; at + 128 <= channels[0]!.length; at += 128)
    if (meter.add(channels.map((channel) => channel.subarray(at, at + 128)))) {
      readings.momentary.push(meter.momentaryLufs);
      readings.shortTerm.push(meter.shortTermLufs);
    }
  return { ...readings, integrated: meter.integratedLufs };
}

/** 1 kHz on both sides, which one channel that counts twice stands for. @param parts level in dBFS of the peak, and seconds */
const tone = (...parts: readonly (readonly [levelDb: number, seconds: number])[]) => {
  return [join(...parts.map(([levelDb, seconds]) => sine(1_000, levelDb, seconds)))];
};
const BOTH = [2];
const within = (value: number, lufs: number, what: string) => expect(Math.abs(value - lufs), `${what}: ${value}`).toBeLessThanOrEqual(0.1);

describe('EBU Tech 3341', () => {
  test.each([
    [1, -23],
    [2, -33],
  ])('%i: a tone at %i dBFS, all three', (_, level) => {
    const side = sine(1_000, level, 20);
    const { momentary, shortTerm, integrated } = measure([side, side]);
    within(momentary.at(-1)!, level, 'momentary');
    within(shortTerm.at(-1)!, level, 'short-term');
    within(integrated, level, 'integrated');
  });

  test('3, 4 and 5: what is quiet does not count', () => {
    within(measure(tone([-36, 10], [-23, 60], [-36, 10]), BOTH).integrated, -23, '3');
    within(measure(tone([-72, 10], [-36, 10], [-23, 60], [-36, 10], [-72, 10]), BOTH).integrated, -23, '4');
    within(measure(tone([-26, 20], [-20, 20.1], [-26, 20]), BOTH).integrated, -23, '5');
  });

  test('6: five channels by their weights', () => {
    const levels = [-28, -28, -24, -30, -30];
    const channels = levels.map((level) => sine(1_000, level, 20));
    within(measure(channels, [1, 1, 1, 1.41, 1.41]).integrated, -23, '6');
  });

  test('9 and 12: windows as long as the pattern stand still', () => {
    const three = Array.from({ length: 5 }, () => [[-20, 1.34] as const, [-30, 1.66] as const]).flat();
    for (const value of measure(tone(...three), BOTH).shortTerm.slice(300)) within(value, -23, '9');
    const fast = Array.from({ length: 25 }, () => [[-20, 0.18] as const, [-30, 0.22] as const]).flat();
    for (const value of measure(tone(...fast), BOTH).momentary.slice(40)) within(value, -23, '12');
  });

  test('10 and 13: a burst of the window’s length shows whole, wherever it begins', () => {
    for (let shift = 0; shift < 20; shift += 7) {
      const quiet = constant(0, shift * 0.15);
      const three = measure([join(quiet, sine(1_000, -23, 3), constant(0, 1))], BOTH);
      within(Math.max(...three.shortTerm), -23, `10, ${shift}`);
      const wait = constant(0, shift * 0.02);
      const four = measure([join(wait, sine(1_000, -23, 0.4), constant(0, 1))], BOTH);
      within(Math.max(...four.momentary), -23, `13, ${shift}`);
    }
  });
});

test('silence is -120, and a restart forgets what was loud', () => {
  expect(measure([constant(0, 2), constant(0, 2)])).toMatchObject({ integrated: -120 });
  const meter = new LoudnessMeter();
  const feed = (signal: Float32Array) => {
    for (let at = 0; at + 128 <= signal.length; at += 128) meter.add([signal.subarray(at, at + 128), signal.subarray(at, at + 128)]);
  };
  feed(noise(3, 0.5));
  expect(meter.integratedLufs).toBeGreaterThan(-15);
  meter.restart();
  feed(sine(1_000, -33, 5));
  within(meter.integratedLufs, -33, 'after the restart');
});
