/** A wide show for an upright destination, by FFmpeg's own scaler: whole between bars, or cropped, in every format encoders take. */
import { AV_PIX_FMT_NV12, AV_PIX_FMT_YUV420P, AV_PIX_FMT_YUV420P10LE } from 'node-av/constants';
import { expect, test } from 'vitest';
import { Picture } from '../../src-main/encoder/picture.ts';
import { PictureConverters } from '../../src-main/encoder/picture-converter.ts';
import { i420Bytes } from '../../src-shared/units.ts';

const WIDE = { widthPx: 320, heightPx: 180 };
const UPRIGHT = { widthPx: 180, heightPx: 320 };
const [LEFT, RIGHT] = [80, 200];

/** The left half dark, the right half bright. */
function halves(): Uint8Array {
  const planes = new Uint8Array(i420Bytes(WIDE.widthPx, WIDE.heightPx)).fill(128);
  for (let at = 0; at < WIDE.widthPx * WIDE.heightPx; at += 1) planes[at] = at % WIDE.widthPx < WIDE.widthPx / 2 ? LEFT : RIGHT;
  return planes;
}

/** The luma near the top, and at the middle's left and right edge, after two pictures: frames are used again. */
async function corners(
  fit: 'contain' | 'cover',
  format: typeof AV_PIX_FMT_YUV420P | typeof AV_PIX_FMT_NV12 | typeof AV_PIX_FMT_YUV420P10LE,
) {
  const converter = await new PictureConverters(WIDE).acquire({ ...UPRIGHT, format, fit });
  const deep = format === AV_PIX_FMT_YUV420P10LE;
  let seen: number[] = [];
  for (let n = 0; n < 3; n += 1) {
    const source = Picture.ofPlanes(halves(), n);
    const made = await converter!.convert(source);
    const frame = made.frame!;
    expect([frame.width, frame.height, made.captureTimeUs]).toEqual([UPRIGHT.widthPx, UPRIGHT.heightPx, n]);
    const bytes = frame.toBuffer();
    const luma = (x: number, y: number) =>
      deep ? bytes.readUInt16LE(2 * (y * UPRIGHT.widthPx + x)) >> 2 : bytes[y * UPRIGHT.widthPx + x]!;
    seen = [luma(40, 20), luma(2, 160), luma(177, 160)];
    made.letGo();
    source.letGo();
  }
  converter!.release();
  return seen;
}

test.each([
  ['I420', AV_PIX_FMT_YUV420P],
  ['NV12', AV_PIX_FMT_NV12],
  ['ten bits', AV_PIX_FMT_YUV420P10LE],
] as const)('%s', async (_, format) => {
  expect(await corners('contain', format)).toEqual([16, LEFT, RIGHT]);
  const [top, left, right] = await corners('cover', format);
  expect(top).toBeGreaterThanOrEqual(LEFT); // no bar
  expect([left, right]).toEqual([LEFT, RIGHT]);
});
