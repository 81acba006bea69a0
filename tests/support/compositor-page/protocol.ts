/** Between a test and the page that runs the media engine under test. */

import type { AudioInputStatus, MeterReading, SourceStatus, StudioMediaOptions } from '../../../src-renderer/compositor/studio-media.ts';
import type { CompositorStats, SceneCollection } from '../../../src-shared/domain/index.ts';
import type { MediaDemand } from '../../../src-shared/ipc/contract.ts';

export type ToPage =
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
  | { type: 'error'; message: string };
