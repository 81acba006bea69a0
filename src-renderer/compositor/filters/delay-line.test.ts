import { expect, test } from 'vitest';
import { DELAY_BYTES_MAX, halvingsFor } from './delay.ts';
import { DelayLine } from './delay-line.ts';

test('gives what is due, the oldest while it fills, and what was passed back for use', () => {
  const line = new DelayLine<string>();
  const seen = [0, 10, 20, 30, 40].map((atUs) => {
    line.push(atUs, `at ${atUs}`);
    return line.at(atUs - 20);
  });
  expect(seen).toEqual(['at 0', 'at 0', 'at 0', 'at 10', 'at 20']);
  expect(line.length).toBe(3);
  expect(line.spare()).toBe('at 10');
});

test('a clock that is set back begins anew', () => {
  const gone: string[] = [];
  const line = new DelayLine<string>((item) => gone.push(item));
  line.push(1_000, 'before');
  line.push(10, 'after');
  expect(line.at(-100)).toBe('after');
  expect(gone).toEqual(['before']);
  line[Symbol.dispose]();
  expect(gone).toEqual(['before', 'after']);
});

test.each([
  [1280, 720, 200, 30],
  [1280, 720, 2_000, 30],
  [1920, 1080, 2_000, 60],
  [3840, 2160, 2_000, 60],
])('property: %i x %i, %i ms at %i fps fits, and is not smaller than it must be', (width, height, delayMs, frameRate) => {
  const halvings = halvingsFor({ width, height }, delayMs, frameRate);
  const bytes = (times: number) => ((delayMs / 1_000) * frameRate + 2) * (width >> times) * (height >> times) * 4;
  expect(bytes(halvings)).toBeLessThanOrEqual(DELAY_BYTES_MAX);
  if (halvings > 0) expect(bytes(halvings - 1)).toBeGreaterThan(DELAY_BYTES_MAX);
});
