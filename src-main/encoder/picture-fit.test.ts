import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fitPicture } from './picture-fit.ts';

const HD = { widthPx: 1_280, heightPx: 720 };
const UPRIGHT = { widthPx: 1_080, heightPx: 1_920 };
const whole = (size: typeof HD) => ({ ...size, xPx: 0, yPx: 0 });

test('a wide picture in an upright one: all of it between bars, or its middle', () => {
  expect(fitPicture(HD, UPRIGHT, 'contain')).toEqual({ from: whole(HD), to: { widthPx: 1_080, heightPx: 608, xPx: 0, yPx: 656 } });
  expect(fitPicture(HD, UPRIGHT, 'cover')).toEqual({ from: { widthPx: 406, heightPx: 720, xPx: 436, yPx: 0 }, to: whole(UPRIGHT) });
});

test('one of the same shape is scaled as a whole, even where the last row does not come out', () => {
  expect(fitPicture(HD, { widthPx: 1_920, heightPx: 1_080 }, 'contain')).toBeNull();
  expect(fitPicture(HD, { widthPx: 854, heightPx: 480 }, 'cover')).toBeNull();
});

test('property: even parts within their pictures, which touch two edges, and of nearly the same shape', () => {
  const px = fc.integer({ min: 80, max: 2_160 }).map((half) => half * 2);
  const size = fc.record({ widthPx: px, heightPx: px });
  fc.assert(
    fc.property(size, size, fc.constantFrom('contain' as const, 'cover' as const), (from, to, fit) => {
      const parts = fitPicture(from, to, fit);
      if (!parts) return;
      for (const [part, of] of [[parts.from, from] as const, [parts.to, to] as const]) {
        for (const value of Object.values(part)) expect(value % 2).toBe(0);
        expect(part.xPx + part.widthPx).toBeLessThanOrEqual(of.widthPx);
        expect(part.yPx + part.heightPx).toBeLessThanOrEqual(of.heightPx);
        expect(part.widthPx === of.widthPx || part.heightPx === of.heightPx).toBe(true);
      }
      expect(fit === 'contain' ? parts.from : parts.to).toEqual(whole(fit === 'contain' ? from : to));
      const across = parts.to.widthPx / parts.from.widthPx;
      const down = parts.to.heightPx / parts.from.heightPx;
      const smallest = Math.min(parts.to.widthPx, parts.to.heightPx, parts.from.widthPx, parts.from.heightPx);
      expect(Math.abs(across / down - 1)).toBeLessThan(4 / smallest); // as far as even numbers allow
    }),
  );
});
