/** HLS by the browser itself, where it has no Media Source Extensions. It chooses the rung, too. */
import { liveUrl, type Session, type SessionEvents, type SessionOptions } from './session.ts';

/** Safari's: the date of the time 0 of the media, from the playlist */
type DatedVideo = HTMLVideoElement & { getStartDate?: () => Date };

const REFERENCE_EVERY_MS = 1_000;
/** from the live edge: three target durations, as 6.3.3 of RFC 8216 has it; the browser does not tell them */
const LIVE_EDGE_S = 6;

export function openNativeHls({ video, name }: SessionOptions, events: SessionEvents): Session {
  const onError = () => events.onEnd(video.error?.code === MediaError.MEDIA_ERR_DECODE ? 'decode' : 'network');
  const timer = setInterval(() => {
    const startMs = (video as DatedVideo).getStartDate?.().getTime() ?? Number.NaN;
    if (Number.isFinite(startMs)) events.onReference({ timestampMs: 0, serverTimeMs: startMs });
    const { videoWidth: widthPx, videoHeight: heightPx } = video;
    if (widthPx) events.onPicture({ widthPx, heightPx });
  }, REFERENCE_EVERY_MS);
  video.addEventListener('error', onError);
  video.src = liveUrl(`${encodeURIComponent(name)}/index.m3u8`);
  return {
    protocol: 'native-hls',
    keepsUp: true,
    receivedKbps: null,
    get liveS() {
      const { seekable } = video;
      return seekable.length > 0 ? Math.max(0, seekable.end(seekable.length - 1) - LIVE_EDGE_S) : null;
    },
    setRung: () => true,
    close: () => {
      clearInterval(timer);
      video.removeEventListener('error', onError);
      video.removeAttribute('src');
      video.load();
    },
  };
}
