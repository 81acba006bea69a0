import { expect, test } from 'vitest';
import { isPulse } from './pulse.ts';

test.each([
  [0, true],
  [99_999, true],
  [100_000, false],
  [1_999_999, false],
  [2_000_000, true],
  [4_050_000, true],
])('at %i us a period of 2 s is on: %s', (timeUs, on) => expect(isPulse(timeUs, 2_000)).toBe(on));
