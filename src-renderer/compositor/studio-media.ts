/**
 * The renderer's media engine as the interface sees it: composes the program picture, mixes the sound, shows the
 * preview, and feeds the encoder while it asks for media. Made by `createStudioMedia` in ./create-studio-media.ts.
 */
import type { Unsubscribe } from '../../src-shared/disposable.ts';
import type { AudioInputId, CompositorStats, SceneCollection, SourceId } from '../../src-shared/domain/index.ts';
import type { Failure } from '../../src-shared/errors.ts';
import type { MediaDemand } from '../../src-shared/ipc/contract.ts';
import type { MeterValues } from '../audio/meter-board.ts';

/** How a source is doing. `sizePx` is the picture's own size, known once it delivers. */
export interface SourceStatus {
  sourceId: SourceId;
  phase: 'starting' | 'ready' | 'failed';
  sizePx: { width: number; height: number } | null;
  failure: Failure | null;
}

/** Levels of one strip, in dBFS, per channel, and loudness in LUFS; -120 is silence. `master` is the mix. */
export interface MeterReading extends MeterValues {
  inputId: AudioInputId | 'master';
}

export interface AudioInputStatus {
  inputId: AudioInputId;
  phase: 'starting' | 'ready' | 'failed';
  failure: Failure | null;
}

/**
 * How a worker of ours reaches the encoder. The worker opens the channel and says hello itself, so that a stalled page
 * never holds a picture up. `webSocket` is the answer of `media.open`; `port` is the one of `shell.mediaPort`.
 */
export type MediaConnection = { kind: 'webSocket'; url: string; token: string } | { kind: 'port'; port: MessagePort };

export interface StudioMediaOptions {
  /** a fresh connection (one-time token, or port); called for each role when media is wanted, and again after a loss */
  openMedia: (role: 'video' | 'audio') => Promise<MediaConnection>;
  /** where an asset's bytes are */
  assetUrl: (assetId: string) => string;
  backend?: 'auto' | 'webgl2' | 'cpu';
  /** draws the machine-readable tick strip over every composed picture (tests and glass-to-glass) */
  tickStrip?: boolean;
}

export interface StudioMedia {
  /** Idempotent: sources are opened, changed and closed by difference. */
  setCollection(collection: SceneCollection): void;
  /** What the encoder wants; null stops sending. The preview goes on. */
  setDemand(demand: MediaDemand | null): void;
  /** Re-opens the media connections, after the encoder was replaced. */
  reopen(): void;
  /** Shows the program on a canvas (it is transferred: once per element). */
  attachPreview(canvas: HTMLCanvasElement): Unsubscribe;
  /** Shows a source without its filters in the previews, never in the program; null: all with theirs. */
  bypassFilters(id: SourceId | null): void;
  /** Tries a failed or vanished device again. */
  retrySource(id: SourceId): void;
  retryInput(id: AudioInputId): void;
  /** Where monitored strips are heard: an audiooutput, or null for the system's. @throws DOMException when it cannot be used */
  monitorOn(deviceId: string | null): Promise<void>;
  /** The program's integrated loudness begins anew. */
  restartLoudness(): void;
  /** Asks the user which screen to share (a browser shows its own picker; needs a click). */
  pickScreen(id: SourceId): Promise<void>;

  readonly sources: ReadonlyMap<SourceId, SourceStatus>;
  onSource(listener: (status: SourceStatus) => void): Unsubscribe;
  onInput(listener: (status: AudioInputStatus) => void): Unsubscribe;
  /** About 30 times a second; draw it on a canvas, do not put it in React state. */
  onMeters(listener: (readings: readonly MeterReading[]) => void): Unsubscribe;
  /** Once a second. */
  onStats(listener: (stats: CompositorStats) => void): Unsubscribe;
  /** Another page feeds the encoder now (media.replaced); this one does again after `reopen` or a new demand. */
  onReplaced(listener: (failure: Failure) => void): Unsubscribe;
  /** Cameras and microphones now; labels are empty until permission was given. */
  devices(): Promise<MediaDeviceInfo[]>;
  onDevicesChanged(listener: () => void): Unsubscribe;
  dispose(): Promise<void>;
}
