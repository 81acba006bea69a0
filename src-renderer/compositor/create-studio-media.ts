/** Puts the media engine together: clock, compositor worker, capture and sound. See docs/compositor.md. */

import { Emitter } from '../../src-shared/disposable.ts';
import { assetsOf, type CompositorStats, type SceneCollection } from '../../src-shared/domain/index.ts';
import { type Failure, StudioError } from '../../src-shared/errors.ts';
import { AudioEngine } from '../audio/audio-engine.ts';
import { CaptureSet } from './capture/capture-set.ts';
import type { ClockWorkerInit } from './clock/clock-worker.ts';
import { MediaClock } from './clock/media-clock.ts';
import { answerConnection } from './link/connection-requests.ts';
import { SourceStatuses } from './source-statuses.ts';
import type { StudioMedia, StudioMediaOptions } from './studio-media.ts';
import type { FromCompositor, ToCompositor } from './worker/messages.ts';

/** @throws StudioError internal when the page is not cross-origin isolated: its threads share memory */
export function createStudioMedia(options: StudioMediaOptions): StudioMedia {
  if (!crossOriginIsolated)
    throw new StudioError('internal', 'The studio page must be served with COOP same-origin and COEP require-corp.');
  const clock = new MediaClock();
  const statuses = new SourceStatuses();
  const stats = new Emitter<CompositorStats>();
  const replaced = new Emitter<Failure>();
  const worker = new Worker(new URL('./worker/compositor-worker.ts', import.meta.url), { type: 'module', name: 'tidecast-compositor' });
  const post = (message: ToCompositor, transfer: Transferable[] = []) => worker.postMessage(message, transfer);

  worker.onmessage = ({ data }: MessageEvent<FromCompositor>) => {
    switch (data.type) {
      case 'size':
        return statuses.patch(data.sourceId, { phase: 'ready', sizePx: data.sizePx, failure: null });
      case 'failed':
        return statuses.patch(data.sourceId, { phase: 'failed', failure: data.failure });
      case 'stats':
        return stats.emit(data.stats);
      case 'replaced':
        return replaced.emit(data.failure);
      case 'connect':
        return void answerConnection(worker, 'video', data.requestId, options.openMedia);
      default:
        return data satisfies never;
    }
  };
  const clockWorker = startTicks(clock, (ticks) =>
    post({ type: 'start', memory: clock.memory, ticks, backend: options.backend ?? 'auto', tickStrip: options.tickStrip ?? false }, [
      ticks,
    ]),
  );
  const capture = new CaptureSet({
    onFrames: (sourceId, frames) => post({ type: 'frames', sourceId, frames }, frames ? [frames] : []),
    onState(id, state) {
      if (state.phase === 'starting') statuses.patch(id, { phase: 'starting', failure: null });
      if (state.phase === 'failed') statuses.patch(id, { phase: 'failed', failure: state.failure });
    },
  });
  const audio = new AudioEngine(clock.memory, options.openMedia);
  const onVisibility = () => post({ type: 'visible', visible: document.visibilityState === 'visible' });
  document.addEventListener('visibilitychange', onVisibility);
  let previewId = 0;

  return {
    setCollection(collection) {
      statuses.keep(collection.sources);
      post({ type: 'collection', collection, assetUrls: assetUrls(collection, options.assetUrl) });
      capture.set(collection.sources);
      void audio.setCollection(collection);
    },
    setDemand(demand) {
      post({ type: 'demand', demand });
      audio.wanted = demand !== null;
    },
    reopen() {
      post({ type: 'reopen' });
      audio.reopen();
    },
    attachPreview(canvas) {
      const id = ++previewId;
      const offscreen = canvas.transferControlToOffscreen();
      post({ type: 'preview', previewId: id, canvas: offscreen }, [offscreen]);
      return () => post({ type: 'preview-closed', previewId: id });
    },
    bypassFilters: (sourceId) => post({ type: 'bypass', sourceId }),
    retrySource: (id) => capture.retry(id),
    retryInput: (id) => audio.retry(id),
    monitorOn: (deviceId) => audio.monitorOn(deviceId),
    restartLoudness: () => audio.restartLoudness(),
    pickScreen: (id) => capture.pick(id),
    sources: statuses.all,
    onSource: (listener) => statuses.changed.on(listener),
    onInput: (listener) => audio.inputStatus.on(listener),
    onMeters: (listener) => audio.meters.on(listener),
    onStats: (listener) => stats.on(listener),
    onReplaced: (listener) => replaced.on(listener),
    devices: () => navigator.mediaDevices.enumerateDevices(),
    onDevicesChanged(listener) {
      navigator.mediaDevices.addEventListener('devicechange', listener);
      return () => navigator.mediaDevices.removeEventListener('devicechange', listener);
    },
    async dispose() {
      document.removeEventListener('visibilitychange', onVisibility);
      capture.dispose();
      clockWorker.terminate();
      worker.terminate();
      await audio.dispose();
    },
  };
}

/** @param connect takes the end of the channel on which the compositor hears the ticks */
function startTicks(clock: MediaClock, connect: (ticks: MessagePort) => void): Worker {
  const worker = new Worker(new URL('./clock/clock-worker.ts', import.meta.url), { type: 'module', name: 'tidecast-clock' });
  const { port1, port2 } = new MessageChannel();
  const init: ClockWorkerInit = { memory: clock.memory, port: port1 };
  worker.postMessage(init, [port1]);
  connect(port2);
  return worker;
}

function assetUrls(collection: SceneCollection, urlOf: (assetId: string) => string): Record<string, string> {
  return Object.fromEntries(assetsOf(collection).map((assetId) => [assetId, new URL(urlOf(assetId), document.baseURI).href]));
}
