import { expect, test } from 'vitest';
import { clockText } from './clock-text.ts';

test.each([
  [-3, '0:00'],
  [0.9, '0:00'],
  [59.99, '0:59'],
  [61, '1:01'],
  [3_599, '59:59'],
  [3_600, '1:00:00'],
  [45_296, '12:34:56'],
])('%d s is %s', (seconds, text) => {
  expect(clockText(seconds)).toBe(text);
});
