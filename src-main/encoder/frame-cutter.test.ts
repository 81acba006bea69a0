import fc from 'fast-check';
import { expect, test } from 'vitest';
import { FrameCutter } from './frame-cutter.ts';

/** Left: the sample's position; right: the same, negative. */
function frameOf(position: number, samples: number) {
  const left = Array.from({ length: samples }, (_, i) => position + i);
  return { position, planes: Float32Array.from([...left, ...left.map((value) => -value)]) };
}

test('property: whatever comes in, out come whole frames that follow each other, each sample in its place', () => {
  fc.assert(
    fc.property(fc.constantFrom(960, 1_024), fc.array(fc.integer({ min: 1, max: 3_000 }), { maxLength: 12 }), (wanted, sizes) => {
      const cutter = new FrameCutter(wanted, 2);
      let position = 48_000;
      const frames = sizes.flatMap((samples) => {
        const cut = cutter.cut(frameOf(position, samples));
        position += samples;
        return cut;
      });
      expect(frames).toEqual(
        Array.from({ length: Math.floor((position - 48_000) / wanted) }, (_, i) => frameOf(48_000 + i * wanted, wanted)),
      );
    }),
    { numRuns: 50 },
  );
});

test('after a stall it begins anew, with what comes then', () => {
  const cutter = new FrameCutter(4, 2);
  expect(cutter.cut(frameOf(0, 6))).toEqual([frameOf(0, 4)]);
  expect(cutter.cut(frameOf(10, 6))).toEqual([frameOf(10, 4)]);
  expect(cutter.cut(frameOf(16, 2))).toEqual([frameOf(14, 4)]);
});
