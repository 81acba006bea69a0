/**
 * Keeps one capture device open: opens it, says when it is gone, and tries again when the list of devices changes.
 * Cameras, screens and microphones differ only in how a stream is asked for.
 */
import type { Failure } from '../../../src-shared/errors.ts';
import { deviceFailure, toDeviceFailure } from './device-error.ts';

export type DeviceState = { phase: 'starting' } | { phase: 'ready'; stream: MediaStream } | { phase: 'failed'; failure: Failure };

export interface DeviceSessionOptions {
  device: 'camera' | 'microphone' | 'screen';
  name: string;
  open: () => Promise<MediaStream>;
  onState: (state: DeviceState) => void;
}

export class DeviceSession {
  readonly #options: DeviceSessionOptions;
  readonly #onDevicesChanged = () => void (this.#comesBack && this.start());
  #stream: MediaStream | null = null;
  #comesBack = false;
  /** each opening has a number; a stream that arrives for an older one is closed */
  #opening = 0;

  constructor(options: DeviceSessionOptions) {
    this.#options = options;
    navigator.mediaDevices.addEventListener('devicechange', this.#onDevicesChanged);
  }

  /** Opens the device, or closes and opens it again. Resolves when its state is known. */
  async start(): Promise<void> {
    const { device, name, open, onState } = this.#options;
    this.#close();
    const opening = this.#opening;
    onState({ phase: 'starting' });
    try {
      const stream = await open();
      if (opening !== this.#opening) return stopTracks(stream);
      this.#stream = stream;
      this.#comesBack = false;
      stream
        .getTracks()[0]
        ?.addEventListener('ended', () => opening === this.#opening && this.#fail(deviceFailure('device.unplugged', device, name)));
      onState({ phase: 'ready', stream });
    } catch (error) {
      if (opening === this.#opening) this.#fail(toDeviceFailure(error, device, name));
    }
  }

  dispose(): void {
    this.#close();
    this.#comesBack = false;
    navigator.mediaDevices.removeEventListener('devicechange', this.#onDevicesChanged);
  }

  #fail(failure: Failure): void {
    this.#close();
    this.#comesBack = this.#options.device !== 'screen' && (failure.code === 'device.unplugged' || failure.code === 'device.not-found');
    this.#options.onState({ phase: 'failed', failure });
  }

  #close(): void {
    this.#opening++;
    if (this.#stream) stopTracks(this.#stream);
    this.#stream = null;
  }
}

function stopTracks(stream: MediaStream): void {
  for (const track of stream.getTracks()) track.stop();
}
