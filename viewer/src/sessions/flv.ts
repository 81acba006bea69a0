/** FLV over HTTP or a WebSocket, by mpegts.js. */
import mpegts from 'mpegts.js';
import type { TimeReference } from '../latency.ts';
import { SOURCE } from '../rungs.ts';
import { type EndReason, liveUrl, type Session, type SessionEvents, type SessionOptions } from './session.ts';

mpegts.LoggingControl.applyConfig({ enableAll: false });

export const flvSupported: boolean = mpegts.getFeatureList().mseLivePlayback;

/**
 * Each piece is played as it comes. Its own ways to catch up stay off: with `catch-up.ts` beside them there would be two.
 * In a worker it would save this page a few milliseconds a second, and cost a third of one at the start: the first picture
 * came 458 ms after the connection was opened, without a worker 95 ms (bench:latency, two cores beside the studio).
 */
const CONFIG: mpegts.Config = {
  isLive: true,
  enableWorker: false,
  enableStashBuffer: false,
  liveSync: false,
  liveBufferLatencyChasing: false,
  lazyLoad: false,
  autoCleanupSourceBuffer: true,
  autoCleanupMaxBackwardDuration: 30,
  autoCleanupMinBackwardDuration: 15,
};

/** mpegts.js leaves out what of a picture has no sound length, and says so in its log alone */
const DAMAGED = /Malformed Nalu/;

const UNPLAYABLE: readonly string[] = [mpegts.ErrorDetails.MEDIA_CODEC_UNSUPPORTED, mpegts.ErrorDetails.MEDIA_FORMAT_UNSUPPORTED];

export function openFlv(protocol: 'flv' | 'ws-flv', { video, name, rung }: SessionOptions, events: SessionEvents): Session {
  const stream = encodeURIComponent(name);
  const path = rung === null || rung === SOURCE ? `${stream}.flv` : `${stream}/${encodeURIComponent(rung)}.flv`;
  const url = liveUrl(`${path}?time=1`, protocol === 'flv' ? 'http' : 'ws');
  const player = mpegts.createPlayer({ type: 'flv', isLive: true, url }, CONFIG);
  let open = true;
  let receivedKbps: number | null = null;
  const end = (reason: EndReason) => void (open && events.onEnd(reason));
  player.on(mpegts.Events.ERROR, (type: string, detail: string) => {
    end(UNPLAYABLE.includes(detail) ? 'unplayable' : type === mpegts.ErrorTypes.MEDIA_ERROR ? 'decode' : 'network');
  });
  player.on(mpegts.Events.LOADING_COMPLETE, () => end('network'));
  player.on(mpegts.Events.STATISTICS_INFO, ({ speed }: mpegts.MSEPlayerStatisticsInfo) => {
    receivedKbps = speed === undefined ? null : (speed * 1_024 * 8) / 1_000;
  });
  player.on(mpegts.Events.MEDIA_INFO, ({ width, height, fps, videoCodec, audioCodec }: mpegts.MSEPlayerMediaInfo) => {
    const codecs = { videoCodec: videoCodec ?? null, audioCodec: audioCodec ?? null };
    events.onPicture(width && height ? { widthPx: width, heightPx: height, frameRate: fps ?? null, ...codecs } : codecs);
  });
  player.on(mpegts.Events.SCRIPTDATA_ARRIVED, ({ onTidecastTime }: { onTidecastTime?: TimeReference }) => {
    if (onTidecastTime) events.onReference(onTidecastTime);
  });
  const onLog = (_level: string, text: string) => void (open && DAMAGED.test(text) && events.onDamage());
  mpegts.LoggingControl.addLogListener(onLog);
  player.attachMediaElement(video);
  player.load();
  return {
    protocol,
    keepsUp: false,
    liveS: null,
    get receivedKbps() {
      return receivedKbps;
    },
    setRung: (wanted) => wanted === rung,
    close: () => {
      if (!open) return;
      open = false;
      mpegts.LoggingControl.removeLogListener(onLog);
      player.destroy();
    },
  };
}
