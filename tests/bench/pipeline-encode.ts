/**
 * CPU of our encoder process against the ffmpeg command line with the same x264 options. Both get the same pictures
 * at the same pace from this process: ours over its media connection, ffmpeg over its standard input; both are
 * measured after their start, and both runs of a pair follow each other.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { keyframeIntervalTicks, x264Options, x264Threads } from '../../src-main/encoder/video-options.ts';
import type { VideoSettings } from '../../src-shared/domain/rendition.ts';
import { i420Bytes } from '../../src-shared/units.ts';
import { EncoderUnderTest, eventually, rendition, sleep } from '../support/encoder-harness.ts';
import { paintTestCard } from '../support/media-feeder.ts';
import { median } from './harness.ts';

const FRAME_RATE = 30;
/** opening, first pages and rate control are not the steady state */
const WARM_UP_FRAMES = 30;
const CLOCK_TICK_MS = 10; // of /proc/PID/stat: USER_HZ is 100 on every Linux that Node runs on

export interface EncodeRatio {
  /** CPU milliseconds a picture, all threads, median over the pairs */
  oursMs: number;
  ffmpegMs: number;
  /** median of the pairs' ratios */
  ratio: number;
  ratios: number[];
  framesRepeated: number;
}

/** @throws where CPU times cannot be read (only Linux has /proc) or ffmpeg is missing */
export async function measureEncodeRatio(options: { widthPx: number; heightPx: number; frames: number; pairs: number }): Promise<EncodeRatio> {
  const { widthPx, heightPx, frames, pairs } = options;
  const bitrateKbps = Math.round((2_500 * widthPx * heightPx) / (1_280 * 720));
  const { video } = rendition('bench', { widthPx, heightPx, frameRate: FRAME_RATE, bitrateKbps, preset: 'veryfast', tune: 'zerolatency' });
  const pictures = moving(widthPx, heightPx, 30);
  const runs = { ours: [] as number[], ffmpeg: [] as number[] };
  let framesRepeated = 0;
  for (let pair = 0; pair < pairs; pair++) {
    const ours = async () => {
      const run = await measureOurs(video, pictures, frames);
      runs.ours.push(run.msPerFrame);
      framesRepeated += run.framesRepeated;
    };
    const ffmpeg = async () => void runs.ffmpeg.push(await measureFfmpeg(video, pictures, frames));
    for (const run of pair % 2 ? [ffmpeg, ours] : [ours, ffmpeg]) await run();
  }
  const ratios = runs.ours.map((ms, pair) => ms / runs.ffmpeg[pair]!);
  return { oursMs: median(runs.ours), ffmpegMs: median(runs.ffmpeg), ratio: median(ratios), ratios, framesRepeated };
}

async function measureOurs(video: VideoSettings, pictures: Uint8Array[], frames: number): Promise<{ msPerFrame: number; framesRepeated: number }> {
  await using encoder = await EncoderUnderTest.start();
  encoder.demand(video);
  encoder.open({ ...rendition('bench'), video });
  const { widthPx, heightPx } = video;
  const feeder = await encoder.feed({ widthPx, heightPx, frameRate: FRAME_RATE, toneHz: null, draw: (planes, tick) => planes.set(pictures[tick % pictures.length]!) });
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
  const input = ['-f', 'rawvideo', '-pix_fmt', 'yuv420p', '-s', `${video.widthPx}x${video.heightPx}`, '-r', String(FRAME_RATE), '-i', 'pipe:0'];
  const ffmpeg = spawn('ffmpeg', ['-v', 'error', ...input, ...commandLine(video), '-f', 'h264', 'pipe:1'], { stdio: ['pipe', 'pipe', 'inherit'] });
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
  const options = { ...x264Options(video), 'b:v': rate, maxrate: rate, bufsize: rate, g: keyframeIntervalTicks(video), bf: video.bFrames, threads: x264Threads(video) };
  const colours = { color_range: 'tv', colorspace: 'bt709', color_primaries: 'bt709', color_trc: 'bt709' };
  return ['-c:v', 'libx264', ...Object.entries({ ...options, ...colours, flags: '+global_header' }).flatMap(([name, value]) => [`-${name}`, String(value)])];
}

/** User and system time of a process, all its threads. @see proc(5), /proc/pid/stat, fields 14 and 15 */
function cpuMs(pid: number | undefined): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * CLOCK_TICK_MS;
}

/** A test card that scrolls under a standing frame: motion, texture and still parts, a loop of `count` pictures. */
function moving(widthPx: number, heightPx: number, count: number): Uint8Array[] {
  const card = new Uint8Array(i420Bytes(widthPx, heightPx));
  paintTestCard(card, widthPx, heightPx);
  return Array.from({ length: count }, (_, n) => {
    const picture = card.slice();
    for (let y = heightPx >> 2; y < (heightPx * 3) >> 2; y++) {
      for (let x = widthPx >> 2; x < (widthPx * 3) >> 2; x++) {
        const wave = Math.sin((x + n * 6) / 23) + Math.sin((y - n * 4) / 17) + Math.sin((x + y) / 31);
        picture[y * widthPx + x] = 126 + 30 * wave + ((x * 7 + y * 13 + n * 29) % 9);
      }
    }
    return picture;
  });
}
