import { expect, test } from 'vitest';
import { clockOffsetMs, LatencyMeter, TransitMeter, transitMs } from './latency.ts';

test('a picture between two references counts from the one before it', () => {
  const meter = new LatencyMeter();
  meter.addReference({ timestampMs: 0, serverTimeMs: 10_000 });
  meter.addReference({ timestampMs: 1_000, serverTimeMs: 11_050 });
  meter.addFrame(500, 11_200);
  expect(meter.latencyMs).toBe(700);
});

test('the figure is the median, so that one late picture does not move it', () => {
  const meter = new LatencyMeter();
  meter.addReference({ timestampMs: 0, serverTimeMs: 0 });
  for (const late of [600, 610, 5_000, 605, 595]) meter.addFrame(100, 100 + late);
  expect(meter.latencyMs).toBe(605);
});

test('there is no figure before a reference, nor after a reset', () => {
  const meter = new LatencyMeter();
  meter.addFrame(0, 1);
  expect(meter.latencyMs).toBeNull();
  meter.addReference({ timestampMs: 0, serverTimeMs: 0 });
  meter.addFrame(0, 1);
  expect(meter.latencyMs).toBe(1);
  meter.reset();
  expect(meter.latencyMs).toBeNull();
});

test('the quickest ping tells the offset', () => {
  const slow = { sentAtMs: 0, receivedAtMs: 400, serverTimeMs: 5_390 };
  const quick = { sentAtMs: 1_000, receivedAtMs: 1_010, serverTimeMs: 6_005 };
  expect(clockOffsetMs([slow, quick])).toBe(5_000);
  expect(clockOffsetMs([])).toBeNull();
});

test('what is late is late beyond the usual, and old news is none', () => {
  const transit = new TransitMeter();
  expect(transit.lateMs(0)).toBeNull();
  transit.add(0, 120);
  transit.add(500, 130);
  expect(transit.lateMs(600)).toBe(0);
  transit.add(2_500, 900);
  expect(transit.lateMs(2_600)).toBe(780);
  expect(transit.lateMs(9_000)).toBeNull();
});

test('a connection that is late from its beginning is late; a clock that is ahead is not', () => {
  const late = new TransitMeter();
  late.add(0, 2_000);
  expect(late.lateMs(0)).toBe(1_700);
  const ahead = new TransitMeter();
  ahead.add(0, -50);
  expect(ahead.lateMs(0)).toBeLessThan(0);
});

test("a ladder's share of the way is no lateness of the network", () => {
  expect(transitMs({ timestampMs: 0, serverTimeMs: 1_000, readyTimeMs: 2_500, sentTimeMs: 2_600 }, 2_650)).toBe(150);
  expect(transitMs({ timestampMs: 0, serverTimeMs: 1_000 }, 1_040)).toBe(40);
});
