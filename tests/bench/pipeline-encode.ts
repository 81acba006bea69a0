/**
 * CPU of our encoder process against the ffmpeg command line with the same x264 options. Both get the same pictures
 * at the same pace from this process: ours over its media connection, ffmpeg over its standard input; both are
 * measured after their start, and both runs of a pair follow each other. Both encode silence beside it.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { keyframeIntervalTicks, x264Options, x264Threads } from '../../src-main/encoder/video-options.ts';
import type { VideoSettings } from '../../src-shared/domain/rendition.ts';
import { i420Bytes } from '../../src-shared/units.ts';
import { cpuMs } from '../support/cpu-time.ts';
import { EncoderUnderTest, eventually, rendition, sleep } from '../support/encoder-harness.ts';
import { paintTestCard } from '../support/media-feeder.ts';
import { median } from './harness.ts';

const FRAME_RATE = 30;
/** opening, first pages and rate control are not the steady state */
const WARM_UP_FRAMES = 30;
/** A repeat costs next to nothing: a run with more of them has measured less work than the command line did. */
const REPEATS_MAX = 0.02;

export interface EncodeRatio {
  /** CPU milliseconds a picture, all threads, median over the pairs */
  oursMs: number;
  ffmpegMs: number;
  /** median of the pairs' ratios */
  ratio: number;
  ratios: number[];
  /** pairs in which our input did not keep its pace; they are run again and do not count */
  pairsRepeated: number;
}

/** @throws where CPU times cannot be read (only Linux has /proc) or ffmpeg is missing */
export async function measureEncodeRatio(options: {
  widthPx: number;
  heightPx: number;
  bitrateKbps: number;
  frames: number;
  pairs: number;
}): Promise<EncodeRatio> {
  const { widthPx, heightPx, bitrateKbps, frames, pairs } = options;
  const { video } = rendition('bench', { widthPx, heightPx, frameRate: FRAME_RATE, bitrateKbps, preset: 'veryfast', tune: 'zerolatency' });
  const pictures = cameraLike(widthPx, heightPx, 30);
  const runs = { ours: [] as number[], ffmpeg: [] as number[] };
  let pairsRepeated = 0;
  while (runs.ours.length < pairs) {
    const ffmpegFirst = runs.ours.length % 2 ? await measureFfmpeg(video, pictures, frames) : null;
    const ours = await measureOurs(video, pictures, frames);
    if (ours.framesRepeated > frames * REPEATS_MAX) {
      if (++pairsRepeated > pairs)
        throw new Error(`This machine is too busy: ${ours.framesRepeated} of ${frames} pictures came too late to be encoded.`);
      continue;
    }
    runs.ours.push(ours.msPerFrame);
    runs.ffmpeg.push(ffmpegFirst ?? (await measureFfmpeg(video, pictures, frames)));
  }
  const ratios = runs.ours.map((ms, pair) => ms / runs.ffmpeg[pair]!);
  return { oursMs: median(runs.ours), ffmpegMs: median(runs.ffmpeg), ratio: median(ratios), ratios, pairsRepeated };
}

async function measureOurs(
  video: VideoSettings,
  pictures: Uint8Array[],
  frames: number,
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
  await eventually(() => feeder.sent.ticks.length >= WARM_UP_FRAMES, 'the warm-up');
  const from = { cpuMs: cpuMs(encoder.service.pid), packets: encoder.packets('bench').length };
  await eventually(() => encoder.packets('bench').length >= from.packets + frames, 'the pictures', (frames * 4_000) / FRAME_RATE);
  const spentMs = cpuMs(encoder.service.pid) - from.cpuMs;
  await feeder.close();
  const measured = encoder.packets('bench').slice(from.packets);
  return { msPerFrame: spentMs / measured.length, framesRepeated: measured.filter(({ repeated }) => repeated).length };
}

async function measureFfmpeg(video: VideoSettings, pictures: Uint8Array[], frames: number): Promise<number> {
  // silence, as ours encodes it meanwhile: the same work on both sides
  const silence = ['-f', 'lavfi', '-i', 'anullsrc=r=48000:cl=stereo', '-c:a', 'aac', '-b:a', '160k'];
  const input = [
    '-f',
    'rawvideo',
    '-pix_fmt',
    'yuv420p',
    '-s',
    `${video.widthPx}x${video.heightPx}`,
    '-r',
    String(FRAME_RATE),
    '-i',
    'pipe:0',
  ];
  const ffmpeg = spawn('ffmpeg', ['-v', 'error', ...input, ...silence, ...commandLine(video), '-shortest', '-f', 'flv', 'pipe:1'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  ffmpeg.stdout.resume();
  const startMs = performance.now();
  const pace = async (first: number, count: number) => {
    for (let n = first; n < first + count; n++) {
      await sleep(Math.max(0, startMs + (n * 1_000) / FRAME_RATE - performance.now()));
      if (!ffmpeg.stdin.write(pictures[n % pictures.length]!)) await once(ffmpeg.stdin, 'drain');
    }
  };
  await pace(0, WARM_UP_FRAMES);
  const fromMs = cpuMs(ffmpeg.pid);
  await pace(WARM_UP_FRAMES, frames);
  const spentMs = cpuMs(ffmpeg.pid) - fromMs;
  ffmpeg.stdin.end();
  await once(ffmpeg, 'close');
  return spentMs / frames;
}

function commandLine(video: VideoSettings): string[] {
  const rate = `${video.bitrateKbps}k`;
  const options = {
    ...x264Options(video),
    'b:v': rate,
    maxrate: rate,
    bufsize: rate,
    g: keyframeIntervalTicks(video),
    bf: video.bFrames,
    threads: x264Threads(video),
  };
  const colours = { color_range: 'tv', colorspace: 'bt709', color_primaries: 'bt709', color_trc: 'bt709' };
  return [
    '-c:v',
    'libx264',
    ...Object.entries({ ...options, ...colours, flags: '+global_header' }).flatMap(([name, value]) => [`-${name}`, String(value)]),
  ];
}

/** What a hand-held camera gives: a textured scene that sways, under fresh noise. A loop of `count` pictures. */
function cameraLike(widthPx: number, heightPx: number, count: number): Uint8Array[] {
  const margin = 64;
  const scene = new Uint8Array(i420Bytes(widthPx + margin, heightPx + margin));
  const stride = widthPx + margin;
  for (let y = 0; y < heightPx + margin; y++) {
    for (let x = 0; x < stride; x++) {
      const shape = Math.sin(x / 37) * Math.cos(y / 29) + Math.sin((x + 2 * y) / 53) + (((x >> 6) + (y >> 6)) & 1) * 0.8;
      scene[y * stride + x] = 110 + 32 * shape;
    }
  }
  const card = new Uint8Array(i420Bytes(widthPx, heightPx));
  paintTestCard(card, widthPx, heightPx);
  let seed = 1;
  return Array.from({ length: count }, (_, n) => {
    const picture = card.slice();
    const turn = (2 * Math.PI * n) / count;
    const left = Math.round(30 + 28 * Math.sin(turn));
    const top = Math.round(30 + 28 * Math.cos(2 * turn));
    for (let y = 0; y < heightPx; y++) {
      for (let x = 0; x < widthPx; x++) {
        seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
        picture[y * widthPx + x] = scene[(y + top) * stride + x + left]! + (seed >>> 30) + ((seed >>> 27) & 3) - 3;
      }
    }
    return picture;
  });
}
