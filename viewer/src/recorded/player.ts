/** Plays a show that is kept: by hls.js, or by the browser where it has no Media Source Extensions. */
import type HlsType from 'hls.js';
import { retryDelayMs } from '../view-state.ts';

export type PlayerProblem = 'gone' | 'private' | 'unsupported' | 'network';

const BACK_BUFFER_S = 90;
/** a key that is wrong stays wrong, mostly; and whoever shows it too often is listened to no more */
export const PRIVATE_RETRY_MS = 30_000;
/** so much played since makes the next error the first again */
const PLAYED_ON_S = 5;
const PLAYLIST_TYPE = 'application/vnd.apple.mpegurl';

/** @param url of the master playlist @param onProblem null: it plays again */
export async function openRecorded(
  video: HTMLVideoElement,
  url: string,
  onProblem: (problem: PlayerProblem | null) => void,
): Promise<void> {
  const Hls = await loadHls(() => onProblem('network'));
  const errors = new ErrorCount(video);
  if (!Hls.isSupported()) {
    if (video.canPlayType(PLAYLIST_TYPE) === '') return onProblem('unsupported');
    return playNatively(video, url, errors, onProblem);
  }
  const hls = new Hls({ lowLatencyMode: false, backBufferLength: BACK_BUFFER_S, startPosition: 0 });
  hls.on(Hls.Events.FRAG_BUFFERED, () => onProblem(null));
  hls.on(Hls.Events.ERROR, (_, { fatal, type, details, response }) => {
    if (!fatal) return;
    const error = { isMedia: type === Hls.ErrorTypes.MEDIA_ERROR, status: response?.code ?? null };
    const unplayable = details === Hls.ErrorDetails.MANIFEST_INCOMPATIBLE_CODECS_ERROR;
    const { problem, retryMs } = unplayable ? { problem: 'unsupported' as const, retryMs: null } : remedyFor(error, errors.next());
    if (problem) onProblem(problem);
    if (retryMs === null) return;
    if (retryMs === 0) hls.recoverMediaError();
    else setTimeout(() => retry(hls, url, error.isMedia), retryMs);
  });
  hls.loadSource(url);
  hls.attachMedia(video);
}

export interface Remedy {
  /** null: nothing that is worth a word */
  problem: PlayerProblem | null;
  /** null: it stays so */
  retryMs: number | null;
}

/** What is done about an error that hls.js does not get over by itself. @param status of HTTP; null: none @param count errors in a row before it */
export function remedyFor({ isMedia, status }: { isMedia: boolean; status: number | null }, count: number): Remedy {
  if (status === 404) return { problem: 'gone', retryMs: null };
  if (status === 403 || status === 429) return { problem: 'private', retryMs: PRIVATE_RETRY_MS };
  if (isMedia && count === 0) return { problem: null, retryMs: 0 };
  return { problem: 'network', retryMs: retryDelayMs(count, Math.random()) };
}

/** Errors in a row: without having played on between them. */
class ErrorCount {
  readonly #video: HTMLVideoElement;
  #count = 0;
  #atS = 0;

  constructor(video: HTMLVideoElement) {
    this.#video = video;
  }

  /** @returns how many there were before this one */
  next(): number {
    const { currentTime } = this.#video;
    if (Math.abs(currentTime - this.#atS) > PLAYED_ON_S) this.#count = 0;
    this.#atS = currentTime;
    this.#count += 1;
    return this.#count - 1;
  }
}

/** Its file may not come while the server is away. */
async function loadHls(onFailure: () => void): Promise<typeof HlsType> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      return (await import('hls.js')).default;
    } catch {
      onFailure();
      await new Promise((resolve) => setTimeout(resolve, retryDelayMs(attempt, Math.random())));
    }
  }
}

/** Where it was; from the beginning where it had not come so far. */
function retry(hls: HlsType, url: string, isMedia: boolean): void {
  if (isMedia) hls.recoverMediaError();
  else if (hls.levels.length > 0) hls.startLoad();
  else hls.loadSource(url);
}

function playNatively(video: HTMLVideoElement, url: string, errors: ErrorCount, onProblem: (problem: PlayerProblem | null) => void): void {
  let placeS = 0;
  let playing = false;
  video.addEventListener('loadeddata', () => {
    if (placeS > 0) video.currentTime = placeS;
    if (playing) video.play().catch(() => {}); // it waits for a gesture then
    playing = false;
    onProblem(null);
  });
  video.addEventListener('error', () => {
    onProblem('network');
    placeS = video.currentTime || placeS;
    playing ||= !video.paused;
    setTimeout(
      () => {
        video.src = url;
      },
      retryDelayMs(errors.next(), Math.random()),
    );
  });
  video.src = url;
}
