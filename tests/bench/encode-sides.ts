/**
 * Both sides of a comparison with the ffmpeg command line: the same pictures at the same pace, the same x264 options,
 * silence encoded beside them, counted after their start. Ours has the pictures in its memory, ffmpeg gets them over a pipe.
 */
import { fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { devNull } from 'node:os';
import { fileURLToPath } from 'node:url';
import { encoderArguments } from '../../src-main/encoder/video/command-line-options.ts';
import { serviceFlags } from '../../src-main/process/service.ts';
import type { VideoSettings } from '../../src-shared/domain/rendition.ts';
import { cpuMs } from '../support/cpu-time.ts';
import { sleep } from '../support/encoder-harness.ts';
import type { EncodeSpent, EncodeTask } from './encode-alone.ts';

/** Opening, first pages, rate control and the compilation of our code are not the steady state. */
export type RunLength = Pick<EncodeTask, 'frames' | 'warmUpFrames'>;

/** @param renditions the first has the size and the rate of the pictures */
export async function measureAlone(
  renditions: VideoSettings[],
  { frames, warmUpFrames }: RunLength,
): Promise<Omit<EncodeSpent, 'spentMs'> & { msPerFrame: number }> {
  const task: EncodeTask = { renditions, frames, warmUpFrames };
  const { spentMs, ...rest } = await runChild<EncodeSpent>('./encode-alone.ts', task, 'spentMs');
  return { msPerFrame: spentMs / frames, ...rest };
}

/** Runs a script of this folder as the encoder's process is run. @returns its message that has `field`, the packets apart */
export async function runChild<T extends object>(script: string, task: object, field: keyof T & string): Promise<T> {
  const child = fork(fileURLToPath(new URL(script, import.meta.url)), [JSON.stringify(task)], {
    execArgv: serviceFlags('encoder'),
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  let answer: T | undefined;
  child.on('message', (message) => {
    if (typeof message === 'object' && field in message) answer = message as T;
  });
  await once(child, 'exit');
  if (!answer) throw new Error(`${script} gave no figure.`);
  return answer;
}

/** @returns CPU milliseconds a picture */
export async function measureFfmpeg(
  renditions: VideoSettings[],
  pictures: Uint8Array[],
  { warmUpFrames, frames }: RunLength,
): Promise<number> {
  const { frameRate } = renditions[0]!;
  const ffmpeg = spawn('ffmpeg', ffmpegArguments(renditions), { stdio: ['pipe', 'pipe', 'inherit'] });
  ffmpeg.stdout.resume();
  const startMs = performance.now();
  const pace = async (first: number, count: number) => {
    for (let n = first; n < first + count; n++) {
      await sleep(Math.max(0, startMs + (n * 1_000) / frameRate - performance.now()));
      if (!ffmpeg.stdin.write(pictures[n % pictures.length]!)) await once(ffmpeg.stdin, 'drain');
    }
  };
  await pace(0, warmUpFrames);
  const fromMs = cpuMs(ffmpeg.pid);
  await pace(warmUpFrames, frames);
  const spentMs = cpuMs(ffmpeg.pid) - fromMs;
  ffmpeg.stdin.end();
  await once(ffmpeg, 'close');
  return spentMs / frames;
}

/** Several renditions come from one input by its split filter, each scaled as ours is. */
function ffmpegArguments(renditions: VideoSettings[]): string[] {
  const { widthPx, heightPx, frameRate } = renditions[0]!;
  const input = ['-f', 'rawvideo', '-pix_fmt', 'yuv420p', '-s', `${widthPx}x${heightPx}`, '-r', String(frameRate), '-i', 'pipe:0'];
  const silence = ['-f', 'lavfi', '-i', 'anullsrc=r=48000:cl=stereo'];
  const branches = renditions.map((_, n) => `[s${n}]`).join('');
  const scaled = renditions.map((to, n) => {
    const same = to.widthPx === widthPx && to.heightPx === heightPx;
    return `[s${n}]${same ? 'null' : `scale=${to.widthPx}:${to.heightPx}:flags=bicubic`}[v${n}]`;
  });
  const filter = ['-filter_complex', `[0:v]split=${renditions.length}${branches};${scaled.join(';')}`];
  const outputs = renditions.flatMap((video, n) => {
    const sound = n === 0 ? ['-map', '1:a', '-c:a', 'aac', '-b:a', '160k', '-shortest'] : [];
    const source = renditions.length === 1 ? '0:v' : `[v${n}]`;
    return ['-map', source, ...sound, ...encoderArguments(video), '-f', 'flv', n === 0 ? 'pipe:1' : devNull];
  });
  return ['-v', 'error', '-y', ...input, ...silence, ...(renditions.length === 1 ? [] : filter), ...outputs];
}
