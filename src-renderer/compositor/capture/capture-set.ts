/// <reference types="dom-mediacapture-transform" />
/** The page's part of cameras and screens: devices are opened here, their frames are read in the compositor worker. */
import type { Source, SourceId, SourceOf } from '../../../src-shared/domain/index.ts';
import { StudioError } from '../../../src-shared/errors.ts';
import { deviceFailure } from './device-error.ts';
import { DeviceSession, type DeviceState } from './device-session.ts';
import { findDevice } from './find-device.ts';

type Captured = SourceOf<'camera'> | SourceOf<'screen'>;

export interface CaptureEvents {
  onState: (id: SourceId, state: DeviceState) => void;
  /** null: nothing comes any more */
  onFrames: (id: SourceId, frames: ReadableStream<VideoFrame> | null) => void;
}

interface Capture {
  key: string;
  session: DeviceSession;
  source: Captured;
  /** of a screen: ask the user with the browser's picker */
  pick: boolean;
}

export class CaptureSet {
  readonly #events: CaptureEvents;
  readonly #open = new Map<SourceId, Capture>();

  constructor(events: CaptureEvents) {
    this.#events = events;
  }

  set(sources: readonly Source[]): void {
    const captured = sources.filter((source): source is Captured => source.kind === 'camera' || source.kind === 'screen');
    const kept = new Set(captured.map(({ id }) => id));
    for (const id of this.#open.keys()) if (!kept.has(id)) this.#close(id);
    for (const source of captured) {
      const open = this.#open.get(source.id);
      if (open?.key === keyOf(source)) continue;
      this.#close(source.id);
      this.#start(source);
    }
  }

  retry(id: SourceId): void {
    void this.#open.get(id)?.session.start();
  }

  async pick(id: SourceId): Promise<void> {
    const capture = this.#open.get(id);
    if (!capture) return;
    capture.pick = true;
    await capture.session.start();
  }

  dispose(): void {
    for (const id of [...this.#open.keys()]) this.#close(id);
  }

  #start(source: Captured): void {
    const { id, name, kind } = source;
    const capture: Capture = {
      key: keyOf(source),
      source,
      pick: false,
      session: new DeviceSession({
        device: kind,
        name,
        open: () => (source.kind === 'camera' ? openCamera(source) : this.#openScreen(capture, source)),
        onState: (state) => this.#onState(id, state),
      }),
    };
    this.#open.set(id, capture);
    void capture.session.start();
  }

  #onState(id: SourceId, state: DeviceState): void {
    const [track] = state.phase === 'ready' ? state.stream.getVideoTracks() : [];
    // The processor exists on the page only; its stream of frames is read where they are drawn.
    if (track) this.#events.onFrames(id, new MediaStreamTrackProcessor({ track, maxBufferSize: 1 }).readable);
    else if (state.phase === 'failed') this.#events.onFrames(id, null);
    this.#events.onState(id, state);
  }

  async #openScreen(capture: Capture, source: SourceOf<'screen'>): Promise<MediaStream> {
    if (source.captureId !== null) return openElectronScreen(source, source.captureId);
    if (!capture.pick) {
      const { code, message } = deviceFailure('device.not-found', 'screen', source.name);
      throw new StudioError(code, message);
    }
    const video = { frameRate: source.frameRate, cursor: source.cursor ? 'always' : 'never' };
    return navigator.mediaDevices.getDisplayMedia({ video, audio: false });
  }

  #close(id: SourceId): void {
    this.#open.get(id)?.session.dispose();
    if (this.#open.delete(id)) this.#events.onFrames(id, null);
  }
}

async function openCamera(source: SourceOf<'camera'>): Promise<MediaStream> {
  const deviceId = await findDevice('videoinput', source);
  return navigator.mediaDevices.getUserMedia({
    video: {
      ...(deviceId && { deviceId }),
      width: { ideal: source.widthPx },
      height: { ideal: source.heightPx },
      frameRate: { ideal: source.frameRate },
    },
  });
}

/** Electron's own form: `captureId` is an id of desktopCapturer, which standard constraints cannot name. */
function openElectronScreen(source: SourceOf<'screen'>, captureId: string): Promise<MediaStream> {
  const mandatory = { chromeMediaSource: 'desktop', chromeMediaSourceId: captureId, maxFrameRate: source.frameRate };
  return navigator.mediaDevices.getUserMedia({ audio: false, video: { mandatory } as MediaTrackConstraints });
}

/** What needs the device opened anew when it changes. */
function keyOf(source: Captured): string {
  if (source.kind === 'screen') return JSON.stringify([source.kind, source.captureId, source.frameRate, source.cursor]);
  return JSON.stringify([source.kind, source.deviceId, source.deviceLabel, source.widthPx, source.heightPx, source.frameRate]);
}
