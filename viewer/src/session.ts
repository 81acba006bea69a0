/** One connection to the stream, from opening to its end, through mpegts.js. */
import mpegts from 'mpegts.js';
import type { TimeReference } from './latency.ts';

export interface SessionEvents {
  onReference(reference: TimeReference): void;
  onPicture(picture: { widthPx: number; heightPx: number; frameRate: number | null }): void;
  /** the connection ended or failed; the session is to be closed */
  onEnd(): void;
}

export interface Session {
  close(): void;
}

mpegts.LoggingControl.applyConfig({ enableAll: false });

export const supported: boolean = mpegts.getFeatureList().mseLivePlayback;

/**
 * Catches up by playing a little faster above `liveSyncMaxLatency`, until `liveSyncTargetLatency`. Never together with
 * liveBufferLatencyChasing: with the stash off, both freeze.
 */
const CONFIG: mpegts.Config = {
  isLive: true,
  enableWorker: true,
  enableStashBuffer: false,
  liveSync: true,
  liveSyncMaxLatency: 1.0,
  liveSyncTargetLatency: 0.6,
  liveSyncPlaybackRate: 1.15,
  lazyLoad: false,
  autoCleanupSourceBuffer: true,
  autoCleanupMaxBackwardDuration: 30,
  autoCleanupMinBackwardDuration: 15,
};

/** @param url absolute, since a worker fetches it */
export function openSession(video: HTMLVideoElement, url: string, events: SessionEvents): Session {
  const player = mpegts.createPlayer({ type: 'flv', isLive: true, url }, CONFIG);
  let open = true;
  const end = () => open && events.onEnd();
  player.on(mpegts.Events.ERROR, end);
  player.on(mpegts.Events.LOADING_COMPLETE, end);
  player.on(mpegts.Events.MEDIA_INFO, ({ width, height, fps }: mpegts.MSEPlayerMediaInfo) => {
    if (width && height) events.onPicture({ widthPx: width, heightPx: height, frameRate: fps ?? null });
  });
  player.on(mpegts.Events.SCRIPTDATA_ARRIVED, ({ onTidecastTime }: { onTidecastTime?: TimeReference }) => {
    if (onTidecastTime) events.onReference(onTidecastTime);
  });
  player.attachMediaElement(video);
  player.load();
  return {
    close: () => {
      if (!open) return;
      open = false;
      player.destroy();
    },
  };
}
