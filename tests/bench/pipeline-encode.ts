/**
 * CPU of our encoding against the ffmpeg command line with the same x264 options: the same pictures at the same pace,
 * measured after their start, the runs of a pair one after the other. Ours is measured twice: the encoder alone
 * (encode-sides.ts), and the whole process with its media connection, as in a show in a browser.
 */
import type { VideoSettings } from '../../src-shared/domain/rendition.ts';
import { cpuMs } from '../support/cpu-time.ts';
import { EncoderUnderTest, eventually, rendition } from '../support/encoder-harness.ts';
import { cameraLike } from './camera-like.ts';
import { measureAlone, measureFfmpeg, type RunLength } from './encode-sides.ts';
import { median } from './harness.ts';

const FRAME_RATE = 30;
/** A repeat costs next to nothing: a run with more of them has measured less work than the command line did. */
const REPEATS_MAX = 0.02;

export interface EncodeRatio {
  /** CPU milliseconds a picture, all threads, medians over the pairs */
  aloneMs: number;
  processMs: number;
  ffmpegMs: number;
  /** medians of the pairs' ratios to ffmpeg: of the encoder alone, and of the process with its media connection */
  aloneRatio: number;
  processRatio: number;
  aloneRatios: number[];
  /** pairs in which our input did not keep its pace; they are run again and do not count */
  pairsRepeated: number;
}

/** @throws where CPU times cannot be read (only Linux has /proc) or ffmpeg is missing */
export async function measureEncodeRatio(options: {
  widthPx: number;
  heightPx: number;
  bitrateKbps: number;
  /** opening, first pages, rate control and the compilation of our code are not the steady state */
  warmUpFrames: number;
  frames: number;
  pairs: number;
}): Promise<EncodeRatio> {
  const { widthPx, heightPx, bitrateKbps, frames, pairs } = options;
  const length: RunLength = options;
  const { video } = rendition('bench', { widthPx, heightPx, frameRate: FRAME_RATE, bitrateKbps, preset: 'veryfast', tune: 'zerolatency' });
  const pictures = cameraLike(widthPx, heightPx, 30);
  const runs = { alone: [] as number[], process: [] as number[], ffmpeg: [] as number[] };
  let pairsRepeated = 0;
  while (runs.ffmpeg.length < pairs) {
    const round = { alone: 0, process: 0, ffmpeg: 0, repeated: 0 };
    const steps = [
      async () => (round.alone = (await measureAlone([video], length)).msPerFrame),
      async () => (round.ffmpeg = await measureFfmpeg([video], pictures, length)),
      async () => ({ msPerFrame: round.process, framesRepeated: round.repeated } = await measureProcess(video, pictures, length)),
    ];
    for (const step of runs.ffmpeg.length % 2 ? steps.reverse() : steps) await step();
    if (round.repeated > frames * REPEATS_MAX) {
      if (++pairsRepeated > pairs)
        throw new Error(`This machine is too busy: ${round.repeated} of ${frames} pictures came too late to be encoded.`);
      continue;
    }
    runs.alone.push(round.alone);
    runs.process.push(round.process);
    runs.ffmpeg.push(round.ffmpeg);
  }
  const toFfmpeg = (values: number[]) => values.map((ms, pair) => ms / (runs.ffmpeg[pair] ?? Number.NaN));
  return {
    aloneMs: median(runs.alone),
    processMs: median(runs.process),
    ffmpegMs: median(runs.ffmpeg),
    aloneRatio: median(toFfmpeg(runs.alone)),
    processRatio: median(toFfmpeg(runs.process)),
    aloneRatios: toFfmpeg(runs.alone),
    pairsRepeated,
  };
}

async function measureProcess(
  video: VideoSettings,
  pictures: Uint8Array[],
  { warmUpFrames, frames }: RunLength,
): Promise<{ msPerFrame: number; framesRepeated: number }> {
  await using encoder = await EncoderUnderTest.start();
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
  await eventually(() => feeder.sent.ticks.length >= warmUpFrames, 'the warm-up');
  const from = { cpuMs: cpuMs(encoder.service.pid), packets: encoder.packets('bench').length };
  await eventually(() => encoder.packets('bench').length >= from.packets + frames, 'the pictures', (frames * 4_000) / FRAME_RATE);
  const spentMs = cpuMs(encoder.service.pid) - from.cpuMs;
  await feeder.close();
  const measured = encoder.packets('bench').slice(from.packets);
  return { msPerFrame: spentMs / measured.length, framesRepeated: measured.filter(({ repeated }) => repeated).length };
}
