import { expect, test } from 'vitest';
import { findBreaks, type Watched } from './picture-watch.ts';

const every33 = (count: number, from = 0): Watched['pictures'] =>
  Array.from({ length: count }, (_, i) => ({ atMs: (from + i) * 33, mediaMs: (from + i) * 33, presented: from + i, lines: 720 }));
const seen = (pictures: Watched['pictures'], stallsMs: number[] = []): Watched => ({ pictures, stallsMs, nowMs: 10_000 });

test('an even row of pictures has no break', () => {
  expect(findBreaks(seen(every33(60)), 0)).toEqual({ gaps: [], backwardsMs: [], stallsMs: [], longestMs: 0 });
});

test('a gap is one where nothing was shown, not where the page did not look', () => {
  const [before, after] = [every33(10), every33(10, 20)];
  expect(findBreaks(seen([...before, ...after]), 0).gaps).toEqual([]); // ten pictures were shown meanwhile
  const still = after.map((picture) => ({ ...picture, presented: picture.presented - 10 }));
  expect(findBreaks(seen([...before, ...still]), 0).gaps).toEqual([{ atMs: 297, lengthMs: 363 }]);
});

test('a picture that was shown already is one too many, and a stall counts from the time that is asked for', () => {
  const pictures = every33(10);
  pictures.push({ atMs: 400, mediaMs: 200, presented: 10, lines: 360 });
  expect(findBreaks(seen(pictures, [5, 350]), 100)).toMatchObject({ backwardsMs: [400], stallsMs: [350] });
});
