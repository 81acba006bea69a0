/**
 * The ffmpeg program as a sound encoder: samples on its standard input, a fragmented MP4 back, whose packets are counted
 * from the first: the program does not know where on our clock it began, nor of gaps in it.
 */
import { type AudioSettings, usedAudioKbps } from '../../src-shared/domain/rendition.ts';
import { type ErrorCode, StudioError } from '../../src-shared/errors.ts';
import { AUDIO_CHANNELS, AUDIO_SAMPLE_RATE_HZ, samplesToUs } from '../../src-shared/units.ts';
import type { AudioHeader, AudioPacket } from '../process/packet.ts';
import { codecOf, interleave, type SoundBackEnd, toMono } from './audio-back-end.ts';
import { type AudioCodec, audioFormat } from './audio-format.ts';
import type { AudioFrame } from './audio-timeline.ts';
import { type Program, startProgram } from './programs.ts';
import { soundConfig } from './sound-config.ts';
import { findFfmpeg } from './video/find-ffmpeg.ts';
import { FragmentReader, type FragmentSample } from './video/fragment-reader.ts';

/** A program that takes nothing more for so long stands still: 2 s of sound. */
const UNREAD_BYTES_MAX = 2 * AUDIO_SAMPLE_RATE_HZ * AUDIO_CHANNELS * Float32Array.BYTES_PER_ELEMENT;
const FLUSH_MAX_MS = 2_000;
const COMPLAINTS_CHARACTERS = 2_000;

/** as the encoders of audio-encoder.ts are opened */
const CODEC_ARGUMENTS: Record<AudioCodec, string[]> = {
  aac: ['-c:a', 'aac', '-profile:a', 'aac_low'],
  opus: ['-c:a', 'libopus', '-vbr', 'constrained', '-frame_duration', '20'],
};

/** From the `from`th sample that was written on, sound lies at `position`. */
interface Stretch {
  from: number;
  position: number;
}

export class CommandLineSound implements SoundBackEnd {
  header: AudioHeader | null = null;
  readonly #codec: AudioCodec;
  readonly #settings: AudioSettings;
  readonly #program: Program;
  readonly #reader = new FragmentReader();
  readonly #ended: Promise<void>;
  readonly #stretches: Stretch[] = [];
  #written = 0;
  #ready: AudioPacket[] = [];
  #complaints = '';
  #inputEnded = false;
  #failure: StudioError | null = null;

  /** @throws StudioError encoder.open-failed */
  constructor(settings: AudioSettings) {
    this.#codec = codecOf(settings);
    this.#settings = settings;
    const program = startProgram(findFfmpeg(), programArguments(this.#codec, settings));
    this.#program = program;
    program.on('error', (error) => this.#fail(error.message));
    program.stdin.on('error', () => {}); // it ended: `close` tells
    program.stdout.on('data', (chunk: Buffer) => this.#read(chunk));
    program.stderr.on('data', (chunk: Buffer) => (this.#complaints = (this.#complaints + chunk).slice(-COMPLAINTS_CHARACTERS)));
    this.#ended = new Promise((resolve) => {
      program.on('close', (code, signal) => {
        if (!this.#inputEnded || code !== 0) this.#fail(`it ended (${signal ?? code})`);
        resolve();
      });
    });
  }

  encode({ position, planes }: AudioFrame): AudioPacket[] {
    if (this.#failure) throw this.#failure;
    const last = this.#stretches.at(-1);
    if (!last || last.position + this.#written - last.from !== position) this.#stretches.push({ from: this.#written, position });
    this.#written += planes.length / AUDIO_CHANNELS;
    const { stdin } = this.#program;
    const { channels } = this.#settings;
    const samples = channels === 1 ? toMono(planes) : interleave(planes, new Float32Array(planes.length), channels);
    stdin.write(Buffer.from(samples.buffer));
    if (stdin.writableLength > UNREAD_BYTES_MAX) this.#fail('it takes no more sound');
    return this.#ready.splice(0);
  }

  async flush(): Promise<AudioPacket[]> {
    this.#inputEnded = true;
    this.#program.stdin.end();
    const late = setTimeout(() => this.#program.kill('SIGKILL'), FLUSH_MAX_MS);
    await this.#ended;
    clearTimeout(late);
    return this.#ready.splice(0);
  }

  close(): void {
    this.#inputEnded = true;
    if (this.#program.exitCode === null && this.#program.signalCode === null) this.#program.kill('SIGKILL');
  }

  #read(chunk: Buffer): void {
    try {
      const samples = this.#reader.push(chunk);
      if (this.#reader.config) this.header ??= this.#makeHeader(this.#reader.config);
      for (const sample of samples) this.#ready.push(this.#packetOf(sample));
    } catch (error) {
      this.#fail(error instanceof Error ? error.message : String(error));
      this.#program.kill('SIGKILL');
    }
  }

  #makeHeader(box: Uint8Array): AudioHeader {
    const { sampleRateHz, channels } = this.#settings;
    const bitrateKbps = usedAudioKbps(this.#settings);
    return { kind: 'audio', codec: this.#codec, sampleRateHz, channels, bitrateKbps, config: soundConfig(this.#codec, box) };
  }

  /** The first packet lies before the first sample. */
  #packetOf({ ptsS, data }: FragmentSample): AudioPacket {
    const { delaySamples, frameSamples } = audioFormat(this.#codec);
    const { sampleRateHz } = this.#settings;
    // samples that were written, as the program brings them to another rate itself
    const at = ((Math.round(ptsS * sampleRateHz) - delaySamples) * AUDIO_SAMPLE_RATE_HZ) / sampleRateHz;
    // none before that is asked for again
    while (this.#stretches.length > 1 && this.#stretches[1]!.from <= at) this.#stretches.shift();
    const { from, position } = this.#stretches[0] ?? { from: 0, position: 0 };
    const durationUs = samplesToUs(frameSamples, sampleRateHz);
    return { kind: 'audio', ptsUs: samplesToUs(position + at - from), durationUs, data };
  }

  #fail(what: string): void {
    const isRunning = this.header !== null;
    const code: ErrorCode = isRunning ? 'encoder.crashed' : 'encoder.open-failed';
    const advice = isRunning ? 'It is started anew.' : 'Try another audio bitrate, or install another FFmpeg.';
    const said = this.#complaints
      .trim()
      .split('\n')[0]
      ?.replace(/^\[.*?\] /, '');
    this.#failure ??= new StudioError(code, `The ffmpeg program failed at the sound: ${said || what}. ${advice}`);
  }
}

function programArguments(codec: AudioCodec, settings: AudioSettings): string[] {
  const { sampleRateHz, channels } = settings;
  return [
    ...['-hide_banner', '-nostdin', '-v', 'error', '-probesize', '32', '-analyzeduration', '0'],
    ...['-f', 'f32le', '-ar', String(AUDIO_SAMPLE_RATE_HZ), '-ac', String(channels), '-i', 'pipe:0'],
    ...CODEC_ARGUMENTS[codec],
    ...['-ar', String(sampleRateHz), '-b:a', `${usedAudioKbps(settings)}k`],
    ...['-f', 'mp4', '-movflags', '+frag_every_frame+empty_moov+default_base_moof', '-flush_packets', '1', 'pipe:1'],
  ];
}
