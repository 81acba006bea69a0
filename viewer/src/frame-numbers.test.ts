import fc from 'fast-check';
import { expect, test } from 'vitest';
import { buildAvcConfig } from '../../src-main/wire/codec-config.ts';
import { joinAvcc } from '../../src-main/wire/nal.ts';
import { FrameNumbers } from './frame-numbers.ts';

/** as x264 writes it: 1280×720, Constrained Baseline, frame_num of 4 bits */
const SPS = Uint8Array.from(Buffer.from('6742c01fda014016ec0440000003004000000f03c60ca8', 'hex'));
const avcC = buildAvcConfig([SPS], [Uint8Array.of(0x68, 0xcb, 0x83, 0xcb, 0x20)]);
const WRAP = 16;

/** A picture behind an SEI. @see ITU-T H.264, 7.3.3: first_mb_in_slice 0, slice_type 5, pic_parameter_set_id 0 */
function picture(number: number, { idr = false, reference = true } = {}): Uint8Array {
  const bits = `1001101${number.toString(2).padStart(4, '0')}`.padEnd(24, '1');
  const payload = [0, 8, 16].map((at) => Number.parseInt(bits.slice(at, at + 8), 2));
  return joinAvcc([Uint8Array.of(6, 5, 1, 0), Uint8Array.of((reference ? 0x60 : 0) | (idr ? 5 : 1), ...payload)]);
}

const idr = picture(0, { idr: true });
const losses = (...samples: Uint8Array[]) => {
  const numbers = new FrameNumbers(avcC);
  return samples.map((sample) => numbers.isBehindLoss(sample));
};

test('pictures in a row, round the end of the numbers; those that nobody refers to have the next one’s number', () => {
  const row = Array.from({ length: 40 }, (_, i) => picture((i + 1) % WRAP));
  expect(losses(idr, ...row)).not.toContain(true);
  expect(losses(idr, picture(1, { reference: false }), picture(1), picture(2, { reference: false }), picture(2))).not.toContain(true);
});

test('a missing picture is noticed once, at the next; before an IDR nothing is known', () => {
  expect(losses(idr, picture(1), picture(3), picture(4))).toEqual([false, false, true, false]);
  expect(losses(picture(7), picture(9), idr, picture(2))).toEqual([false, false, false, true]);
  expect(losses(idr, picture(1), idr, picture(1))).not.toContain(true);
});

test('property: whatever is no H.264 says nothing, and throws nothing', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), fc.uint8Array({ maxLength: 40 }), (config, sample) => {
      expect(new FrameNumbers(config).isBehindLoss(sample)).toBe(false);
      new FrameNumbers(avcC).isBehindLoss(sample);
    }),
  );
});
