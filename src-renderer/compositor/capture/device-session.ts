/**
 * Keeps one capture device open: opens it, says when it is gone, and tries again when the list of devices or the
 * user's permission changes. Cameras, screens and microphones differ only in how a stream is asked for.
 */
import type { Failure } from '../../../src-shared/errors.ts';
import { type DeviceWord, deviceFailure, toDeviceFailure } from './device-error.ts';

export type DeviceState = { phase: 'starting' } | { phase: 'ready'; stream: MediaStream } | { phase: 'failed'; failure: Failure };

export interface DeviceSessionOptions {
  device: DeviceWord;
  name: string;
  open: () => Promise<MediaStream>;
  onState: (state: DeviceState) => void;
}

/** Waits before a device that was lost, and is still listed, is opened again: a driver or capture process needs them to recover. */
const REOPEN_AFTER_MS = [1_000, 2_000, 4_000, 8_000];

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
      this.#use(stream);
    } catch (error) {
      if (opening === this.#opening) this.#fail(toDeviceFailure(error, device, name));
    }
  }

  dispose(): void {
    this.#close();
    this.#comesBack = false;
    navigator.mediaDevices.removeEventListener('devicechange', this.#onDevicesChanged);
  }

  #use(stream: MediaStream): void {
    const opening = this.#opening;
    const [track] = stream.getTracks();
    this.#stream = stream;
    this.#comesBack = false;
    track?.addEventListener('ended', () => opening === this.#opening && this.#lose(track.getSettings().deviceId ?? ''));
    this.#options.onState({ phase: 'ready', stream });
  }

  #lose(deviceId: string): void {
    const { device, name } = this.#options;
    this.#fail(deviceFailure('device.unplugged', device, name));
    if (isDevice(device)) void this.#reopen(deviceId);
  }

  /** Not what was unplugged, but what its driver let down comes back without a change of the list. Says nothing until it does. */
  async #reopen(deviceId: string): Promise<void> {
    const { device, name, open } = this.#options;
    const opening = this.#opening;
    for (const waitMs of REOPEN_AFTER_MS) {
      await new Promise((resolve) => setTimeout(resolve, waitMs));
      const devices = await navigator.mediaDevices.enumerateDevices();
      if (opening !== this.#opening) return;
      // where the list has become anonymous the permission is gone, and only opening tells
      if (devices.some((one) => one.deviceId !== '') && devices.every((one) => one.deviceId !== deviceId)) continue;
      const stream = await open().catch((error: unknown) => toDeviceFailure(error, device, name));
      if (opening !== this.#opening) return stream instanceof MediaStream ? stopTracks(stream) : undefined;
      if (stream instanceof MediaStream) return this.#use(stream);
      if (stream.code === 'device.permission-denied') return this.#fail(stream);
    }
  }

  #fail(failure: Failure): void {
    const { device, onState } = this.#options;
    this.#close();
    this.#comesBack = isDevice(device) && (failure.code === 'device.unplugged' || failure.code === 'device.not-found');
    onState({ phase: 'failed', failure });
    if (isDevice(device) && failure.code === 'device.permission-denied') void this.#awaitPermission(device);
  }

  /** Not every browser tells: there the user retries. */
  async #awaitPermission(name: 'camera' | 'microphone'): Promise<void> {
    const opening = this.#opening;
    const permission = await navigator.permissions.query({ name }).catch(() => null);
    permission?.addEventListener('change', () => opening === this.#opening && permission.state === 'granted' && void this.start());
  }

  #close(): void {
    this.#opening++;
    if (this.#stream) stopTracks(this.#stream);
    this.#stream = null;
  }
}

/** A screen, or the computer's sound, is given for once. */
function isDevice(device: DeviceWord): device is 'camera' | 'microphone' {
  return device === 'camera' || device === 'microphone';
}

function stopTracks(stream: MediaStream): void {
  for (const track of stream.getTracks()) track.stop();
}
