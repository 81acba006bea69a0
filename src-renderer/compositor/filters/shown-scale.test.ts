import { expect, test } from 'vitest';
import { Filter, SceneCollection, SceneId, SourceId } from '../../../src-shared/domain/index.ts';
import { shownScale } from './shown-scale.ts';

const id = SourceId.parse('camera');
const shown = [SceneId.parse('scene')];
const scene = (...items: object[]) =>
  SceneCollection.parse({
    name: 'Test',
    canvas: { widthPx: 1280, heightPx: 720 },
    programSceneId: 'scene',
    scenes: [{ id: 'scene', name: 'Scene', items: items.map((item, index) => ({ id: `i${index}`, sourceId: 'camera', ...item })) }],
    sources: [{ id: 'camera', name: 'Camera', kind: 'camera', deviceId: null }],
    audioInputs: [],
  });
const box = (widthPx: number, heightPx: number) => ({ transform: { xPx: 0, yPx: 0, widthPx, heightPx } });
const ready = (filter: object) => [{ filter: Filter.parse({ id: 'f', ...filter }), asset: null }];
const colour = ready({ kind: 'colour' });
const camera = { width: 1280, height: 720 };

test.each([
  ['whole', [box(1280, 720)], colour, camera, 1],
  ['larger than it is', [box(1280, 720)], colour, { width: 640, height: 360 }, 1],
  ['in a corner', [box(320, 180)], colour, camera, 0.25],
  ['in a corner, a little larger: the next step', [box(330, 186)], colour, camera, 0.375],
  ['twice: the larger counts', [box(320, 180), box(640, 360)], colour, camera, 0.5],
  ['the larger one hidden', [box(320, 180), { ...box(1280, 720), visible: false }], colour, camera, 0.25],
  ['cropped first: what is left is shown larger', [box(640, 360)], ready({ kind: 'crop', leftPx: 640, topPx: 360 }), camera, 1],
  ['a filter that needs every pixel', [box(320, 180)], ready({ kind: 'denoise' }), camera, 1],
])('%s', (_, items, filters, size, scale) => {
  expect(shownScale(scene(...items), shown, id, filters, size, { width: 1280, height: 720 })).toBe(scale);
});

test('a smaller program picture counts as well', () => {
  expect(shownScale(scene(box(1280, 720)), shown, id, colour, camera, { width: 640, height: 360 })).toBe(0.5);
});
