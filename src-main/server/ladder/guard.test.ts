import { expect, test } from 'vitest';
import { guardAtStart, look } from './guard.ts';

/** @returns at which looks a rung had to go, counted from 1 */
function guard(behindMs: number[]): number[] {
  let state = guardAtStart;
  return behindMs.flatMap((behind, i) => {
    const next = look(state, behind > 1_000);
    state = next.state;
    return next.tooMuch ? [i + 1] : [];
  });
}

const of = (count: number, behindMs: number) => new Array<number>(count).fill(behindMs);

test('who keeps up keeps its rungs, also after a slow start and through a hiccup', () => {
  expect(guard([...of(5, 3_000), ...of(60, 100)])).toEqual([]);
  expect(guard([...of(20, 100), ...of(3, 2_500), ...of(30, 0)])).toEqual([]);
});

test('who is behind loses a rung, and after some time the next', () => {
  expect(guard(of(20, 2_000))).toEqual([9, 18]);
});

test('the queue that drops to an IDR hides nothing: behind again and again is behind', () => {
  expect(guard([...of(5, 0), 2_000, 200, 1_500, 2_500, 300, 1_200]).at(0)).toBe(11);
});
