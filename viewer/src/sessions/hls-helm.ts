/** Applies `hls-steering.ts` to hls.js: what it may load, and how far from the live edge it plays. */
import type HlsType from 'hls.js';
import type { FragLoadedData, FragLoadingData } from 'hls.js';
import { capIndex, type Load, loadShareOf, newHoldBack, newLevelCap, sizeIndex, stepHoldBack, stepLevelCap } from '../hls-steering.ts';

const LOADS_KEPT = 12;
const STALL_COUNTS_MS = 400;
/** hls.js's figures are sums of floating point */
const RAISED_S = 0.01;

export class HlsHelm {
  readonly #hls: HlsType;
  readonly #video: HTMLVideoElement;
  #cap = newLevelCap(performance.now());
  #holdBack = newHoldBack(performance.now());
  #loads: Load[] = [];
  #running: FragLoadingData | null = null;
  #shown = false;
  #stalledAtMs: number | null = null;

  constructor(hls: HlsType, { Events }: typeof HlsType, video: HTMLVideoElement) {
    this.#hls = hls;
    this.#video = video;
    hls.on(Events.FRAG_LOADING, (_, data) => {
      if (typeof data.frag.sn === 'number') this.#running = data; // no init segment, which lasts no time
    });
    hls.on(Events.FRAG_LOADED, (_, data) => this.#onLoaded(data));
  }

  /** To be called some times a second. */
  step(nowMs: number): void {
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

  #steerLevel(nowMs: number, stalled: boolean): void {
    const { levels, loadLevel } = this.#hls;
    if (levels.length < 2 || !this.#hls.autoLevelEnabled) return;
    const bitratesKbps = levels.map(({ bitrate }) => bitrate / 1_000);
    const before = this.#cap;
    const loadShare = loadShareOf(this.#loads, this.#runningLoad(nowMs));
    this.#cap = stepLevelCap(before, { nowMs, bitratesKbps, level: Math.max(0, loadLevel), stalled, loadShare });
    if (this.#cap.changedAtMs !== before.changedAtMs) this.#loads = []; // they were of the other level
    const { clientWidth, clientHeight } = this.#video;
    const player = { width: clientWidth * devicePixelRatio, height: clientHeight * devicePixelRatio };
    this.#hls.autoLevelCapping = Math.min(capIndex(this.#cap, bitratesKbps), sizeIndex(levels, player));
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
    return first === 0 || end > 0 || stats.aborted ? null : { transferMs: nowMs - first, mediaMs: duration * 1_000 };
  }
}
