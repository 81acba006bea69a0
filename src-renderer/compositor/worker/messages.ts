/** Between the page and the compositor worker. */
import type { CompositorStats, SceneCollection, SourceId } from '../../../src-shared/domain/index.ts';
import type { Failure } from '../../../src-shared/errors.ts';
import type { MediaDemand } from '../../../src-shared/ipc/contract.ts';
import type { SizePx } from '../layout.ts';
import type { ConnectionAnswer, ConnectionRequest } from '../link/connection-requests.ts';
import type { StudioMediaOptions } from '../studio-media.ts';

export type ToCompositor =
  | {
      type: 'start';
      memory: SharedArrayBuffer;
      ticks: MessagePort;
      backend: NonNullable<StudioMediaOptions['backend']>;
      tickStrip: boolean;
    }
  /** `assetUrls`: absolute, by asset id */
  | { type: 'collection'; collection: SceneCollection; assetUrls: Record<string, string> }
  | { type: 'demand'; demand: MediaDemand | null }
  /** the preview leaves this source's filters out; null: none's */
  | { type: 'bypass'; sourceId: SourceId | null }
  | { type: 'reopen' }
  | { type: 'frames'; sourceId: SourceId; frames: ReadableStream<VideoFrame> | null }
  | { type: 'preview'; previewId: number; canvas: OffscreenCanvas }
  | { type: 'preview-closed'; previewId: number }
  /** nobody can see the page: previews are not drawn */
  | { type: 'visible'; visible: boolean }
  | ConnectionAnswer;

export type FromCompositor =
  | { type: 'size'; sourceId: SourceId; sizePx: SizePx }
  | { type: 'failed'; sourceId: SourceId; failure: Failure }
  | { type: 'stats'; stats: CompositorStats }
  /** another page sends the pictures now */
  | { type: 'replaced'; failure: Failure }
  | ConnectionRequest;
