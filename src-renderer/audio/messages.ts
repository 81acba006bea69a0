/** Between the page and the audio worker. */
import type { ConnectionAnswer, ConnectionRequest } from '../compositor/link/connection-requests.ts';

export type ToAudioWorker =
  | { type: 'start'; clock: SharedArrayBuffer; ring: SharedArrayBuffer }
  | { type: 'wanted'; wanted: boolean }
  | { type: 'reopen' }
  | ConnectionAnswer;

export type FromAudioWorker = ConnectionRequest;
