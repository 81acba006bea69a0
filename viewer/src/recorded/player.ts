/** Plays a show that is kept: by hls.js, or by the browser where it has no Media Source Extensions. */
import type HlsType from 'hls.js';

export type PlayerProblem = 'gone' | 'private' | 'unsupported' | 'network';

const BACK_BUFFER_S = 90;
const RETRY_MS = 3_000;
const PLAYLIST_TYPE = 'application/vnd.apple.mpegurl';

/** @param url of the master playlist @param onProblem null: it plays again */
export async function openRecorded(
  video: HTMLVideoElement,
  url: string,
  onProblem: (problem: PlayerProblem | null) => void,
): Promise<void> {
  const { default: Hls } = await import('hls.js');
  if (!Hls.isSupported()) {
    if (video.canPlayType(PLAYLIST_TYPE) === '') return onProblem('unsupported');
    video.addEventListener('error', () => onProblem('network'));
    video.src = url;
    return;
  }
  const hls = new Hls({ lowLatencyMode: false, backBufferLength: BACK_BUFFER_S, startPosition: 0 });
  hls.on(Hls.Events.FRAG_BUFFERED, () => onProblem(null));
  hls.on(Hls.Events.ERROR, (_, { fatal, type, details, response }) => {
    if (!fatal) return;
    if (response?.code === 404) return onProblem('gone');
    if (response?.code === 403) return onProblem('private');
    if (details === Hls.ErrorDetails.MANIFEST_INCOMPATIBLE_CODECS_ERROR) return onProblem('unsupported');
    if (type === Hls.ErrorTypes.MEDIA_ERROR) return hls.recoverMediaError();
    onProblem('network');
    setTimeout(() => retry(hls, url), RETRY_MS);
  });
  hls.loadSource(url);
  hls.attachMedia(video);
}

/** Where it was; from the beginning where it had not come so far. */
function retry(hls: HlsType, url: string): void {
  if (hls.levels.length > 0) hls.startLoad();
  else hls.loadSource(url);
}
