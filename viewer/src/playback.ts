/** The video element as the show needs it: whether it moves, what it has in hand, what it shows, and how it is steered. */
import { type CatchUp, newCatchUp, stepCatchUp } from './catch-up.ts';
import { RecentMedian } from './trouble.ts';

/** no new picture for so long is a standstill */
const STILL_MS = 700;
/** how often the show has it look */
export const STEP_MS = 100;
/** the longest time without new media is looked for in so much of the past; longer ones are outages, not jitter */
const GAPS_MS = 10_000;
/** one lump is a hiccup, which the stall it makes is enough of an answer to; so many are how this network is */
const LUMPS = 3;
const OUTAGE_MS = 3_000;
const START_MS = 2_000;
const GAP_EDGE_S = 0.01;
const SYNC_PICTURES = 30;

export type ShownPicture = (mediaTimeMs: number, shownAtMs: number) => void;

export class Playback {
  readonly video: HTMLVideoElement;
  /** of this visit */
  stalls = 0;
  stalledMs = 0;
  playedMs = 0;
  /** of this connection: when the first picture moved */
  startedAtMs: number | null = null;
  movedAtMs = Number.NEGATIVE_INFINITY;
  /** of this connection: when it first had media in hand */
  firstMediaAtMs: number | null = null;
  catchUp: CatchUp = newCatchUp(0);
  readonly #onPicture: ShownPicture;
  readonly #apart = new RecentMedian(SYNC_PICTURES);
  #counted = { shown: 0, dropped: 0 };
  #before = { shown: 0, dropped: 0 };
  #stalledAtMs: number | null = null;
  #mediaTimeS = 0;
  #steppedAtMs = 0;
  #endS = 0;
  #grewAtMs = 0;
  /** of the time since then: while this page was too busy to look */
  #blindMs = 0;
  #gaps: { atMs: number; gapMs: number }[] = [];

  /** @param onPicture a picture is shown: its time in the media, and when by Unix time */
  constructor(video: HTMLVideoElement, onPicture: ShownPicture) {
    this.video = video;
    this.#onPicture = onPicture;
    this.#watchPictures();
  }

  /** Pictures of this connection, which the browser counts. */
  get pictures(): { shown: number; dropped: number } {
    const { totalVideoFrames, droppedVideoFrames } = this.video.getVideoPlaybackQuality();
    return { shown: totalVideoFrames - droppedVideoFrames, dropped: droppedVideoFrames };
  }

  /** And of this visit. */
  get allPictures(): { shown: number; dropped: number } {
    const { shown, dropped } = this.pictures;
    return { shown: this.#before.shown + shown, dropped: this.#before.dropped + dropped };
  }

  get bufferMs(): number {
    return Math.max(0, endOfRangeAt(this.video) - this.video.currentTime) * 1_000;
  }

  /** the picture against the sound, positive: the picture is early; null: not known */
  get apartMs(): number | null {
    return this.#apart.value;
  }

  stalledForMs(nowMs: number): number {
    return this.#stalledAtMs === null ? 0 : nowMs - this.#stalledAtMs;
  }

  isMoving(nowMs: number): boolean {
    return nowMs - this.movedAtMs < STILL_MS;
  }

  /** Another connection: its media begins anew. */
  restart(nowMs: number): void {
    this.startedAtMs = null;
    this.firstMediaAtMs = null;
    this.#stalledAtMs = null;
    this.#endS = 0;
    this.#grewAtMs = nowMs;
    this.#gaps = [];
    this.#apart.reset();
    this.catchUp = newCatchUp(nowMs, this.catchUp.targetMs); // what was learned of the network stays
    this.video.playbackRate = 1;
  }

  /** @returns whether a picture has moved since the last step */
  step(nowMs: number, connected: boolean): boolean {
    const { video } = this;
    const { currentTime } = video;
    const moved = connected && currentTime > this.#mediaTimeS && !video.paused;
    if (moved) {
      this.movedAtMs = nowMs;
      this.startedAtMs ??= nowMs;
      this.playedMs += Math.min(nowMs - this.#steppedAtMs, 2_000);
    }
    this.#mediaTimeS = currentTime;
    const isStalled = connected && this.startedAtMs !== null && !video.paused && video.readyState < HTMLMediaElement.HAVE_FUTURE_DATA;
    if (isStalled && this.#stalledAtMs === null) this.stalls += 1;
    if (isStalled) this.stalledMs += Math.min(nowMs - this.#steppedAtMs, 2_000);
    this.#stalledAtMs = isStalled ? (this.#stalledAtMs ?? nowMs) : null;
    this.#countPictures();
    this.#blindMs += Math.max(0, nowMs - this.#steppedAtMs - STEP_MS);
    this.#steppedAtMs = nowMs;
    this.#noteArrivals(nowMs);
    return moved;
  }

  /** Keeps its distance from the live edge. */
  keepUp(nowMs: number): void {
    const starting = this.startedAtMs === null || nowMs - this.startedAtMs < START_MS;
    const gapMs = this.#gaps.map((gap) => gap.gapMs).toSorted((a, b) => b - a)[LUMPS - 1] ?? 0;
    const { state, jumpToMs } = stepCatchUp(this.catchUp, {
      nowMs,
      bufferMs: this.bufferMs,
      stalled: this.#stalledAtMs !== null,
      gapMs,
      starting,
    });
    this.catchUp = state;
    if (jumpToMs !== null) this.jumpTo(this.#bufferedEndS() - jumpToMs / 1_000);
    if (this.video.playbackRate !== state.rate) this.video.playbackRate = state.rate;
  }

  /** @param liveS null: as near to the end of what is buffered as is kept in hand */
  goLive(liveS: number | null): void {
    this.jumpTo(liveS ?? this.#bufferedEndS() - this.catchUp.targetMs / 1_000);
  }

  jumpTo(seconds: number): void {
    if (seconds > this.video.currentTime) this.video.currentTime = seconds;
  }

  /** Sets picture and sound anew, where they are. */
  nudge(): void {
    this.#apart.reset();
    this.video.currentTime += GAP_EDGE_S;
  }

  /** Pictures that the server had to drop for us leave a hole, which a browser does not cross by itself. */
  jumpGap(): void {
    const { buffered, currentTime } = this.video;
    for (let i = 0; i < buffered.length; i += 1) {
      if (buffered.start(i) <= currentTime + GAP_EDGE_S) continue;
      this.video.currentTime = buffered.start(i) + GAP_EDGE_S;
      return;
    }
  }

  /** The browser begins anew with each connection. */
  #countPictures(): void {
    const { shown, dropped } = this.pictures;
    if (shown < this.#counted.shown || dropped < this.#counted.dropped) {
      this.#before = { shown: this.#before.shown + this.#counted.shown, dropped: this.#before.dropped + this.#counted.dropped };
    }
    this.#counted = { shown, dropped };
  }

  #noteArrivals(nowMs: number): void {
    const endS = this.#bufferedEndS();
    if (endS <= this.#endS) return;
    if (this.video.buffered.length > 0) this.firstMediaAtMs ??= nowMs;
    const gapMs = nowMs - this.#grewAtMs - this.#blindMs;
    if (this.#endS > 0 && gapMs < OUTAGE_MS) this.#gaps.push({ atMs: nowMs, gapMs });
    this.#gaps = this.#gaps.filter(({ atMs }) => nowMs - atMs < GAPS_MS);
    this.#endS = endS;
    this.#grewAtMs = nowMs;
    this.#blindMs = 0;
  }

  /** of all that came, beyond holes too */
  #bufferedEndS(): number {
    const { buffered, currentTime } = this.video;
    return buffered.length > 0 ? buffered.end(buffered.length - 1) : currentTime;
  }

  #watchPictures(): void {
    const { video } = this;
    if (!('requestVideoFrameCallback' in video)) return; // what is made of single pictures then stays empty
    const onFrame = (nowMs: number, { expectedDisplayTime, mediaTime }: VideoFrameCallbackMetadata) => {
      this.#onPicture(mediaTime * 1_000, performance.timeOrigin + expectedDisplayTime);
      // time follows the sound: what it will be when this picture is on the screen is what is heard then
      const heardMs = video.currentTime * 1_000 + (expectedDisplayTime - nowMs) * video.playbackRate;
      if (!video.paused && video.playbackRate > 0) this.#apart.add(mediaTime * 1_000 - heardMs);
      video.requestVideoFrameCallback(onFrame);
    };
    video.requestVideoFrameCallback(onFrame);
  }
}

/** Up to where it plays without a hole. Before the first picture the place may lie before the media: that is what comes next. */
export function endOfRangeAt({ buffered, currentTime }: Pick<HTMLMediaElement, 'buffered' | 'currentTime'>): number {
  for (let i = 0; i < buffered.length; i += 1) if (currentTime <= buffered.end(i)) return buffered.end(i);
  return currentTime;
}
