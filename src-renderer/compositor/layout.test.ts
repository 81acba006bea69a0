import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { boundsOf, cropRect, fitCanvas, fitRect, placeItem } from './layout.ts';

const rect = (x: number, y: number, width: number, height: number) => ({ x, y, width, height });
const noCrop = { leftPx: 0, topPx: 0, rightPx: 0, bottomPx: 0 };

describe('crop', () => {
  test('cuts each edge', () => {
    expect(cropRect({ width: 100, height: 50 }, { leftPx: 10, topPx: 5, rightPx: 20, bottomPx: 15 })).toEqual(rect(10, 5, 70, 30));
  });

  test('property: never leaves the picture and never vanishes', () => {
    const edge = fc.integer({ min: 0, max: 16_384 });
    const size = fc.integer({ min: 1, max: 8_192 });
    fc.assert(
      fc.property(size, size, edge, edge, edge, edge, (width, height, leftPx, topPx, rightPx, bottomPx) => {
        const { x, y, ...left } = cropRect({ width, height }, { leftPx, topPx, rightPx, bottomPx });
        expect(left.width).toBeGreaterThanOrEqual(1);
        expect(left.height).toBeGreaterThanOrEqual(1);
        expect(x + left.width).toBeLessThanOrEqual(width);
        expect(y + left.height).toBeLessThanOrEqual(height);
      }),
    );
  });
});

describe('fit', () => {
  const picture = rect(0, 0, 1600, 900);
  test.each([
    ['contain', rect(100, 100, 400, 400), { from: picture, to: rect(100, 187.5, 400, 225) }],
    ['cover', rect(100, 100, 400, 400), { from: rect(350, 0, 900, 900), to: rect(100, 100, 400, 400) }],
    ['stretch', rect(100, 100, 400, 400), { from: picture, to: rect(100, 100, 400, 400) }],
  ] as const)('%s', (fit, box, expected) => expect(fitRect(picture, box, fit)).toEqual(expected));
});

describe('the scene in a picture of another size', () => {
  test('same aspect: scaled, no bars', () => {
    expect(fitCanvas({ width: 1280, height: 720 }, { width: 1920, height: 1080 })).toEqual({ scale: 1.5, x: 0, y: 0 });
  });

  test('taller: centred between bars', () => {
    expect(fitCanvas({ width: 1280, height: 720 }, { width: 1280, height: 1280 })).toEqual({ scale: 1, x: 0, y: 280 });
  });
});

test('an item turns about the centre of its box, not of the fitted picture', () => {
  const item = { transform: { xPx: 10, yPx: 20, widthPx: 100, heightPx: 100, rotationDeg: 90 }, crop: noCrop, fit: 'contain' as const };
  const placed = placeItem(item, { width: 200, height: 100 }, { scale: 2, x: 0, y: 4 });
  expect(placed).toEqual({ from: rect(0, 0, 200, 100), to: rect(20, 94, 200, 100), rotationRad: Math.PI / 2, centreX: 120, centreY: 144 });
});

describe('bounds', () => {
  const placed = (to: ReturnType<typeof rect>, rotationRad: number) => ({
    from: rect(0, 0, 1, 1),
    to,
    rotationRad,
    centreX: to.x + to.width / 2,
    centreY: to.y + to.height / 2,
  });
  const canvas = { width: 100, height: 100 };

  test('are whole pixels', () => {
    expect(boundsOf(placed(rect(10.4, 20.6, 30, 10), 0), canvas)).toEqual(rect(10, 20, 31, 11));
  });

  test('of a picture turned by a quarter', () => {
    const bounds = boundsOf(placed(rect(20, 40, 40, 20), Math.PI / 2), canvas);
    expect(bounds).toMatchObject({ y: 30, height: 40 });
    expect(bounds?.x).toBeCloseTo(30, -1);
  });

  test('end at the canvas, and are nothing beyond it', () => {
    expect(boundsOf(placed(rect(-50, -50, 100, 100), 0), canvas)).toEqual(rect(0, 0, 50, 50));
    expect(boundsOf(placed(rect(200, 0, 50, 50), 0), canvas)).toBeNull();
  });
});
