import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { AckWay } from './ack-way.ts';

const ROUND_TRIP_MS = 60;
const STEP_MS = 20;
const WINDOW_BYTES = 50_000;

/** Each 20 ms some bytes go, over a link of a rate; the server acknowledges each 50,000. */
function play(seconds: number, bytesPerStep: (nowMs: number) => number, linkBytesPerMs: (nowMs: number) => number) {
  const way = new AckWay(0, 0);
  const back: { dueMs: number; bytes: number }[] = [];
  let [sent, arrived, acked] = [0, 0, 0];
  for (let nowMs = 0; nowMs < seconds * 1_000; nowMs += 5) {
    if (nowMs % STEP_MS === 0) {
      sent += bytesPerStep(nowMs);
      way.sent(sent, nowMs);
    }
    arrived = Math.min(sent, arrived + linkBytesPerMs(nowMs) * 5);
    if (arrived - acked >= WINDOW_BYTES) {
      acked = arrived;
      back.push({ dueMs: nowMs + ROUND_TRIP_MS, bytes: acked });
    }
    while (back[0] && back[0].dueMs <= nowMs) way.acknowledged(back.shift()?.bytes ?? 0, nowMs);
  }
  const nowMs = seconds * 1_000;
  return { way, waiting: sent - arrived, sent, nowMs };
}

describe('what waits on the way', () => {
  test('nothing, where all that is sent passes, acknowledged or not', () => {
    const { way, sent, nowMs } = play(
      3,
      () => 10_000,
      () => 100_000,
    );
    expect(way.queueBytes(nowMs, WINDOW_BYTES)).toBe(0);
    expect(way.estimateBytes(nowMs, WINDOW_BYTES)).toBeGreaterThan(sent - 50_000); // the round trip's
  });

  test('what the link has not taken, as well between two acknowledgements', () => {
    const slow = (nowMs: number) => (nowMs < 2_000 ? 100_000 : 400);
    for (const seconds of [3, 3.05, 3.1]) {
      const { way, waiting, nowMs } = play(seconds, () => 10_000, slow);
      expect(way.queueBytes(nowMs, WINDOW_BYTES)).toBeGreaterThan(waiting * 0.7);
      expect(way.queueBytes(nowMs, WINDOW_BYTES)).toBeLessThan(waiting * 1.1);
    }
  });

  test('all but one window, when no acknowledgement comes any more', () => {
    const { way, waiting, nowMs } = play(
      4,
      () => 10_000,
      (atMs) => (atMs < 2_000 ? 100_000 : 0),
    );
    expect(way.queueBytes(nowMs, WINDOW_BYTES)).toBeGreaterThan(waiting - 2 * WINDOW_BYTES);
    expect(way.burstKbps(nowMs)).toBe(0);
  });

  test('nothing on a quiet show, whose acknowledgements take seconds', () => {
    const quiet = (atMs: number) => (atMs < 2_000 ? 10_000 : 60);
    for (const seconds of [6, 8, 9.9]) {
      const { way, nowMs } = play(seconds, quiet, () => 100_000);
      expect(way.queueBytes(nowMs, WINDOW_BYTES)).toBe(0);
    }
  });
});

test('a burst shows what the link takes, though no acknowledgement ends with it', () => {
  const keyframes = (atMs: number) => (atMs % 1_000 === 0 ? 60_000 : 3_000);
  const { way, nowMs } = play(5.3, keyframes, () => 1_000);
  const fastest = Math.max(
    ...[5.1, 5.15, 5.2].map((seconds) => play(seconds, keyframes, () => 1_000)).map((run) => run.way.burstKbps(run.nowMs)),
  );
  expect(fastest).toBeGreaterThan(3_500); // of 8,000; the stream's own mean is 1,650
  expect(fastest).toBeLessThanOrEqual(8_000);
  expect(way.burstKbps(nowMs)).toBeLessThanOrEqual(8_000);
});

test('a flood of acknowledgements, each a byte further, costs next to nothing, and the newest is known', () => {
  const way = new AckWay(0, 0);
  for (let i = 1; i <= 4_000; i += 1) way.sent(i * 1_000, i * 5);
  const before = process.threadCpuUsage();
  for (let i = 1; i <= 40_000; i += 1) way.acknowledged(i, 20_010 + i / 1_000);
  expect(process.threadCpuUsage(before).user).toBeLessThan(2_000_000); // 70 ms; a minute where each is kept and copied
  expect(way.estimateBytes(20_050, 0)).toBe(40_000);
});

test('property: no more arrives than was sent, and no less than was acknowledged', () => {
  const step = fc.tuple(fc.integer({ min: 0, max: 500 }), fc.integer({ min: 0, max: 20_000 }), fc.double({ min: 0, max: 1, noNaN: true }));
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), fc.integer({ min: 0, max: 100_000 }), (steps, dueBytes) => {
      const way = new AckWay(0, 0);
      let [nowMs, sent, acked] = [0, 0, 0];
      for (const [waitMs, bytes, part] of steps) {
        nowMs += waitMs;
        sent += bytes;
        way.sent(sent, nowMs);
        acked = Math.floor(acked + (sent - acked) * part);
        way.acknowledged(acked, nowMs);
        expect(way.estimateBytes(nowMs, dueBytes)).toBeGreaterThanOrEqual(acked);
        expect(way.estimateBytes(nowMs, dueBytes)).toBeLessThanOrEqual(sent);
        expect(way.queueBytes(nowMs, dueBytes)).toBeLessThanOrEqual(sent - acked);
      }
    }),
  );
});
