/**
 * The ffmpeg program as an encoder: pictures on its standard input, a fragmented MP4 back. It needs nothing of node-av,
 * and can change nothing while it runs: ReopeningEncoder starts another one. When this process dies, the program's input
 * ends, and so does it.
 */
import { once } from 'node:events';
import type { VideoSettings } from '../../../src-shared/domain/rendition.ts';
import { describeEncoder } from '../../../src-shared/domain/video-encoder.ts';
import { type ErrorCode, StudioError } from '../../../src-shared/errors.ts';
import { i420Bytes } from '../../../src-shared/units.ts';
import { I420, type PictureSize } from '../picture.ts';
import { type Program, startProgram } from '../programs.ts';
import { commandLineAbilities } from './abilities.ts';
import type { Emit, EncoderAbilities, EncoderInput, OpenOptions, VideoEncoder } from './back-end.ts';
import { type Bitstream, bitstreamOf, sameBytes } from './bitstream.ts';
import { deviceArguments, encoderArguments } from './command-line-options.ts';
import { findFfmpeg } from './find-ffmpeg.ts';
import { FragmentReader, type FragmentSample } from './fragment-reader.ts';
import { frameRateFraction } from './frame-rate.ts';

/** A program that gives out nothing more for so long hangs. */
const FLUSH_MAX_MS = 5_000;
const COMPLAINTS_CHARACTERS = 2_000;

export class CommandLineEncoder implements VideoEncoder {
  readonly abilities: EncoderAbilities;
  /** the program makes every other size and format by itself */
  readonly inputSize: PictureSize;
  readonly inputFormat = I420;
  /** the program tells with its first access unit */
  readonly config = null;
  readonly #settings: VideoSettings;
  readonly #bitstream: Bitstream;
  readonly #emit: Emit;
  readonly #program: Program;
  readonly #reader = new FragmentReader();
  readonly #ended: Promise<unknown>;
  /** of the pictures that may still be asked for, from the `#firstIndex`th on; what the program counts are pictures */
  readonly #ticks: number[] = [];
  #firstIndex = 0;
  #firstTick = 0;
  #config: Uint8Array | null = null;
  #complaints = '';
  #inputEnded = false;
  #failure: StudioError | null = null;

  private constructor(settings: VideoSettings, emit: Emit, inputSize: PictureSize, program: Program) {
    this.abilities = commandLineAbilities(settings.encoder);
    this.#settings = settings;
    this.inputSize = inputSize;
    this.#bitstream = bitstreamOf(settings.encoder);
    this.#emit = emit;
    this.#program = program;
    this.#ended = once(program, 'close');
    program.stdin.on('error', () => {}); // it ended: `close` tells
    program.stdout.on('data', (chunk: Buffer) => this.#read(chunk));
    program.stderr.on('data', (chunk: Buffer) => (this.#complaints = (this.#complaints + chunk).slice(-COMPLAINTS_CHARACTERS)));
    program.on('close', (code, signal) => {
      if (!this.#inputEnded || code !== 0) this.#fail(`it ended (${signal ?? code})`);
    });
  }

  /** @throws StudioError encoder.open-failed */
  static async open(settings: VideoSettings, emit: Emit, { source = settings }: OpenOptions = {}): Promise<CommandLineEncoder> {
    const file = findFfmpeg();
    const program = startProgram(file, programArguments(settings, source));
    try {
      await once(program, 'spawn');
    } catch (error) {
      throw new StudioError('encoder.open-failed', `${file} could not be started. Install FFmpeg, or choose another encoder.`, {
        cause: error,
      });
    }
    return new CommandLineEncoder(settings, emit, source, program);
  }

  /** Waits while a picture before this one is still on its way: no more than two are in our memory. */
  async encode({ planes }: EncoderInput, tick: number): Promise<void> {
    if (!planes) throw new TypeError('the ffmpeg program takes planes only');
    if (this.#failure) throw this.#failure;
    if (this.#firstIndex + this.#ticks.length === 0) this.#firstTick = tick;
    this.#ticks.push(tick);
    const { stdin } = this.#program;
    stdin.write(planes);
    const { widthPx, heightPx } = this.inputSize;
    if (stdin.writableLength > i420Bytes(widthPx, heightPx))
      await Promise.race([once(stdin, 'drain').catch(() => this.#ended), this.#ended]);
    if (this.#failure) throw this.#failure;
  }

  /** It cannot; ReopeningEncoder does it. */
  setBitrate(): void {}

  async flush(): Promise<void> {
    this.#inputEnded = true;
    this.#program.stdin.end();
    const late = setTimeout(() => this.#program.kill('SIGKILL'), FLUSH_MAX_MS);
    await this.#ended;
    clearTimeout(late);
    if (this.#failure) throw this.#failure;
  }

  async close(): Promise<void> {
    this.#inputEnded = true;
    if (this.#program.exitCode === null && this.#program.signalCode === null) this.#program.kill('SIGKILL');
    await this.#ended;
  }

  #read(chunk: Buffer): void {
    try {
      for (const sample of this.#reader.push(chunk)) this.#give(sample);
    } catch (error) {
      this.#fail(error instanceof Error ? error.message : String(error));
      this.#program.kill('SIGKILL');
    }
  }

  #give({ ptsS, dtsS, key, data }: FragmentSample): void {
    const bitstream = this.#bitstream;
    const { num, den } = frameRateFraction(this.#settings.frameRate);
    const dtsIndex = Math.round((dtsS * num) / den);
    const pts = this.#tickOf(Math.round((ptsS * num) / den));
    const dts = this.#tickOf(dtsIndex);
    // no picture before that is asked for again: dts rises, and pts is never less
    while (this.#firstIndex < dtsIndex && this.#ticks.length > 1) {
      this.#ticks.shift();
      this.#firstIndex++;
    }
    const config = key ? (bitstream.headerInKeys ? bitstream.config(data) : this.#reader.config) : null;
    this.#emit({ pts, dts, key, data, config: this.#newConfig(config) });
  }

  /** Times before the first picture count back from it. */
  #tickOf(index: number): number {
    if (index < 0) return this.#firstTick + index;
    const tick = this.#ticks[index - this.#firstIndex];
    if (tick === undefined) throw new Error(`the program returned picture ${index}, which was not given to it`);
    return tick;
  }

  #newConfig(config: Uint8Array | null): Uint8Array | null {
    if (!config || sameBytes(config, this.#config)) return null;
    this.#config = config;
    return config;
  }

  #fail(what: string): void {
    const isRunning = this.#config !== null;
    const code: ErrorCode = isRunning ? 'encoder.crashed' : 'encoder.open-failed';
    const advice = isRunning ? 'It is started anew.' : 'Choose another encoder, or other settings.';
    // when it refuses to begin, the reason comes first and what follows from it after
    const said = this.#complaints
      .trim()
      .split('\n')
      .at(isRunning ? -1 : 0);
    this.#failure ??= new StudioError(code, `The ffmpeg program failed: ${said?.replace(/^\[.*?\] /, '') || what}. ${advice}`);
  }
}

function programArguments(settings: VideoSettings, { widthPx, heightPx }: PictureSize): string[] {
  const { frameRate, encoder } = settings;
  const { num, den } = frameRateFraction(frameRate);
  return [
    ...['-hide_banner', '-nostdin', '-v', 'error', ...deviceArguments(settings)],
    // nothing is to be found out about the input, so nothing is to be waited for
    ...['-probesize', '32', '-analyzeduration', '0', '-f', 'rawvideo', '-pix_fmt', 'yuv420p'],
    ...['-video_size', `${widthPx}x${heightPx}`, '-framerate', `${num}/${den}`, '-i', 'pipe:0'],
    ...['-fps_mode', 'passthrough', ...encoderArguments(settings, { widthPx, heightPx })],
    ...(describeEncoder(encoder).codec === 'hevc' ? ['-tag:v', 'hvc1'] : []),
    ...['-f', 'mp4', '-movflags', '+frag_every_frame+empty_moov+default_base_moof', '-flush_packets', '1', 'pipe:1'],
  ];
}
