import fc from 'fast-check';
import { expect, test } from 'vitest';
import { dbToFader, faderToDb, meterPosition } from './fader.ts';

test.each([
  [0, -96],
  [0.82, 0],
  [1, 12],
  [0.73, -5],
])('position %d is %d dB', (position, db) => {
  expect(faderToDb(position)).toBeCloseTo(db, 6);
});

test('property: the fader’s law and its inverse agree', () => {
  fc.assert(
    fc.property(
      fc.double({ min: 0, max: 1, noNaN: true }),
      (position) => void expect(dbToFader(faderToDb(position))).toBeCloseTo(position, 6),
    ),
  );
});

test('levels beyond the fader rest at its ends', () => {
  expect([dbToFader(-200), dbToFader(26)]).toEqual([0, 1]);
});

test.each([
  [-120, 0],
  [-30, 0.5],
  [3, 1],
])('%d dBFS is at %d of the meter', (db, position) => {
  expect(meterPosition(db)).toBe(position);
});
