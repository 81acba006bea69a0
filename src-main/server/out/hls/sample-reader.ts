/** Tag bodies become samples of a known format; what cannot be read is left out, and costs nobody else anything. */
import { WireError } from '../../../wire/wire-error.ts';
import type { MediaFrame } from '../../hub/frame.ts';
import {
  type AudioFormat,
  checkAudioCodec,
  checkVideoCodec,
  readAudioHeader,
  readPicture,
  readSound,
  readVideoHeader,
  type StreamFormat,
  soundSamples,
  type VideoFormat,
} from './media-format.ts';
import type { MediaSample } from './segmenter.ts';

/** RTMP rounds to milliseconds: closer than this, sound goes on without a gap, counted in its own samples */
const AUDIO_SNAP_MS = 15;

export class SampleReader {
  #video: VideoFormat | null = null;
  #audio: AudioFormat | null = null;
  readonly #problems: Record<MediaFrame['kind'], string | null> = { video: null, audio: null };
  #nextSoundMs = Number.NEGATIVE_INFINITY;

  get format(): StreamFormat {
    return { video: this.#video, audio: this.#audio };
  }

  /** why a track cannot be had; null while all can */
  get problem(): string | null {
    return this.#problems.video ?? this.#problems.audio;
  }

  /** Another publisher: its headers follow. */
  restart(): void {
    this.#video = null;
    this.#audio = null;
    this.#problems.video = null;
    this.#problems.audio = null;
    this.#nextSoundMs = Number.NEGATIVE_INFINITY;
  }

  header(kind: MediaFrame['kind'], body: Uint8Array): void {
    try {
      if (kind === 'video') this.#video = readVideoHeader(body);
      else this.#audio = readAudioHeader(body);
      this.#problems[kind] = null;
    } catch (error) {
      this.#fail(kind, error);
    }
  }

  /** @returns null when it cannot be read, or its header is missing */
  sample(frame: MediaFrame, timestampMs: number): MediaSample | null {
    try {
      return frame.kind === 'video' ? this.#picture(frame, timestampMs) : this.#sound(frame, timestampMs);
    } catch (error) {
      const isKnown = frame.kind === 'video' ? this.#video !== null : this.#audio !== null;
      if (isKnown && error instanceof WireError) return null; // one that is broken
      this.#fail(frame.kind, error);
      return null;
    }
  }

  #picture({ key, aligned, epoch, compositionMs, body, arrivedAtMs }: MediaFrame, dtsMs: number): MediaSample | null {
    if (!this.#video) {
      checkVideoCodec(body); // its header may come yet
      return null;
    }
    const data = readPicture(body, this.#video);
    return { kind: 'video', dtsMs, ptsMs: dtsMs + compositionMs, durationMs: 0, key, aligned, epoch, data, arrivedAtMs };
  }

  #sound({ key, epoch, body, arrivedAtMs }: MediaFrame, timestampMs: number): MediaSample | null {
    if (!this.#audio) {
      checkAudioCodec(body);
      return null;
    }
    const data = readSound(body, this.#audio);
    const durationMs = (soundSamples(this.#audio, data) * 1_000) / this.#audio.sampleRateHz;
    const dtsMs = Math.abs(timestampMs - this.#nextSoundMs) < AUDIO_SNAP_MS ? this.#nextSoundMs : timestampMs;
    this.#nextSoundMs = dtsMs + durationMs;
    return { kind: 'audio', dtsMs, ptsMs: dtsMs, durationMs, key, aligned: false, epoch, data, arrivedAtMs };
  }

  #fail(kind: MediaFrame['kind'], error: unknown): void {
    if (!(error instanceof WireError)) throw error;
    this.#problems[kind] = error.message;
  }
}
