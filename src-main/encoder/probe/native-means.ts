/** Encoders tried with node-av. Where that does not load, nor does this: see means.ts. */
import {
  AV_LOG_ERROR,
  AV_PIX_FMT_NV12,
  AV_PIX_FMT_P010LE,
  AV_PIX_FMT_YUV420P,
  AV_PIX_FMT_YUV420P10LE,
  type AVPixelFormat,
} from 'node-av/constants';
import { Log } from 'node-av/lib';
import { allocateFrame } from '../frame.ts';
import { abilitiesOf } from '../video/abilities.ts';
import { NodeAvEncoder } from '../video/node-av-encoder.ts';
import type { ProbeMeans } from './means.ts';
import { type SampleShape, testSamples } from './test-picture.ts';

const SAMPLES = new Map<AVPixelFormat, SampleShape>([
  [AV_PIX_FMT_YUV420P, { bytes: 1, shift: 0 }],
  [AV_PIX_FMT_NV12, { bytes: 1, shift: 0 }],
  [AV_PIX_FMT_YUV420P10LE, { bytes: 2, shift: 2 }],
  [AV_PIX_FMT_P010LE, { bytes: 2, shift: 8 }],
]);

export const nativeMeans: ProbeMeans = {
  open: NodeAvEncoder.open,
  tellsWhenOpened: true,
  abilitiesOf,
  picture({ widthPx, heightPx }, { inputFormat }, index) {
    const samples = testSamples(widthPx, heightPx, index, SAMPLES.get(inputFormat) ?? { bytes: 1, shift: 0 });
    const frame = allocateFrame(widthPx, heightPx, inputFormat);
    const memory = Buffer.from(samples.buffer);
    frame.fromBuffer(memory);
    // the frame points at the memory, which must not be collected before it is freed
    return { frame, planes: null, free: () => void (memory.length > 0 && frame.free()) };
  },
  onMessage: (listener) => Log.setCallback((_level, message) => listener(message), { maxLevel: AV_LOG_ERROR }),
};
