import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ReportTracker } from './report-tracker.ts';

/** what the server's clock is ahead of ours */
const AHEAD_MS = 1e9;
const WAY_MS = 30;
const STEP_MS = 20;
const STEP_BYTES = 10_000;

/** Each 20 ms 10,000 bytes go; the way takes 30 ms, and holds what comes faster than it lets through. */
function play(seconds: number, bytesPerMs: (nowMs: number) => number) {
  const tracker = new ReportTracker(0, 0);
  const underWay: { dueMs: number; bytes: number }[] = [];
  let [sent, arrived, arrivedMs, reportedMs, passing] = [0, 0, 0, 0, 0];
  const back: { dueMs: number; receivedBytes: number; arrivedMs: number }[] = [];
  for (let nowMs = 0; nowMs < seconds * 1_000; nowMs += 5) {
    if (nowMs % STEP_MS === 0) {
      sent += STEP_BYTES;
      tracker.sent(sent, nowMs);
      underWay.push({ dueMs: nowMs + WAY_MS, bytes: STEP_BYTES });
    }
    let budget = bytesPerMs(nowMs) * 5;
    for (const [first] = underWay; first && first.dueMs <= nowMs && budget > 0; budget = 0) {
      const waiting = underWay.filter(({ dueMs }) => dueMs <= nowMs).reduce((sum, { bytes }) => sum + bytes, -passing);
      const bytes = Math.min(waiting, budget);
      passing += bytes;
      arrived += bytes;
      if (bytes > 0) arrivedMs = nowMs;
      while (underWay[0] && passing >= underWay[0].bytes) passing -= underWay.shift()?.bytes ?? 0;
    }
    if (arrivedMs > reportedMs && nowMs - reportedMs >= 100) {
      reportedMs = nowMs;
      back.push({ dueMs: nowMs + WAY_MS, receivedBytes: arrived, arrivedMs: arrivedMs + AHEAD_MS });
    }
    while (back[0] && back[0].dueMs <= nowMs) {
      const report = back.shift();
      if (report) expect(tracker.report(report, sent, nowMs)).toBe(true);
    }
  }
  return { tracker, sent, arrived, nowMs: seconds * 1_000 };
}

describe('what waits on the way', () => {
  test('nothing, on a way that takes all: clocks that differ do not matter', () => {
    const { tracker, arrived, sent, nowMs } = play(3, () => 100_000);
    expect(tracker.queueBytes(nowMs)).toBe(0);
    expect(Math.abs(tracker.estimateBytes(nowMs) - arrived)).toBeLessThanOrEqual(2 * STEP_BYTES); // the way back
    expect(tracker.estimateBytes(nowMs)).toBeLessThanOrEqual(sent);
  });

  test('what the way has not let through, from when it has become slow', () => {
    const slowFromMs = 2_000;
    const { tracker, nowMs } = play(3, (atMs) => (atMs < slowFromMs ? 100_000 : 250));
    const waiting = (500 - 250) * (nowMs - slowFromMs);
    expect(tracker.queueBytes(nowMs)).toBeGreaterThan(waiting * 0.8);
    expect(tracker.queueBytes(nowMs)).toBeLessThan(waiting * 1.05);
  });

  test('all that was sent since, when nothing comes through any more and no report tells of it', () => {
    const { tracker, sent, arrived, nowMs } = play(3, (atMs) => (atMs < 2_000 ? 100_000 : 0));
    expect(tracker.queueBytes(nowMs)).toBeGreaterThan((sent - arrived) * 0.7);
    expect(tracker.queueBytes(nowMs)).toBeLessThanOrEqual(sent - arrived);
    const paceBytes = (STEP_BYTES / STEP_MS) * 100; // until the next report was due it might have come
    expect(tracker.estimateBytes(nowMs)).toBeLessThanOrEqual(arrived + paceBytes);
  });

  test('nothing, when nothing more is sent', () => {
    const { tracker, sent, nowMs } = play(3, () => 100_000);
    tracker.report({ receivedBytes: sent, arrivedMs: nowMs + WAY_MS + AHEAD_MS }, sent, nowMs + 2 * WAY_MS);
    expect(tracker.queueBytes(nowMs + 60_000)).toBe(0);
  });
});

describe('a report is not believed that', () => {
  const known = () => {
    const tracker = new ReportTracker(3_000, 0);
    tracker.sent(10_000, 10);
    expect(tracker.report({ receivedBytes: 8_000, arrivedMs: 500 }, 10_000, 20)).toBe(true);
    return tracker;
  };

  test.each([
    ['tells of more than was sent', { receivedBytes: 10_001, arrivedMs: 600 }],
    ['takes something back', { receivedBytes: 7_999, arrivedMs: 600 }],
    ['tells nothing new', { receivedBytes: 8_000, arrivedMs: 600 }],
    ['is of before the last', { receivedBytes: 9_000, arrivedMs: 499 }],
    ['is of quite another time', { receivedBytes: 9_000, arrivedMs: 1e9 }],
  ])('%s', (_, report) => {
    const tracker = known();
    expect(tracker.report(report, 10_000, 30)).toBe(false);
    expect(tracker.receivedBytes).toBe(8_000);
  });

  test('tells of what was sent before anybody kept count', () => {
    expect(new ReportTracker(3_000, 0).report({ receivedBytes: 2_999, arrivedMs: 1 }, 3_000, 20)).toBe(false);
  });
});

test('a flood of reports, each a byte further, costs next to nothing and is one to measure by', () => {
  const tracker = new ReportTracker(0, 0);
  for (let i = 1; i <= 4_000; i += 1) tracker.sent(i * 1_000, i * 5);
  const before = process.threadCpuUsage();
  for (let i = 1; i <= 40_000; i += 1) tracker.report({ receivedBytes: i, arrivedMs: 20_005 }, 4_000_000, 20_010 + i / 1_000);
  expect(process.threadCpuUsage(before).user).toBeLessThan(2_000_000); // 70 ms; a minute where each is kept and copied
  expect(tracker.receivedBytes).toBe(40_000);
});

test('a server that acknowledges on and reports no more has lapsed; one that is silent altogether has not', () => {
  const tracker = new ReportTracker(0, 0);
  tracker.sent(10_000, 0);
  expect(tracker.isCurrent(null, 10)).toBe(false);
  tracker.report({ receivedBytes: 5_000, arrivedMs: 40 }, 10_000, 50);
  expect(tracker.isCurrent(10_000, 900)).toBe(true);
  expect(tracker.isCurrent(10_000, 1_100)).toBe(false);
  expect(tracker.isCurrent(5_000, 1_100)).toBe(true);
  expect(tracker.isCurrent(null, 9_000)).toBe(true);
});

test('property: whatever a server says, no more arrives than was sent, and nothing is made up', () => {
  const report = fc.record({
    receivedBytes: fc.double({ min: 0, max: 2e5, noNaN: true }),
    arrivedMs: fc.double({ min: 0, max: 2e5, noNaN: true }),
  });
  const step = fc.tuple(fc.integer({ min: 0, max: 500 }), fc.integer({ min: 0, max: 20_000 }), fc.option(report));
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const tracker = new ReportTracker(0, 0);
      let [nowMs, sent] = [0, 0];
      for (const [waitMs, bytes, said] of steps) {
        nowMs += waitMs;
        sent += bytes;
        tracker.sent(sent, nowMs);
        if (said) tracker.report(said, sent, nowMs);
        for (const value of [tracker.estimateBytes(nowMs), tracker.queueBytes(nowMs), tracker.receivedBytes]) {
          expect(value).toBeGreaterThanOrEqual(0);
          expect(value).toBeLessThanOrEqual(sent);
        }
      }
    }),
  );
});
