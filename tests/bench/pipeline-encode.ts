/**
 * CPU of our encoding against the ffmpeg command line with the same x264 options, both at once on the same pictures
 * (encode-sides.ts). Ours is compared twice: the encoder alone, and the whole process with its media connection, as in a
 * show in a browser.
 */
import type { VideoSettings } from '../../src-shared/domain/rendition.ts';
import { EncoderUnderTest, rendition } from '../support/encoder-harness.ts';
import { cameraLike } from './camera-like.ts';
import { compareAtOnce, encodeAlone, type OurSide, type Windows } from './encode-sides.ts';
import { median } from './harness.ts';

const FRAME_RATE = 30;
const TRIES = 3;

export interface EncodeRatio {
  /** medians of the windows' ratios to ffmpeg: of the encoder alone, and of the process with its media connection */
  aloneRatio: number;
  processRatio: number;
}

/** @throws where CPU times cannot be read (only Linux has /proc), ffmpeg is missing or the machine is too busy */
export async function measureEncodeRatio(
  size: Pick<VideoSettings, 'widthPx' | 'heightPx' | 'bitrateKbps'>,
  windows: Windows,
): Promise<EncodeRatio> {
  const { widthPx, heightPx, bitrateKbps } = size;
  const { video } = rendition('bench', { widthPx, heightPx, frameRate: FRAME_RATE, bitrateKbps, preset: 'veryfast', tune: 'zerolatency' });
  const pictures = cameraLike(widthPx, heightPx, 30);
  const compare = async (start: () => Promise<OurSide>) => {
    for (let tried = 0; tried < TRIES; tried++) {
      const ratios = await compareAtOnce(start, [video], pictures, windows);
      if (ratios) return median(ratios);
    }
    throw new Error('This machine is too busy: too many pictures came too late to be encoded.');
  };
  return { aloneRatio: await compare(() => encodeAlone([video])), processRatio: await compare(() => wholeProcess(video, pictures)) };
}

async function wholeProcess(video: VideoSettings, pictures: Uint8Array[]): Promise<OurSide> {
  const encoder = await EncoderUnderTest.start();
  encoder.demand(video);
  encoder.open({ ...rendition('bench'), video });
  const { widthPx, heightPx } = video;
  const feeder = await encoder.feed({
    widthPx,
    heightPx,
    frameRate: FRAME_RATE,
    toneHz: null,
    draw: (planes, tick) => planes.set(pictures[tick % pictures.length]!),
  });
  feeder.start();
  return {
    pid: encoder.service.pid,
    encoded: () => encoder.packets('bench').filter(({ repeated }) => !repeated).length,
    stop: async () => {
      await feeder.close();
      await encoder[Symbol.asyncDispose]();
    },
  };
}
