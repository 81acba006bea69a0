/** Applies `hls-steering.ts` to hls.js: which level it loads, and how far from the live edge it plays. */
import type HlsType from 'hls.js';
import type { FragLoadedData, FragLoadingData } from 'hls.js';
import { capIndex, type Load, loadShareOf, newHoldBack, newLevelCap, sizeIndex, stepHoldBack, stepLevelCap } from '../hls-steering.ts';
import { followsLive, liveRate } from '../live-rate.ts';
import { SOURCE } from '../rungs.ts';
import { RungWarmer } from './rung-warmer.ts';

const LOADS_KEPT = 12;
const STALL_COUNTS_MS = 400;
/** a level that takes so many times its duration to come never reaches the begin of a rung that was started now */
const URGENT_SHARE = 1.2;
/** after so long what is coming tells when it will be there */
const TELLS_MS = 800;
/** whole segments come in lumps: playing begins with so many target durations in hand, or after a while with what there is */
const START_TARGETS = 1.5;
const START_WAITS_MS = 4_000;
/** hls.js's figures are sums of floating point */
const RAISED_S = 0.01;

export class HlsHelm {
  /** the visitor's rung; null: chosen here */
  wanted: string | null;
  readonly #hls: HlsType;
  readonly #video: HTMLVideoElement;
  readonly #warmer = new RungWarmer();
  #cap = newLevelCap(performance.now());
  #holdBack = newHoldBack(performance.now());
  #loads: Load[] = [];
  #loadShare: number | null = null;
  #running: FragLoadingData | null = null;
  #shown = false;
  #stalledAtMs: number | null = null;
  /** of whole segments: where it played last, and whether it is live that is watched */
  #placeS = 0;
  #followsLive = true;
  #rate = 1;
  /** since when there is media, while playing is held back; null: it is not */
  #heldSinceMs: number | null = null;

  constructor(hls: HlsType, { Events }: typeof HlsType, video: HTMLVideoElement, wanted: string | null) {
    this.#hls = hls;
    this.#video = video;
    this.wanted = wanted;
    hls.on(Events.MANIFEST_PARSED, () => this.#begin());
    hls.on(Events.FRAG_LOADING, (_, data) => {
      if (typeof data.frag.sn === 'number') this.#running = data; // no init segment, which lasts no time
    });
    hls.on(Events.FRAG_LOADED, (_, data) => this.#onLoaded(data));
    if (hls.config.lowLatencyMode) return; // which keeps up by itself
    hls.once(Events.MEDIA_ATTACHED, () => this.#hold());
    const onSeeking = () => this.#noteSeek();
    video.addEventListener('seeking', onSeeking);
    hls.once(Events.DESTROYING, () => video.removeEventListener('seeking', onSeeking));
  }

  /** To be called some times a second. */
  step(nowMs: number): void {
    if (this.#heldSinceMs !== null) this.#letGo(nowMs, this.#heldSinceMs);
    else if (!this.#hls.config.lowLatencyMode) this.#keepUp();
    const stalled = this.#isStalled(nowMs);
    this.#steerLevel(nowMs, stalled);
    const { targetLatency, latestLevelDetails } = this.#hls;
    if (targetLatency === null || !latestLevelDetails) return;
    const { partHoldBack, holdBack } = latestLevelDetails;
    const askedS = this.#hls.config.lowLatencyMode ? partHoldBack || holdBack : holdBack;
    const raised = askedS > 0 && targetLatency > askedS + RAISED_S;
    const { state, setBack } = stepHoldBack(this.#holdBack, { nowMs, stalled, raised });
    this.#holdBack = state;
    if (setBack) this.#hls.targetLatency = askedS; // which makes it forget its stalls
  }

  /** the rung that is meant to be played begins long after the place that is watched */
  get waits(): boolean {
    return this.#warmer.waits;
  }

  /** how much later than meant it plays; null: not known */
  get #behindS(): number | null {
    const { liveSyncPosition } = this.#hls;
    return liveSyncPosition === null ? null : liveSyncPosition - this.#video.currentTime;
  }

  #noteSeek(): void {
    const { currentTime } = this.#video;
    const behindS = this.#behindS;
    if (behindS !== null) this.#followsLive = followsLive(this.#followsLive, currentTime - this.#placeS, behindS);
    this.#placeS = currentTime;
  }

  #keepUp(): void {
    const { paused, seeking, currentTime } = this.#video;
    const { mainForwardBufferInfo, latestLevelDetails } = this.#hls;
    const behindS = this.#behindS;
    if (behindS === null || !latestLevelDetails || paused || seeking) return;
    this.#placeS = currentTime;
    const sample = { behindS, inHandS: mainForwardBufferInfo?.len ?? 0, targetDurationS: latestLevelDetails.targetduration };
    const rate = this.#followsLive ? liveRate(this.#rate, sample) : 1;
    if (rate === 'jump') this.#video.currentTime = currentTime + behindS;
    this.#rate = rate === 'jump' ? 1 : rate;
    if (this.#video.playbackRate !== this.#rate) this.#video.playbackRate = this.#rate;
  }

  /** Without a pause, which would be the visitor's. */
  #hold(): void {
    this.#heldSinceMs = Number.POSITIVE_INFINITY;
    this.#video.playbackRate = 0;
  }

  #letGo(nowMs: number, sinceMs: number): void {
    const { mainForwardBufferInfo, latestLevelDetails } = this.#hls;
    const inHandS = mainForwardBufferInfo?.len ?? 0;
    if (inHandS > 0) this.#heldSinceMs = Math.min(sinceMs, nowMs);
    const isEnough = inHandS >= START_TARGETS * (latestLevelDetails?.targetduration ?? Number.POSITIVE_INFINITY);
    if (!isEnough && nowMs - sinceMs < START_WAITS_MS) return;
    this.#heldSinceMs = null;
    this.#video.playbackRate = 1;
  }

  /** With the source, which is there already, unless the visitor wants another one. hls.js then chooses nothing by itself. */
  #begin(): void {
    const at = (name: string | null) => this.#hls.levels.findIndex(({ url }) => rungOf(url[0]) === name);
    const first = [at(this.wanted), at(SOURCE), this.#hls.levels.length - 1].find((index) => index >= 0);
    if (first !== undefined) this.#hls.loadLevel = first;
  }

  #steerLevel(nowMs: number, stalled: boolean): void {
    const { levels, loadLevel } = this.#hls;
    if (levels.length < 2 || loadLevel < 0) return;
    const url = levels[this.#chosen(nowMs, stalled)]?.uri;
    const playing = levels[loadLevel]?.uri;
    if (url === undefined || url === playing) return this.#warmer.rest();
    // on a network that is far too small a hole is shorter than the stall that comes otherwise
    const urgent = stalled || (this.wanted === null && (this.#loadShare ?? 0) > URGENT_SHARE);
    if (!this.#warmer.isReady(url, { nowMs, positionMs: this.#positionMs, urgent })) return;
    this.#goOver(
      levels.findIndex(({ uri }) => uri === url),
      urgent,
    );
    this.#loads = []; // they were of the other level
  }

  /** hls.js ends what it is loading first. A whole segment of a level that is far too large takes longer than it plays. */
  #goOver(level: number, urgent: boolean): void {
    const drops = urgent && this.#running !== null && !this.#hls.config.lowLatencyMode;
    if (drops) this.#hls.stopLoad();
    this.#hls.loadLevel = level;
    if (drops) this.#hls.startLoad();
  }

  /** Index of the level that is meant to be played. */
  #chosen(nowMs: number, stalled: boolean): number {
    const { levels, loadLevel } = this.#hls;
    const wanted = this.wanted === null ? -1 : levels.findIndex(({ url }) => rungOf(url[0]) === this.wanted);
    if (wanted >= 0) return this.#warmer.isBroken(levels[wanted]?.uri ?? '', nowMs) ? loadLevel : wanted;
    const bitratesKbps = levels.map(({ bitrate }) => bitrate / 1_000);
    this.#loadShare = loadShareOf(this.#loads, this.#runningLoad(nowMs));
    this.#cap = stepLevelCap(this.#cap, { nowMs, bitratesKbps, level: loadLevel, stalled, loadShare: this.#loadShare });
    const { clientWidth, clientHeight } = this.#video;
    const player = { width: clientWidth * devicePixelRatio, height: clientHeight * devicePixelRatio };
    const most = Math.min(capIndex(this.#cap, bitratesKbps), sizeIndex(levels, player));
    const usable = levels.findLastIndex(({ uri }, i) => i <= most && !this.#warmer.isBroken(uri, nowMs));
    return usable < 0 ? loadLevel : usable;
  }

  /** By the playlist's dates, up to where there is media; null: not known. */
  get #positionMs(): number | null {
    const { playingDate, mainForwardBufferInfo } = this.#hls;
    return playingDate && mainForwardBufferInfo ? playingDate.getTime() + mainForwardBufferInfo.len * 1_000 : null;
  }

  /** A pause, and the wait for the first picture, are none. */
  #isStalled(nowMs: number): boolean {
    const { paused, seeking, readyState } = this.#video;
    const has = readyState >= HTMLMediaElement.HAVE_FUTURE_DATA;
    this.#shown ||= has;
    this.#stalledAtMs = has || paused || seeking || !this.#shown ? null : (this.#stalledAtMs ?? nowMs);
    return this.#stalledAtMs !== null && nowMs - this.#stalledAtMs >= STALL_COUNTS_MS;
  }

  #onLoaded({ frag, part }: FragLoadedData): void {
    const { stats, duration } = part ?? frag;
    this.#running = null;
    const { first, end } = stats.loading;
    if (typeof frag.sn !== 'number' || first === 0 || end < first) return;
    this.#loads.push({ transferMs: end - first, mediaMs: duration * 1_000 });
    if (this.#loads.length > LOADS_KEPT) this.#loads.shift();
  }

  #runningLoad(nowMs: number): Load | null {
    if (!this.#running) return null;
    const { stats, duration } = this.#running.part ?? this.#running.frag;
    const { first, end } = stats.loading;
    // before its first byte a part may be waited for at the server
    if (first === 0 || end > 0 || stats.aborted) return null;
    const { loaded, total } = stats;
    const tells = nowMs - first >= TELLS_MS && loaded > 0 && total > loaded;
    return { transferMs: (nowMs - first) * (tells ? total / loaded : 1), mediaMs: duration * 1_000 };
  }
}

/** The folder that a media playlist is in: /live/NAME/RUNG/fmp4.m3u8 */
export function rungOf(url: string | undefined): string | null {
  return url ? (new URL(url, location.href).pathname.split('/').at(-2) ?? null) : null;
}
