/** The show as this page sees it: asks the server how it stands, keeps a connection while there is something to see. */
import { Glass, type GlassFigures } from './glass.ts';
import { LatencyMeter } from './latency.ts';
import { measureClockOffset, pollStream, type StreamStatus } from './server-api.ts';
import { openSession, type Session, supported } from './session.ts';
import { type Facts, retryDelayMs, type ViewState, viewState } from './view-state.ts';

export interface ShowView {
  state: ViewState;
  status: StreamStatus | null;
  /** server to screen; null until known */
  latencyMs: number | null;
  /** glass to glass, stage by stage; null: the stream does not tell */
  glass: GlassFigures | null;
  /** media in the player that was not shown yet */
  bufferMs: number;
  picture: { widthPx: number; heightPx: number; frameRate: number | null } | null;
  droppedFrames: number;
  atLive: boolean;
}

const TICK_MS = 200;
const POLL_MS = 1_000;
const POLL_WHILE_PLAYING_MS = 3_000;
const CLOCK_EVERY_MS = 60_000;
/** no new picture for so long is a standstill */
const STILL_MS = 700;
/** and so long, though the server has a show, a broken connection */
const STUCK_MS = 8_000;
/** a session that showed pictures for so long makes the next failure the first again */
const LASTED_MS = 5_000;
/** a paused visitor's connection is kept so long */
const PAUSED_KEEP_MS = 60_000;
/** where a jump to the live edge lands: this much is left in the player */
const LIVE_EDGE_S = 0.6;
const JUMP_BEHIND_S = 3;
/** right after the start, what the server sent of the GOP so far is skipped */
const JUMP_AT_START_S = 1.2;
const START_MS = 2_000;
const AT_LIVE_MS = 2_000;

export class Show {
  readonly #video: HTMLVideoElement;
  readonly #name: string;
  readonly #onChange: (view: ShowView) => void;
  readonly #latency = new LatencyMeter();
  readonly #glass: Glass;
  #facts: Facts = { supported, server: 'unknown', publishing: false, shown: false, moving: false, paused: false };
  #status: StreamStatus | null = null;
  #picture: ShowView['picture'] = null;
  #clockOffsetMs: number | null = null;
  #session: Session | null = null;
  #sessionAtMs = 0;
  #attempt = 0;
  #retryAtMs = 0;
  #mediaTimeS = 0;
  #movedAtMs = Number.NEGATIVE_INFINITY;
  #startedAtMs: number | null = null;
  #pausedAtMs = 0;

  constructor(video: HTMLVideoElement, name: string, onChange: (view: ShowView) => void) {
    this.#video = video;
    this.#name = name;
    this.#onChange = onChange;
    this.#glass = new Glass(video);
    // from our own buttons, from media keys and from the picture-in-picture window alike
    video.addEventListener('pause', () => this.#session && this.#setPaused(true));
    video.addEventListener('play', () => this.#setPaused(false));
    this.#watchFrames();
    setInterval(() => this.#tick(), TICK_MS);
    void this.#pollForever();
    void this.#measureClockForever();
  }

  toggle(): void {
    if (!this.#facts.paused) return this.#video.pause();
    this.#setPaused(false);
    if (this.#session) {
      this.goLive();
      this.#play();
    }
  }

  goLive(): void {
    const endS = this.#bufferedEndS();
    if (endS - this.#video.currentTime > LIVE_EDGE_S) this.#video.currentTime = endS - LIVE_EDGE_S;
  }

  #setPaused(paused: boolean): void {
    if (paused && !this.#facts.paused) this.#pausedAtMs = performance.now();
    this.#facts.paused = paused;
    this.#emit();
  }

  async #pollForever(): Promise<void> {
    for (;;) {
      const poll = await pollStream(this.#name);
      if (poll.server === 'reachable') {
        if (this.#facts.server === 'unreachable') void this.#measureClock(); // it may be another machine's clock now
        if (poll.status.publishing && !this.#facts.publishing) this.#sessionAtMs = performance.now(); // time to bring a picture
        this.#status = poll.status;
        this.#facts.publishing = poll.status.publishing;
      }
      this.#facts.server = poll.server;
      this.#tick();
      await new Promise((resolve) => setTimeout(resolve, this.#facts.moving ? POLL_WHILE_PLAYING_MS : POLL_MS));
    }
  }

  async #measureClockForever(): Promise<void> {
    for (;;) {
      await this.#measureClock();
      await new Promise((resolve) => setTimeout(resolve, CLOCK_EVERY_MS));
    }
  }

  async #measureClock(): Promise<void> {
    this.#clockOffsetMs = (await measureClockOffset()) ?? this.#clockOffsetMs;
    this.#glass.clockOffsetMs = this.#clockOffsetMs;
  }

  #tick(): void {
    const nowMs = performance.now();
    this.#noteMovement(nowMs);
    if (this.#session) this.#keepUp(nowMs);
    else if (this.#facts.server === 'reachable' && this.#facts.publishing && !this.#facts.paused && nowMs >= this.#retryAtMs)
      this.#open(nowMs);
    this.#emit();
  }

  #noteMovement(nowMs: number): void {
    const { currentTime } = this.#video;
    if (this.#session && currentTime > this.#mediaTimeS && !this.#video.paused) {
      this.#movedAtMs = nowMs;
      this.#startedAtMs ??= nowMs;
      this.#facts.shown = true;
      if (nowMs - this.#startedAtMs > LASTED_MS) this.#attempt = 0;
    }
    this.#mediaTimeS = currentTime;
    this.#facts.moving = nowMs - this.#movedAtMs < STILL_MS;
  }

  #open(nowMs: number): void {
    const url = new URL(`/live/${encodeURIComponent(this.#name)}.flv?time=1`, location.href).href;
    this.#latency.reset();
    this.#glass.reset();
    this.#startedAtMs = null;
    this.#sessionAtMs = nowMs;
    this.#session = openSession(this.#video, url, {
      onReference: (reference) => {
        this.#latency.addReference(reference);
        this.#glass.addReference(reference);
      },
      onPicture: (picture) => {
        this.#picture = picture;
      },
      onEnd: () => this.#close(),
    });
    this.#play();
  }

  #close(): void {
    const session = this.#session;
    this.#session = null; // before the player pauses the element, which is not the visitor's doing
    session?.close();
    this.#retryAtMs = performance.now() + retryDelayMs(this.#attempt, Math.random());
    this.#attempt += 1;
  }

  /** A browser that lets nothing sound before a click starts muted. */
  #play(): void {
    this.#video.play().catch((error: DOMException) => {
      if (error.name !== 'NotAllowedError' || this.#video.muted) return;
      this.#video.muted = true;
      this.#play();
    });
  }

  #keepUp(nowMs: number): void {
    if (this.#facts.paused) {
      if (nowMs - this.#pausedAtMs > PAUSED_KEEP_MS) this.#close();
      return;
    }
    if (!this.#facts.moving) {
      this.#jumpGap();
      const sinceMs = Math.max(this.#movedAtMs, this.#sessionAtMs);
      if (this.#facts.publishing && nowMs - sinceMs > STUCK_MS) this.#close();
      return;
    }
    const behindS = this.#bufferedEndS() - this.#video.currentTime;
    const starting = this.#startedAtMs !== null && nowMs - this.#startedAtMs < START_MS;
    if (behindS > (starting ? JUMP_AT_START_S : JUMP_BEHIND_S)) this.goLive();
  }

  /** Pictures that the server had to drop for us leave a hole, which a browser does not cross by itself. */
  #jumpGap(): void {
    const { buffered, currentTime } = this.#video;
    for (let i = 0; i < buffered.length; i += 1) {
      if (buffered.start(i) <= currentTime + 0.01) continue;
      this.#video.currentTime = buffered.start(i) + 0.01;
      return;
    }
  }

  #bufferedEndS(): number {
    const { buffered, currentTime } = this.#video;
    return buffered.length > 0 ? buffered.end(buffered.length - 1) : currentTime;
  }

  #watchFrames(): void {
    if (!('requestVideoFrameCallback' in this.#video)) return; // the figure then stays empty
    const onFrame = (_nowMs: number, { expectedDisplayTime, mediaTime }: VideoFrameCallbackMetadata) => {
      if (this.#clockOffsetMs !== null) {
        this.#latency.addFrame(mediaTime * 1_000, performance.timeOrigin + expectedDisplayTime + this.#clockOffsetMs);
      }
      this.#video.requestVideoFrameCallback(onFrame);
    };
    this.#video.requestVideoFrameCallback(onFrame);
  }

  #emit(): void {
    const bufferMs = Math.max(0, this.#bufferedEndS() - this.#video.currentTime) * 1_000;
    const state = viewState(this.#facts);
    this.#onChange({
      state,
      status: this.#status,
      latencyMs: state === 'playing' ? this.#latency.latencyMs : null,
      glass: state === 'playing' ? this.#glass.figures : null,
      bufferMs,
      picture: this.#picture,
      droppedFrames: this.#video.getVideoPlaybackQuality().droppedVideoFrames,
      atLive: state === 'playing' && bufferMs < AT_LIVE_MS,
    });
  }
}
