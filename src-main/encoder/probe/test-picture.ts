/** A picture that costs bits: a gradient that moves under noise. */
import { AV_PIX_FMT_NV12, AV_PIX_FMT_P010LE, AV_PIX_FMT_YUV420P, AV_PIX_FMT_YUV420P10LE, type AVPixelFormat } from 'node-av/constants';
import type { Frame } from 'node-av/lib';
import { allocateFrame } from '../picture.ts';

/** how the bits of a sample lie in it: p010 has its ten at the top */
const SAMPLES = new Map<AVPixelFormat, { bytes: 1 | 2; shift: number }>([
  [AV_PIX_FMT_YUV420P, { bytes: 1, shift: 0 }],
  [AV_PIX_FMT_NV12, { bytes: 1, shift: 0 }],
  [AV_PIX_FMT_YUV420P10LE, { bytes: 2, shift: 2 }],
  [AV_PIX_FMT_P010LE, { bytes: 2, shift: 8 }],
]);

export interface TestPicture {
  frame: Frame;
  /** the frame points at it: hold on to it as long as the frame is used */
  planes: Buffer;
}

/** Two planes or three: the chroma is grey, so that its order does not matter. */
export function makeTestPicture(widthPx: number, heightPx: number, format: AVPixelFormat, index: number): TestPicture {
  const { bytes, shift } = SAMPLES.get(format) ?? { bytes: 1, shift: 0 };
  const luma = widthPx * heightPx;
  const samples = bytes === 1 ? new Uint8Array(luma * 1.5) : new Uint16Array(luma * 1.5);
  let noise = 12_345 + index;
  for (let at = 0; at < luma; at++) {
    noise = (noise * 1_103_515_245 + 12_345) & 0x7fffffff;
    const gradient = ((at % widthPx) + index * 4) & 127;
    samples[at] = (16 + gradient + ((noise >> 16) & 63)) << shift;
  }
  samples.fill(128 << shift, luma);
  const frame = allocateFrame(widthPx, heightPx, format);
  const planes = Buffer.from(samples.buffer);
  frame.fromBuffer(planes);
  return { frame, planes };
}
