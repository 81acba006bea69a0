import { expect, test } from 'vitest';
import { LadderChoice } from './ladder-choice.ts';
import type { Rung } from './rungs.ts';

const rung = (name: string, heightPx: number, bitrateKbps: number): Rung => {
  return { name, widthPx: (heightPx * 16) / 9, heightPx, bitrateKbps, codecs: '' };
};
const LOW = rung('240p', 240, 400);
const MIDDLE = rung('480p', 480, 1_200);
const SOURCE = rung('source', 1_080, 4_000);
const FINE = { lateMs: 0, stalled: false, receivedKbps: 600, shownFrames: 0, droppedFrames: 0 };

const choice = (...rungs: Rung[]) => {
  const ladder = new LadderChoice(null, () => true);
  ladder.offer(rungs);
  ladder.restart(0);
  return ladder;
};

test('what plays keeps its name when smaller rungs come, and trouble leads down from it', () => {
  const ladder = choice(SOURCE);
  ladder.offer([SOURCE, LOW, MIDDLE]);
  expect(ladder.current).toBe('source');
  expect(ladder.step({ ...FINE, nowMs: 6_000 })).toBe(false);
  expect(ladder.step({ ...FINE, nowMs: 6_200, lateMs: 2_000 })).toBe(true);
  expect(ladder.current).toBe('240p'); // 600 kbit/s carry no more
});

test('a rung that the server rests is left for the next smaller one, and not if it is back before that', () => {
  const ladder = choice(LOW, MIDDLE, SOURCE);
  expect(ladder.step({ ...FINE, nowMs: 6_000, lateMs: 2_000, receivedKbps: 1_800 })).toBe(true);
  expect(ladder.current).toBe('480p');
  ladder.offer([SOURCE]); // the publisher's connection is new: no other is known yet
  ladder.offer([LOW, MIDDLE, SOURCE]);
  expect(ladder.current).toBe('480p');
  ladder.offer([LOW, SOURCE]);
  expect(ladder.current).toBe('240p');
  ladder.restart(7_000);
  ladder.offer([LOW, MIDDLE, SOURCE]);
  expect(ladder.current).toBe('240p'); // which plays; a measurement leads up
});

test('a rung too large for this computer stays so, wherever it is in the list', () => {
  const ladder = choice(MIDDLE, SOURCE);
  expect(ladder.step({ ...FINE, nowMs: 3_000 })).toBe(false);
  expect(ladder.step({ ...FINE, nowMs: 6_500, shownFrames: 60, droppedFrames: 60 })).toBe(true);
  expect(ladder.current).toBe('480p');
  ladder.offer([LOW, MIDDLE, SOURCE]);
  ladder.restart(6_600);
  const again = { ...FINE, shownFrames: 300, droppedFrames: 60 };
  expect(ladder.step({ ...again, nowMs: 30_000, receivedKbps: 1e6 })).toBe(false);
  expect(ladder.current).toBe('480p');
});

test("the visitor's choice is played while it is offered", () => {
  const ladder = choice(LOW, SOURCE);
  ladder.wanted = '240p';
  expect(ladder.current).toBe('240p');
  ladder.offer([SOURCE]);
  expect(ladder.current).toBe('source');
});
