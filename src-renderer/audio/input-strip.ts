/// <reference types="dom-mediacapture-transform" />
/** The page's part of a strip that has a device: keeps it open, and sends its sound to the audio worker. */
import type { AudioInput } from '../../src-shared/domain/index.ts';
import { StudioError } from '../../src-shared/errors.ts';
import { deviceFailure } from '../compositor/capture/device-error.ts';
import { DeviceSession, type DeviceState } from '../compositor/capture/device-session.ts';
import { findDevice } from '../compositor/capture/find-device.ts';

/** 0.3 s of a device's pieces wait for a worker that is late. */
const WAITING_MAX = 30;

export interface InputStripEvents {
  onState: (state: DeviceState) => void;
  /** null: nothing comes any more */
  onSound: (sound: ReadableStream<AudioData> | null) => void;
}

export class InputStrip {
  readonly #events: InputStripEvents;
  #session: DeviceSession | null = null;
  #sessionKey = '';

  constructor(events: InputStripEvents) {
    this.#events = events;
  }

  update(input: AudioInput): void {
    const { kind, deviceId, deviceLabel, echoCancellation, noiseSuppression, autoGainControl } = input;
    const key = JSON.stringify([kind, deviceId, deviceLabel, echoCancellation, noiseSuppression, autoGainControl]);
    if (key === this.#sessionKey) return;
    this.#sessionKey = key;
    this.#session?.dispose();
    this.#session = new DeviceSession({
      device: kind === 'desktop' ? 'desktop' : 'microphone',
      name: input.name,
      open: () => (kind === 'desktop' ? openDesktop(input) : openMicrophone(input)),
      onState: (state) => this.#onState(state),
    });
    void this.#session.start();
  }

  retry(): void {
    void this.#session?.start();
  }

  dispose(): void {
    this.#session?.dispose();
    this.#events.onSound(null);
  }

  #onState(state: DeviceState): void {
    const [track] = state.phase === 'ready' ? state.stream.getAudioTracks() : [];
    // A MediaStreamAudioSourceNode would drop and double 10 ms whenever the device's clock has run away from the context's.
    this.#events.onSound(track ? new MediaStreamTrackProcessor({ track, maxBufferSize: WAITING_MAX }).readable : null);
    this.#events.onState(state);
  }
}

async function openMicrophone(input: AudioInput): Promise<MediaStream> {
  const deviceId = await findDevice('audioinput', input);
  const { echoCancellation, noiseSuppression, autoGainControl } = input;
  return navigator.mediaDevices.getUserMedia({
    audio: { ...(deviceId && { deviceId }), echoCancellation, noiseSuppression, autoGainControl },
  });
}

/** The browser asks which screen, window or tab; in the desktop application the system's whole sound comes without a question. */
async function openDesktop({ name }: AudioInput): Promise<MediaStream> {
  const audio = { echoCancellation: false, noiseSuppression: false, autoGainControl: false };
  const stream = await navigator.mediaDevices.getDisplayMedia({ video: true, audio, systemAudio: 'include' } as DisplayMediaStreamOptions);
  for (const track of stream.getVideoTracks()) {
    track.stop();
    stream.removeTrack(track);
  }
  if (stream.getAudioTracks().length > 0) return stream;
  const { code, message } = deviceFailure('device.no-sound', 'desktop', name);
  throw new StudioError(code, message);
}
