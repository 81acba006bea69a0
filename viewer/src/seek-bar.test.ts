import { expect, test } from 'vitest';
import { liveWindow, placeAfterPause } from './seek-bar.ts';

const from = (...starts: number[]) => ({ length: starts.length, start: (i: number) => starts[i] as number });

test('there is something to go back in from ten seconds on', () => {
  expect(liveWindow(from(100), 160, false)).toEqual({ startS: 100, endS: 160 });
  expect(liveWindow(from(100), 110, false)).toEqual({ startS: 100, endS: 110 });
  expect(liveWindow(from(100), 109.9, false)).toBeNull();
  expect(liveWindow(from(), 160, true)).toBeNull();
  expect(liveWindow(from(0), null, true)).toBeNull(); // no HLS
});

test('a window that is there does not flicker where it comes and goes in lumps', () => {
  expect(liveWindow(from(100), 108, true)).toEqual({ startS: 100, endS: 108 });
  expect(liveWindow(from(100), 107.9, true)).toBeNull();
});

test('after a pause it goes on where the visitor was, or at live', () => {
  const window = { startS: 100, endS: 160 };
  expect(placeAfterPause(window, false, 120)).toBe(120);
  expect(placeAfterPause(window, false, 90)).toBe(100); // that is kept no more
  expect(placeAfterPause(window, true, 158)).toBeNull();
  expect(placeAfterPause(null, false, 120)).toBeNull();
});
