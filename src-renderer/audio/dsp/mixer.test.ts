import { describe, expect, test } from 'vitest';
import { AudioInput } from '../../../src-shared/domain/index.ts';
import { db, join, RATE_HZ, sine, toneAt } from '../../../tests/support/offline-sound.ts';
import { MeterBoard } from '../meter-board.ts';
import { Mixer } from './mixer.ts';
import type { Feed } from './strip.ts';

function feedOf(left: Float32Array, right = left): Feed {
  let at = 0;
  return {
    read(intoLeft, intoRight) {
      for (let n = 0; n < intoLeft.length; n++, at++) {
        intoLeft[n] = left[at] ?? 0;
        intoRight[n] = right[at] ?? 0;
      }
      return true;
    },
  };
}

interface Desk {
  [id: string]: { tone: Float32Array } & Record<string, unknown>;
}

/** Strips with a tone each. @returns what every bus has of it */
function mix(desk: Desk, seconds = 0.5) {
  const board = new MeterBoard();
  const mixer = new Mixer(board, null);
  const inputs = Object.entries(desk).map(([id, { tone: _tone, ...settings }]) =>
    AudioInput.parse({ id, name: id, deviceId: null, ...settings }),
  );
  for (const [id, { tone }] of Object.entries(desk)) mixer.feed(id, feedOf(tone));
  mixer.set(inputs.map((settings, index) => ({ settings, meterPlace: index + 1 })));
  const names = ['left', 'right', 'monitor'] as const;
  const heard = Object.fromEntries(names.map((name) => [name, new Float32Array(seconds * RATE_HZ)])) as Record<
    (typeof names)[number],
    Float32Array
  >;
  for (let at = 0; at < seconds * RATE_HZ; at += 128) {
    mixer.process();
    const note = (name: keyof typeof heard, samples: Float32Array) =>
      heard[name].set(samples.subarray(0, Math.min(128, heard[name].length - at)), at);
    note('left', mixer.program.left);
    note('right', mixer.program.right);
    note('monitor', mixer.monitor.left);
  }
  const levelDb = (bus: keyof typeof heard, hz: number) => Math.max(-100, db(toneAt(heard[bus], hz, seconds / 2, seconds)));
  return { heard, levelDb, mixer, board };
}

const LOW = sine(440, -20, 1);
const HIGH = sine(1_000, -20, 1);

describe('what is heard where', () => {
  test('fader, mute and solo', () => {
    expect(mix({ a: { tone: LOW, gainDb: -6 }, b: { tone: HIGH } }).levelDb('left', 440)).toBeCloseTo(-26, 1);
    const muted = mix({ a: { tone: LOW, muted: true }, b: { tone: HIGH } });
    expect([muted.levelDb('left', 440), muted.levelDb('left', 1_000)]).toEqual([-100, expect.closeTo(-20, 1)]);
    const solo = mix({ a: { tone: LOW }, b: { tone: HIGH, solo: true } });
    expect([solo.levelDb('right', 440), solo.levelDb('right', 1_000)]).toEqual([-100, expect.closeTo(-20, 1)]);
  });

  test('pan turns the other side down, as a cosine, and makes nothing louder', () => {
    for (const [pan, left, right] of [
      [0, -20, -20],
      [-1, -20, -100],
      [1, -100, -20],
      [0.5, -23.01, -20],
    ] as const) {
      const { levelDb } = mix({ a: { tone: LOW, pan } });
      expect(levelDb('left', 440), `left at ${pan}`).toBeCloseTo(left, 1);
      expect(levelDb('right', 440), `right at ${pan}`).toBeCloseTo(right, 1);
    }
  });

  test('monitoring', () => {
    const { levelDb } = mix({
      a: { tone: LOW, monitoring: 'only' },
      b: { tone: HIGH, monitoring: 'both' },
    });
    expect(levelDb('left', 440)).toBe(-100);
    expect(levelDb('monitor', 440)).toBeCloseTo(-20, 1);
    expect(levelDb('monitor', 1_000)).toBeCloseTo(-20, 1);
  });
});

describe('sync offset', () => {
  const click = (atS: number) => {
    const signal = new Float32Array(RATE_HZ);
    signal[atS * RATE_HZ] = 0.5;
    return signal;
  };
  const clicks = (signal: Float32Array) => [...signal.entries()].filter(([, sample]) => Math.abs(sample) > 0.2).map(([n]) => n);

  test('a strip comes later by it', () => {
    const { heard, mixer } = mix({ a: { tone: click(0.1) }, b: { tone: click(0.2), syncOffsetMs: 150 } });
    expect(clicks(heard.left)).toEqual([4_800, 9_600 + 7_200]);
    expect(mixer.aheadUs).toBe(0);
  });

  test('one that is to be earlier has the others wait, and the program says so', () => {
    const { heard, mixer } = mix({ a: { tone: click(0.1) }, b: { tone: click(0.2), syncOffsetMs: -50 } });
    expect(clicks(heard.left)).toEqual([4_800 + 2_400, 9_600]);
    expect(mixer.aheadUs).toBe(50_000);
  });
});

test('a voice ducks the music whichever of both comes first, and not when it is muted', () => {
  const music = {
    tone: LOW,
    filters: [{ id: 'd', kind: 'compressor', thresholdDb: -40, ratio: 4, kneeDb: 0, attackMs: 1, sideChainId: 'voice' }],
  };
  const voice = { tone: HIGH };
  expect(mix({ music, voice }).levelDb('left', 440)).toBeCloseTo(-35, 1);
  expect(mix({ voice, music }).levelDb('left', 440)).toBeCloseTo(-35, 1);
  expect(mix({ voice: { ...voice, muted: true }, music }).levelDb('left', 440)).toBeCloseTo(-20, 1);
});

test('meters tell peak, RMS, loudness and clips; a muted strip’s still moves', () => {
  const { board } = mix({ a: { tone: LOW, muted: true }, b: { tone: join(sine(1_000, 0, 0.5), sine(1_000, -23, 4.5)) } }, 5);
  expect(board.read(1).rmsDb[0]).toBe(-120);
  const { peakDb, rmsDb, shortTermLufs, momentaryLufs, clips, holdDb } = board.read(2);
  expect(peakDb[0]).toBeCloseTo(-23, 1);
  expect(holdDb[1]).toBeCloseTo(-23, 1);
  expect(rmsDb[1]).toBeCloseTo(-26, 1);
  expect(shortTermLufs).toBeCloseTo(-23, 1);
  expect(momentaryLufs).toBeCloseTo(-23, 1);
  expect(clips).toBeGreaterThan(10);
  expect(clips).toBeLessThan(20);
  expect(board.read(0)).toMatchObject({ shortTermLufs: expect.closeTo(-23, 1) });
  expect(mix({ a: { tone: LOW, muted: true } }).board.read(1).peakDb[0]).toBeCloseTo(-20, 1);
});

test('a strip that goes leaves no sound, and comes back with its feed', () => {
  const { mixer } = mix({ a: { tone: LOW } });
  const [settings] = [AudioInput.parse({ id: 'a', name: 'a', deviceId: null })];
  mixer.set([]);
  mixer.process();
  expect(mixer.program.left.every((sample) => sample === 0)).toBe(true);
  mixer.set([{ settings, meterPlace: 1 }]);
  mixer.process();
  expect(mixer.program.left.some((sample) => sample !== 0)).toBe(true);
});

test('a filter that delays takes its time out of the sync offset', () => {
  const click = new Float32Array(RATE_HZ);
  click[4_800] = 0.5;
  const { heard } = mix({ a: { tone: click, syncOffsetMs: 100, filters: [{ id: 'l', kind: 'limiter' }] } });
  expect(heard.left.findIndex((sample) => Math.abs(sample) > 0.2)).toBe(4_800 + 4_800);
});
