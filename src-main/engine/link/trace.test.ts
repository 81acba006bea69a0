import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  meanKbps,
  opportunitiesBetween,
  opportunitiesUntil,
  opportunityTimeMs,
  parseTrace,
  serialiseTrace,
  TraceCursor,
  traceOf,
  traceOfRate,
} from './trace.ts';

const traces = fc
  .array(fc.integer({ min: 0, max: 5_000 }), { minLength: 1, maxLength: 200 })
  .filter((times) => times.some((time) => time > 0))
  .map((times) => traceOf(times.toSorted((a, b) => a - b)));

test('property: parsing inverts serialising', () => {
  fc.assert(fc.property(traces, (trace) => void expect(parseTrace(serialiseTrace(trace))).toEqual(trace)));
});

test('lines may end as on Windows, and the last may lack its end', () => {
  expect(parseTrace('1\r\n1\r\n4')).toEqual(traceOf([1, 1, 4]));
});

test.each([
  ['', 'no lines'],
  ['0\n0\n', 'needs a length'],
  ['1\n2.5\n', 'line 2 is not a time in whole milliseconds: "2.5"'],
  ['1\n\n3\n', 'line 2'],
  ['-1\n', 'line 1'],
  ['5\n4\n', 'line 2 goes back in time, from 5 to 4 ms'],
])('%j is refused', (text, why) => {
  expect(() => parseTrace(text)).toThrow(expect.objectContaining({ code: 'asset.unsupported', message: expect.stringContaining(why) }));
});

test('a window takes its end and leaves its start, and the trace repeats after its last line', () => {
  const trace = traceOf([0, 2, 2, 5]);
  expect(opportunitiesUntil(trace, -1)).toBe(0);
  expect(opportunitiesUntil(trace, 0)).toBe(1);
  expect(opportunitiesBetween(trace, 0, 2)).toBe(2);
  expect(opportunitiesBetween(trace, 2, 4.9)).toBe(0);
  expect(opportunitiesBetween(trace, 4.9, 5)).toBe(2); // the last of one round and the first of the next
  expect(opportunitiesBetween(trace, 5, 7)).toBe(2);
  expect(opportunitiesBetween(trace, 7, 5)).toBe(0);
  expect([0, 1, 2, 3, 4, 5].map((index) => opportunityTimeMs(trace, index))).toEqual([0, 2, 2, 5, 5, 7]);
});

test('property: windows side by side count what one window over both counts', () => {
  const times = fc.double({ min: -10, max: 30_000, noNaN: true });
  fc.assert(
    fc.property(traces, times, times, times, (trace, ...cuts) => {
      const [from, middle, to] = cuts.toSorted((a, b) => a - b) as [number, number, number];
      const parts = opportunitiesBetween(trace, from, middle) + opportunitiesBetween(trace, middle, to);
      expect(parts).toBe(opportunitiesBetween(trace, from, to));
    }),
  );
});

test('property: an opportunity is counted from its time on', () => {
  fc.assert(
    fc.property(traces, fc.nat(2_000), (trace, index) => {
      const atMs = opportunityTimeMs(trace, index);
      expect(opportunitiesUntil(trace, atMs)).toBeGreaterThan(index);
      expect(opportunitiesUntil(trace, atMs - 1)).toBeLessThanOrEqual(index);
    }),
  );
});

test('a cursor gives each opportunity once', () => {
  const cursor = new TraceCursor(traceOf([2, 4, 4, 6]), 2);
  expect(cursor.nextMs).toBe(4);
  expect(cursor.take(3)).toBe(0);
  expect(cursor.take(4)).toBe(2);
  expect(cursor.take(1)).toBe(0);
  expect(cursor.nextMs).toBe(6);
  expect(cursor.take(12)).toBe(5);
});

test('a steady rate is kept to, whatever the window', () => {
  const trace = traceOfRate(1_000, () => 6_000);
  expect(trace.periodMs).toBe(1_000);
  expect(trace.timesMs.length).toBe(500);
  expect(meanKbps(trace, 0, 1_000)).toBe(6_000);
  expect(meanKbps(trace, 700, 1_700)).toBe(6_000);
  expect(meanKbps(trace, 3, 3)).toBe(0);
});

test('a trace that ends in silence still keeps its length', () => {
  const trace = traceOfRate(1_000, (atMs) => (atMs <= 500 ? 1_200 : 0));
  expect(trace.periodMs).toBe(1_000);
  expect(opportunitiesBetween(trace, 510, 999)).toBe(0);
});
