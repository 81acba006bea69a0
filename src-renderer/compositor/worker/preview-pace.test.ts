import { expect, test } from 'vitest';
import { PreviewPace } from './preview-pace.ts';

const drawn = (pace: PreviewPace, pictures: number, isLate = (_picture: number) => false) =>
  Array.from({ length: pictures }, (_, picture) => pace.next(isLate(picture))).filter(Boolean).length;

test('every picture is shown while all come in time', () => {
  expect(drawn(new PreviewPace(), 300)).toBe(300);
});

test('a late picture is never shown, and those after it less often', () => {
  const pace = new PreviewPace();
  expect(drawn(pace, 5, () => true)).toBe(0);
  expect(drawn(pace, 60)).toBe(10);
});

test('when calm returns the preview is as smooth as before', () => {
  const pace = new PreviewPace();
  drawn(pace, 5, () => true);
  drawn(pace, 600);
  expect(drawn(pace, 300)).toBe(300);
});

test('it keeps moving on a machine that is always on the edge', () => {
  const pace = new PreviewPace();
  expect(drawn(pace, 900, (picture) => picture % 20 === 0)).toBeGreaterThanOrEqual(90);
});
