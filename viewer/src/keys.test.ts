import { expect, test } from 'vitest';
import { ownsKey } from './keys.ts';

test('a slider with the focus keeps the keys that move it, and no others', () => {
  const slider = { localName: 'input', type: 'range' };
  expect(['ArrowLeft', 'ArrowUp', 'Home', 'PageDown'].every((key) => ownsKey(slider, key))).toBe(true);
  expect([' ', 'k', 'm', 'f', 'Escape'].some((key) => ownsKey(slider, key))).toBe(false);
});

test('what is typed into, and what is pressed, keep theirs', () => {
  expect(ownsKey({ localName: 'input', type: 'text' }, 'k')).toBe(true);
  expect([ownsKey({ localName: 'button' }, ' '), ownsKey({ localName: 'button' }, 'k')]).toEqual([true, false]);
  expect(ownsKey({ localName: 'video' }, ' ')).toBe(false);
});
