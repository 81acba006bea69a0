/** HLS and LL-HLS by hls.js, which is loaded when it is wanted: the quickest start does without it. */
import type HlsType from 'hls.js';
import type { ErrorData } from 'hls.js';
import { HlsHelm, rungOf } from './hls-helm.ts';
import { liveUrl, type Session, type SessionEvents, type SessionOptions } from './session.ts';

/** how often the place of the picture on the server's clock is told, and hls.js is steered */
const STEP_MS = 250;
const KEEP_BEHIND_S = 60;

/**
 * `maxLiveSyncPlaybackRate` is hls.js's own way to catch up, which is off by default, and of its low-latency mode alone:
 * whole segments `hls-helm.ts` has catch up. Each stall moves the live point back by `liveSyncOnStallIncrease`: less than
 * its second. The helm sets it back, and chooses the levels.
 */
const CONFIG = {
  enableWorker: true,
  backBufferLength: KEEP_BEHIND_S,
  maxLiveSyncPlaybackRate: 1.1,
  liveSyncOnStallIncrease: 0.25,
  liveDurationInfinity: true,
} as const;

/** Its file, before a connection needs it. One that does not come is asked for again then. */
export const preloadHls = () => void import('hls.js').catch(() => {});

export function openHls(protocol: 'll-hls' | 'hls', options: SessionOptions, events: SessionEvents): Session {
  const { video, name } = options;
  let wanted = options.rung;
  let hls: HlsType | null = null;
  let helm: HlsHelm | null = null;
  let open = true;
  const timer = setInterval(() => {
    helm?.step(performance.now());
    const date = hls?.playingDate;
    if (date) events.onReference({ timestampMs: video.currentTime * 1_000, serverTimeMs: date.getTime() });
  }, STEP_MS);
  const start = async () => {
    const { default: Hls } = await import('hls.js');
    if (!open) return;
    hls = new Hls({ ...CONFIG, lowLatencyMode: protocol === 'll-hls' });
    helm = new HlsHelm(hls, Hls, video, wanted);
    listen(hls, Hls, events, () => open);
    hls.loadSource(liveUrl(`${encodeURIComponent(name)}/index.m3u8`));
    hls.attachMedia(video);
  };
  start().catch(() => open && events.onEnd('network')); // its file did not come
  return {
    protocol,
    keepsUp: true,
    get liveS() {
      return hls?.liveSyncPosition ?? null;
    },
    get receivedKbps() {
      const estimate = hls?.bandwidthEstimate;
      return estimate && Number.isFinite(estimate) ? estimate / 1_000 : null;
    },
    get rungWaits() {
      return helm?.waits ?? false;
    },
    setRung: (rung) => {
      wanted = rung;
      if (helm) helm.wanted = rung;
      return true;
    },
    close: () => {
      if (!open) return;
      open = false;
      clearInterval(timer);
      hls?.destroy();
    },
  };
}

function listen(hls: HlsType, Hls: typeof HlsType, events: SessionEvents, isOpen: () => boolean): void {
  let recovered = false;
  hls.on(Hls.Events.LEVEL_SWITCHED, (_, { level }) => {
    const chosen = hls.levels[level];
    if (!chosen) return;
    const { width, height, frameRate, videoCodec, audioCodec } = chosen;
    const codecs = { videoCodec: videoCodec ?? null, audioCodec: audioCodec ?? null };
    events.onPicture({ widthPx: width, heightPx: height, frameRate: frameRate || null, ...codecs });
    const rung = rungOf(chosen.url[0]);
    if (rung) events.onRung(rung);
  });
  hls.on(Hls.Events.ERROR, (_, { fatal, type, details }: ErrorData) => {
    if (!fatal || !isOpen()) return;
    if (details === Hls.ErrorDetails.MANIFEST_INCOMPATIBLE_CODECS_ERROR) return events.onEnd('unplayable');
    if (type !== Hls.ErrorTypes.MEDIA_ERROR) return events.onEnd('network');
    if (recovered) return events.onEnd('decode');
    recovered = true;
    hls.recoverMediaError();
  });
}
