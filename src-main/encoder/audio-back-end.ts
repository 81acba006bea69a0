/** What a sound encoder is to the rest of the process, whoever does the work. */
import { type AudioSettings, heAacProblem } from '../../src-shared/domain/rendition.ts';
import { StudioError } from '../../src-shared/errors.ts';
import { AUDIO_CHANNELS } from '../../src-shared/units.ts';
import type { AudioHeader, AudioPacket } from '../process/packet.ts';
import type { AudioCodec } from './audio-format.ts';
import type { AudioFrame } from './audio-timeline.ts';

export interface SoundBackEnd {
  /** null: it is not known yet, and no packet has been given out */
  readonly header: AudioHeader | null;
  /**
   * @returns the packets that are ready, of this frame or of one before it. Their time is that of their first sample; the
   * very first lies before the first sample, by the encoder's delay
   * @throws StudioError encoder.crashed, and where it is not known before, encoder.open-failed
   */
  encode(frame: AudioFrame): AudioPacket[];
  /** @returns all that is left. @throws (or rejects with) what `encode` throws */
  flush(): AudioPacket[] | Promise<AudioPacket[]>;
  /** Idempotent. */
  close(): void;
}

/**
 * @param before the one whose place it takes: what that one holds of a frame may be handed over, so that its last frame needs
 * no silence. It gets no more sound, but is still flushed
 * @throws StudioError encoder.open-failed; then `before` is as it was
 */
export type OpenSound = (settings: AudioSettings, before?: SoundBackEnd | null) => SoundBackEnd;

/** @throws StudioError encoder.open-failed */
export function codecOf({ codec }: AudioSettings): AudioCodec {
  if (codec === 'he-aac') throw new StudioError('encoder.open-failed', heAacProblem);
  return codec;
}

/** Sample by sample, the left channel first. */
export function interleave(planes: Float32Array, out: Float32Array, channels: number): Float32Array {
  if (channels === 1) return planes;
  const count = planes.length / 2;
  for (let sample = 0; sample < count; sample += 1) {
    out[sample * 2] = planes[sample]!;
    out[sample * 2 + 1] = planes[count + sample]!;
  }
  return out;
}

/** Half of each side: what is in the middle stays as loud as it is, and nothing gets louder. @param planes stereo */
export function toMono(planes: Float32Array): Float32Array {
  const count = planes.length / AUDIO_CHANNELS;
  return Float32Array.from({ length: count }, (_, sample) => (planes[sample]! + planes[count + sample]!) / 2);
}
