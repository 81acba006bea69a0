/** When frames leave: at once before a few viewers, together before a crowd. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { SERVER_LIMITS } from '../limits.ts';
import { StreamCounters } from '../metrics/stream-counters.ts';
import { Audience } from './audience.ts';
import type { MediaFrame } from './frame.ts';
import { TestSink, videoFrame } from './test-frames.ts';

const PICTURE_MS = 33;
let left: { atMs: number; times: number[] }[];
let audience: Audience;
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['performance', 'setTimeout', 'clearTimeout'] });
  left = [];
  audience = new Audience(SERVER_LIMITS, new StreamCounters(), () => {});
});
afterEach(() => void vi.useRealTimers());

/** A viewer behind a socket. */
class SocketSink extends TestSink {
  readonly protocol = 'flv';
  flush(): void {}
}

/** @param count viewers, of whom one says when what it was sent left; they have seen the IDR at 0 */
function crowd(count: number): void {
  for (let i = 1; i < count; i += 1) audience.join(new SocketSink(), [], () => 1);
  const seen = new SocketSink();
  audience.join(seen, [], () => 1);
  give(0, { key: true });
  seen.flush = () => {
    const times = seen.tags.splice(0).flatMap(({ frame, timestampMs }) => (frame ? timestampMs : []));
    if (times.length > 0) left.push({ atMs: performance.now(), times });
  };
  seen.tags.length = 0;
}

const give = (timestampMs: number, change: Partial<MediaFrame> = {}) =>
  audience.give(videoFrame(timestampMs, change), change.kind === 'audio');

function pictures(count: number, change: Partial<MediaFrame> = {}): void {
  for (let i = 1; i <= count; i += 1) {
    vi.advanceTimersByTime(PICTURE_MS);
    give(i * PICTURE_MS, change);
  }
}

const waits = () => left.map(({ atMs, times }) => atMs - (times[0] as number));

test('up to fifty viewers get each picture at once', () => {
  crowd(50);
  pictures(6);
  expect(left).toEqual([33, 66, 99, 132, 165, 198].map((atMs) => ({ atMs, times: [atMs] })));
});

test('the pictures of a crowd leave together, a millisecond for each viewer above fifty after those before them', () => {
  crowd(110);
  pictures(6);
  expect(left).toEqual([
    { atMs: 60, times: [33] },
    { atMs: 120, times: [66, 99] },
    { atMs: 180, times: [132, 165] },
  ]);
});

test('none waits for longer than 120 ms, however many there are', () => {
  crowd(400);
  pictures(12);
  expect(left.map(({ atMs }) => atMs)).toEqual([120, 240, 360]);
  expect(Math.max(...waits())).toBeLessThanOrEqual(120);
});

test('an IDR does not wait, nor do more than 32 KiB; what waited leaves with them', () => {
  crowd(400);
  pictures(2);
  give(70, { key: true });
  expect(left).toEqual([{ atMs: 66, times: [33, 66, 70] }]);
  give(75, { body: new Uint8Array(32 * 1_024) });
  expect(left).toHaveLength(1);
  give(80, { body: new Uint8Array(1) });
  expect(left[1]).toEqual({ atMs: 66, times: [75, 80] });
});

test('sound waits for the next picture, for 40 ms at most', () => {
  crowd(1);
  give(5, { kind: 'audio' });
  expect(left).toEqual([]);
  vi.advanceTimersByTime(20);
  give(20);
  expect(left).toEqual([{ atMs: 20, times: [5, 20] }]);
  give(25, { kind: 'audio' });
  vi.advanceTimersByTime(39);
  expect(left).toHaveLength(1);
  vi.advanceTimersByTime(1);
  expect(left[1]).toEqual({ atMs: 60, times: [25] });
});
