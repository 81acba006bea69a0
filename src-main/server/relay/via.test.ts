import { expect, test } from 'vitest';
import { joinVia, parseVia, viaProblem } from './via.ts';

const id = (n: number) => n.toString(16).padStart(16, '0');

test('each server is named once, the one that speaks last', () => {
  expect(joinVia([], id(1))).toBe(id(1));
  expect(
    parseVia(
      joinVia(
        [
          [id(1), id(2)],
          [id(1), id(3)],
        ],
        id(4),
      ),
    ),
  ).toEqual([1, 2, 3, 4].map(id));
});

test('a circle and too long a way are refused; what is no list says nothing', () => {
  expect(viaProblem([id(1)], id(2))).toBeNull();
  expect(viaProblem([id(1), id(2)], id(2))).toMatch(/circle/);
  expect(viaProblem(parseVia(Array.from({ length: 9 }, (_, n) => id(n)).join()), id(20))).toMatch(/at most 8/);
  for (const text of [undefined, '', 'x', `${id(1)},`, `${id(1)}\r\nx`, id(1).repeat(20)]) expect(parseVia(text)).toEqual([]);
});
