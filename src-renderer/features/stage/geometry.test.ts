import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SceneItem } from '../../../src-shared/domain/index.ts';
import { cropEdge, croppedSize, fitCover, fitInside, placeCentred, rotate, tightened } from './geometry.ts';

const canvas = { width: 1280, height: 720 };
const item = (part: object) =>
  SceneItem.parse({ id: 'i', sourceId: 's', transform: { xPx: 100, yPx: 50, widthPx: 400, heightPx: 300 }, ...part });

describe('fitting', () => {
  test.each([
    ['inside, tall', fitInside({ width: 100, height: 200 }, canvas), { xPx: 460, yPx: 0, widthPx: 360, heightPx: 720 }],
    ['cover, tall', fitCover({ width: 100, height: 200 }, canvas), { xPx: 0, yPx: -920, widthPx: 1280, heightPx: 2560 }],
    ['own size, small', placeCentred({ width: 100, height: 200 }, canvas), { xPx: 590, yPx: 260, widthPx: 100, heightPx: 200 }],
    [
      'own size, shrunk to a share',
      placeCentred({ width: 2560, height: 720 }, canvas, 0.5),
      { xPx: 320, yPx: 270, widthPx: 640, heightPx: 180 },
    ],
  ])('%s', (_name, box, expected) => {
    expect(box).toMatchObject(expected);
  });
});

describe('cropping', () => {
  test('contain loses its empty margins', () => {
    expect(tightened(item({}), { width: 800, height: 400 }).transform).toMatchObject({ xPx: 100, yPx: 100, widthPx: 400, heightPx: 200 });
  });

  test('cover turns what it hides into crop', () => {
    const { crop } = tightened(item({ fit: 'cover' }), { width: 800, height: 400 });
    expect(crop).toMatchObject({ topPx: 0, bottomPx: 0 });
    expect(crop.leftPx).toBeCloseTo(133.333, 3);
    expect(crop.rightPx).toBeCloseTo(133.333, 3);
  });

  test('the left edge moves inwards and the rest stays', () => {
    const cut = cropEdge(item({ transform: { xPx: 0, yPx: 0, widthPx: 400, heightPx: 200 } }), { width: 800, height: 400 }, 'left', 50);
    expect(cut.crop.leftPx).toBe(100);
    expect(cut.transform).toMatchObject({ xPx: 50, yPx: 0, widthPx: 350, heightPx: 200 });
  });

  test('an edge moves outwards no further than the picture', () => {
    const cut = cropEdge(
      item({ crop: { leftPx: 10, topPx: 0, rightPx: 0, bottomPx: 0 }, transform: { xPx: 0, yPx: 0, widthPx: 790, heightPx: 400 } }),
      { width: 800, height: 400 },
      'left',
      -500,
    );
    expect(cut.crop.leftPx).toBe(0);
    expect(cut.transform).toMatchObject({ xPx: -10, widthPx: 800 });
  });

  test('property: cropping any edge of a turned picture keeps scale and the opposite edge', () => {
    const edge = fc.constantFrom('left', 'top', 'right', 'bottom');
    fc.assert(
      fc.property(edge, fc.integer({ min: -300, max: 300 }), fc.integer({ min: -360, max: 360 }), (side, by, rotationDeg) => {
        const picture = { width: 640, height: 480 };
        const before = item({
          transform: { xPx: 30, yPx: -20, widthPx: 320, heightPx: 240, rotationDeg },
          crop: { leftPx: 0, topPx: 0, rightPx: 0, bottomPx: 0 },
        });
        const after = cropEdge(before, picture, side, by);
        const visible = croppedSize(picture, after.crop);
        expect(after.transform.widthPx / visible.width).toBeCloseTo(0.5, 6);
        expect(after.transform.heightPx / visible.height).toBeCloseTo(0.5, 6);
        const far = { left: { x: 1, y: 0 }, right: { x: -1, y: 0 }, top: { x: 0, y: 1 }, bottom: { x: 0, y: -1 } }[side];
        const farPoint = ({ transform: t }: typeof before) => {
          const reach = rotate({ x: (far.x * t.widthPx) / 2, y: (far.y * t.heightPx) / 2 }, rotationDeg);
          return { x: t.xPx + t.widthPx / 2 + reach.x, y: t.yPx + t.heightPx / 2 + reach.y };
        };
        expect(farPoint(after).x).toBeCloseTo(farPoint(before).x, 6);
        expect(farPoint(after).y).toBeCloseTo(farPoint(before).y, 6);
      }),
    );
  });
});
