/** Between a test and the page that runs the media engine under test. */

import type { AudioInputStatus, MeterReading, SourceStatus, StudioMediaOptions } from '../../../src-renderer/compositor/studio-media.ts';
import type { CompositorStats, Filter, SceneCollection } from '../../../src-shared/domain/index.ts';
import type { MediaDemand } from '../../../src-shared/ipc/contract.ts';

/** A picture through filters, on one back end, without an engine. */
export interface FilterJob {
  backend: 'cpu' | 'webgl2';
  /** of the picture; what the filters' assetIds name are assets as well */
  assetId: string;
  filters: readonly Filter[];
  scale?: number;
  mirrored?: boolean;
  /** as a camera's frame instead of a still */
  isFrame?: boolean;
  /** one picture for each, moved to the right by so many of its pixels; the last one is told */
  shifts?: readonly number[];
  /** how often the last one is done again, for timing */
  repeat?: number;
}

export type ToPage =
  | ({ type: 'filter'; jobId: number } & FilterJob)
  | { type: 'start'; options: Pick<StudioMediaOptions, 'backend' | 'tickStrip'>; preview: boolean }
  | { type: 'collection'; collection: SceneCollection }
  | { type: 'demand'; demand: MediaDemand | null }
  | { type: 'reopen' }
  | { type: 'retry-source'; sourceId: string }
  | { type: 'connection'; requestId: number; url: string; token: string };

export type FromPage =
  | { type: 'loaded' }
  | { type: 'connect'; requestId: number; role: 'video' | 'audio' }
  | { type: 'source'; status: SourceStatus }
  | { type: 'input'; status: AudioInputStatus }
  | { type: 'meters'; readings: readonly MeterReading[] }
  | { type: 'stats'; stats: CompositorStats }
  /** `rgba` in base64; over magenta; `ms`: the median of the repeats, of `filter` and of drawing; `costs`: as the back end counts them */
  | { type: 'filtered'; jobId: number; widthPx: number; heightPx: number; rgba: string; ms: number; costs: Record<string, number> }
  | { type: 'error'; message: string };
