/** Between the page, the audio worker and the audio thread. */
import type { AudioInputId } from '../../src-shared/domain/index.ts';
import type { ConnectionAnswer, ConnectionRequest } from '../compositor/link/connection-requests.ts';
import type { StripPlacement } from './dsp/mixer.ts';

export type ToAudioWorker =
  | { type: 'start'; clock: SharedArrayBuffer; ring: SharedArrayBuffer }
  | { type: 'wanted'; wanted: boolean }
  | { type: 'reopen' }
  /** a device's sound, to be written into the ring until it ends */
  | { type: 'feed'; sound: ReadableStream<AudioData>; ring: SharedArrayBuffer }
  | ConnectionAnswer;

export type FromAudioWorker = ConnectionRequest;

export interface MixerOptions {
  /** the program's SampleRing */
  ring: SharedArrayBuffer;
  /** the MediaClock */
  clock: SharedArrayBuffer;
  /** the MeterBoard */
  board: SharedArrayBuffer;
  /** null: it could not be loaded, and noise suppression lets everything pass */
  rnnoise: WebAssembly.Module | null;
}

export type ToMixer =
  | { type: 'strips'; placements: StripPlacement[]; beepsMs: number[] }
  /** a FeedRing; null: nothing comes any more */
  | { type: 'feed'; inputId: AudioInputId; ring: SharedArrayBuffer | null }
  | { type: 'restart-loudness' };
