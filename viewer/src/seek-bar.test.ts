import { expect, test } from 'vitest';
import { liveWindow } from './seek-bar.ts';

const from = (...starts: number[]) => ({ length: starts.length, start: (i: number) => starts[i] as number });

test('there is something to go back in from ten seconds on', () => {
  expect(liveWindow(from(100), 160)).toEqual({ startS: 100, endS: 160 });
  expect(liveWindow(from(100), 110)).toEqual({ startS: 100, endS: 110 });
  expect(liveWindow(from(100), 109.9)).toBeNull();
  expect(liveWindow(from(), 160)).toBeNull();
  expect(liveWindow(from(0), null)).toBeNull(); // no HLS
});
