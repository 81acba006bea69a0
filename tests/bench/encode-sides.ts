/**
 * Both sides of a comparison with the ffmpeg command line: the same pictures at the same pace, the same x264 options,
 * silence encoded beside them, counted after their start. Ours has the pictures in its memory, ffmpeg gets them over a pipe
 * (which was measured to cost it no more than a file in memory does).
 */
import { type ChildProcess, type ChildProcessByStdio, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { devNull } from 'node:os';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { encoderArguments } from '../../src-main/encoder/video/command-line-options.ts';
import type { FromEncoder } from '../../src-main/process/encoder-contract.ts';
import { serviceFlags } from '../../src-main/process/service.ts';
import type { VideoSettings } from '../../src-shared/domain/rendition.ts';
import { cpuMs } from '../support/cpu-time.ts';
import { sleep } from '../support/encoder-harness.ts';
import type { EncodeStarted, EncodeTask } from './encode-alone.ts';

/** What does not get its pictures in time costs less: less of them makes a comparison void. */
const FED_LEAST = 0.98;
/** A single picture may be so late. */
const FEED_LATE_MS = 50;

/** Our side, at work on pictures at their pace. */
export interface OurSide {
  readonly pid: number | undefined;
  /** so far, of all renditions, without repeats */
  encoded(): number;
  stop(): Promise<unknown>;
}

export interface Windows {
  /** opening, first pages, rate control and the compilation of our code are not the steady state */
  warmUpS: number;
  windowS: number;
  windows: number;
}

/**
 * Both sides beside each other on the same pictures: what other guests of the machine's host do to caches and clocks changes
 * CPU times by a tenth from one minute to the next, and meets both alike only in the same seconds.
 * @param renditions the first has the size and the rate of the pictures
 * @returns our CPU ÷ ffmpeg's, all threads, window by window; null when one of them did not keep up
 */
export async function compareAtOnce(
  start: () => Promise<OurSide>,
  renditions: VideoSettings[],
  pictures: Uint8Array[],
  { warmUpS, windowS, windows }: Windows,
): Promise<number[] | null> {
  const { frameRate } = renditions[0]!;
  const count = Math.round(windowS * frameRate);
  const ours = await start();
  const ffmpeg = new FfmpegSide(renditions, pictures);
  const read = () => ({ atMs: performance.now(), oursMs: cpuMs(ours.pid), encoded: ours.encoded(), ffmpegMs: cpuMs(ffmpeg.pid) });
  try {
    await ffmpeg.feed(Math.round(warmUpS * frameRate));
    const first = read();
    const ratios: number[] = [];
    let [before, last] = [first, first];
    for (let n = 0; n < windows; n++) {
      await ffmpeg.feed(count);
      [before, last] = [last, read()];
      ratios.push((last.oursMs - before.oursMs) / (last.ffmpegMs - before.ffmpegMs));
    }
    const keptPace = FED_LEAST * (last.atMs - first.atMs - FEED_LATE_MS) <= (windows * count * 1_000) / frameRate;
    // one picture of each may be on its way at either end
    const least = (FED_LEAST * windows * count - 2) * renditions.length;
    return keptPace && last.encoded - first.encoded >= least ? ratios : null;
  } finally {
    await ours.stop();
    await ffmpeg.close();
  }
}

/** Our encoder with the pictures in its memory. */
export async function encodeAlone(renditions: VideoSettings[]): Promise<OurSide> {
  const child = forkScript('./encode-alone.ts', { renditions } satisfies EncodeTask);
  const exited = once(child, 'exit');
  let encoded = 0;
  await new Promise<void>((started, failed) => {
    child.on('message', (message: EncodeStarted | FromEncoder) => {
      if ('started' in message) started();
      else if (message.type === 'packet' && message.packet.kind === 'video' && !message.packet.repeated) encoded++;
    });
    void exited.then(() => failed(new Error('Our encoder has ended by itself.')));
  });
  return {
    pid: child.pid,
    encoded: () => encoded,
    stop: () => {
      child.kill('SIGKILL');
      return exited;
    },
  };
}

/** Runs a script of this folder as the encoder's process is run. @returns its message that has `field`, the packets apart */
export async function runChild<T extends object>(script: string, task: object, field: keyof T & string): Promise<T> {
  const child = forkScript(script, task);
  let answer: T | undefined;
  child.on('message', (message) => {
    if (typeof message === 'object' && field in message) answer = message as T;
  });
  await once(child, 'exit');
  if (!answer) throw new Error(`${script} gave no figure.`);
  return answer;
}

function forkScript(script: string, task: object): ChildProcess {
  return fork(fileURLToPath(new URL(script, import.meta.url)), [JSON.stringify(task)], {
    execArgv: serviceFlags('encoder'),
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
}

/** The command line at work: pictures over a pipe, at their pace. */
class FfmpegSide {
  readonly #process: ChildProcessByStdio<Writable, Readable, null>;
  readonly #pictures: Uint8Array[];
  readonly #frameMs: number;
  readonly #startMs = performance.now();
  #fed = 0;

  constructor(renditions: VideoSettings[], pictures: Uint8Array[]) {
    this.#pictures = pictures;
    this.#frameMs = 1_000 / renditions[0]!.frameRate;
    this.#process = spawn('ffmpeg', ffmpegArguments(renditions), { stdio: ['pipe', 'pipe', 'inherit'] });
    this.#process.stdout.resume();
  }

  get pid(): number | undefined {
    return this.#process.pid;
  }

  async feed(count: number): Promise<void> {
    for (const until = this.#fed + count; this.#fed < until; this.#fed++) {
      await sleep(Math.max(0, this.#startMs + this.#fed * this.#frameMs - performance.now()));
      if (!this.#process.stdin.write(this.#pictures[this.#fed % this.#pictures.length]!)) await once(this.#process.stdin, 'drain');
    }
  }

  async close(): Promise<void> {
    this.#process.stdin.end();
    await once(this.#process, 'close');
  }
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
