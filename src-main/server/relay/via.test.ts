import { expect, test } from 'vitest';
import { formatVia, HOPS_MAX, joinVia, parseVia, type Via, viaProblem } from './via.ts';

const id = (n: number) => n.toString(16).padStart(16, '0');
const via = (hops: number, ...ids: number[]): Via => ({ hops, ids: ids.map(id) });
const range = (count: number, from = 0) => Array.from({ length: count }, (_, i) => from + i);

test('each server is named once, the one that speaks last; those beside each other make the way no longer', () => {
  expect(joinVia([], id(1))).toEqual(via(1, 1));
  const joined = joinVia([via(2, 1, 2), via(2, 1, 3)], id(4));
  expect(joined.hops).toBe(3);
  expect(joined.ids.toSorted()).toEqual([1, 2, 3, 4].map(id));
  expect(joined.ids.at(-1)).toBe(id(4));
  expect(parseVia(formatVia(joined))).toEqual(joined);
  const leaves = joinVia(
    range(40).map((n) => via(1, n)),
    id(99),
  );
  expect([leaves.hops, leaves.ids.length, viaProblem(leaves, id(100))]).toEqual([2, 41, null]);
});

test('a circle and too long a way are refused; what is no list says nothing', () => {
  expect(viaProblem(via(1, 1), id(2))).toBeNull();
  expect(viaProblem(via(2, 1, 2), id(2))).toMatch(/circle/);
  expect(viaProblem(via(HOPS_MAX, 1), id(2))).toBeNull();
  expect(viaProblem(via(HOPS_MAX + 1, 1), id(2))).toMatch(/at most 8/);
  expect(viaProblem(via(HOPS_MAX, 1), id(2), HOPS_MAX - 1)).toMatch(/at most 8/);
  const none = [undefined, '', 'x', id(1), `1 ${id(1)},`, `1 ${id(1)}\r\nx`, `-1 ${id(1)}`, `1 ${id(1).repeat(20)}`];
  for (const text of none) expect(parseVia(text)).toEqual({ hops: 0, ids: [] });
});

test('a list that is too long is a way too long; what is said to the next server is never one, and no client crowds out others', () => {
  expect(viaProblem(parseVia(formatVia(via(2, ...range(300)))), id(999))).toMatch(/at most 8/);
  const honest = range(50, 5_000).map((n) => via(1, n));
  const joined = joinVia([via(7, ...range(256)), via(7, ...range(256, 1_000)), ...honest], id(999));
  expect(parseVia(formatVia(joined))).toEqual(joined);
  expect(joined.ids).toEqual(expect.arrayContaining(honest.flatMap(({ ids }) => ids)));
});
