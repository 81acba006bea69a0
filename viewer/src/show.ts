/** The show as this page sees it: asks the server how it stands, keeps a connection while there is something to see. */
import { Beacons } from './beacons.ts';
import { canPlay, capabilitiesOf, type Decoding, probableDecoding } from './capability.ts';
import { type Capabilities, choosePlayer, type Protocol, type Wish } from './choose-player.ts';
import { Glass } from './glass.ts';
import type { HeldPicture } from './held-picture.ts';
import { LadderChoice } from './ladder-choice.ts';
import { LatencyMeter, type TimeReference, TransitMeter, transitMs } from './latency.ts';
import { Playback, STEP_MS } from './playback.ts';
import { chosenRung, chosenWish, storeRung, storeWish } from './preferences.ts';
import { measureClockOffset, pollStream, requestKeyframe, type StreamStatus } from './server-api.ts';
import { openFlv } from './sessions/flv.ts';
import { openHls } from './sessions/hls.ts';
import { openNativeHls } from './sessions/native-hls.ts';
import type { EndReason, Picture, Session, SessionEvents, SessionOptions } from './sessions/session.ts';
import type { ShowView } from './show-view.ts';
import { newTroubleWatch, stepTrouble, type TroubleState } from './trouble.ts';
import { type Facts, reopenDelayMs, viewState } from './view-state.ts';

const POLL_MS = 1_000;
const POLL_WHILE_PLAYING_MS = 3_000;
const CLOCK_EVERY_MS = 60_000;
/** no picture for so long, though the server has a show: a broken connection */
const STUCK_MS = 8_000;
/** a session that showed pictures for so long makes the next failure the first again */
const LASTED_MS = 5_000;
/** a paused visitor's connection is kept so long */
const PAUSED_KEEP_MS = 60_000;
/** a stall so long is no hiccup */
const STALL_COUNTS_MS = 1_200;
const AT_LIVE_MS = 2_000;
/** time for a keyframe that was asked for to come */
const KEYFRAME_EVERY_MS = 1_000;

export class Show {
  readonly #video: HTMLVideoElement;
  readonly #name: string;
  readonly #held: HeldPicture;
  readonly #onChange: (view: ShowView) => void;
  readonly #capabilities: Capabilities;
  readonly #playback: Playback;
  readonly #latency = new LatencyMeter();
  readonly #glass: Glass;
  readonly #transit = new TransitMeter();
  readonly #ladder = new LadderChoice(chosenRung(), canPlay);
  readonly #beacons: Beacons;
  readonly #facts: Facts;
  #wish: Wish = chosenWish();
  #status: StreamStatus | null = null;
  #picture: Picture | null = null;
  #decoding: Decoding | null = null;
  #rung: string | null = null;
  #clockOffsetMs: number | null = null;
  #session: Session | null = null;
  #sessionAtMs = 0;
  #startupMs: number | null = null;
  #attempt = 0;
  #failures = 0;
  #reconnects = 0;
  #retryAtMs = 0;
  #pausedAtMs = 0;
  #trouble: TroubleState = newTroubleWatch(0);
  #polledAtMs = 0;
  #keyframeAtMs = Number.NEGATIVE_INFINITY;
  #wake: () => void = () => {};

  constructor(video: HTMLVideoElement, name: string, held: HeldPicture, onChange: (view: ShowView) => void) {
    this.#video = video;
    this.#name = name;
    this.#held = held;
    this.#onChange = onChange;
    this.#glass = new Glass(video);
    this.#capabilities = capabilitiesOf(video);
    const supported = choosePlayer(this.#capabilities, this.#wish, 0) !== null;
    this.#facts = { supported, server: 'unknown', publishing: false, shown: false, moving: false, paused: false };
    this.#playback = new Playback(video, (mediaTimeMs, shownAtMs) => this.#onPictureShown(mediaTimeMs, shownAtMs));
    this.#beacons = new Beacons(name, () => this.#view(), this.#playback);
    // from our own buttons, from media keys and from the picture-in-picture window alike
    video.addEventListener('pause', () => this.#session && !video.ended && this.#setPaused(true));
    video.addEventListener('play', () => this.#setPaused(false));
    video.addEventListener('error', () => this.#session && video.error?.code === MediaError.MEDIA_ERR_DECODE && this.#end('decode'));
    video.addEventListener('ended', () => this.#session && this.#end('network')); // a playlist that ended
    setInterval(() => this.#tick(), STEP_MS);
    void this.#pollForever();
    void this.#measureClockForever();
  }

  toggle(): void {
    if (!this.#facts.paused) return this.#video.pause();
    this.#setPaused(false);
    if (!this.#session) return;
    this.goLive();
    this.#play();
  }

  goLive(): void {
    this.#playback.goLive(this.#session?.liveS ?? null);
  }

  /** How much delay is taken for how much steadiness: another protocol, so another connection. */
  setWish(wish: Wish): void {
    if (wish === this.#wish) return;
    this.#wish = wish;
    this.#failures = 0;
    storeWish(wish);
    this.#exchange();
  }

  /** @param rung null: chosen by the page */
  setRung(rung: string | null): void {
    this.#ladder.wanted = rung;
    storeRung(rung);
    if (!this.#session?.setRung(this.#forSession(this.#session.protocol))) this.#exchange();
    this.#emit();
  }

  #setPaused(paused: boolean): void {
    if (paused && !this.#facts.paused) this.#pausedAtMs = performance.now();
    this.#facts.paused = paused;
    this.#emit();
  }

  async #pollForever(): Promise<void> {
    for (;;) {
      this.#polledAtMs = performance.now();
      const poll = await pollStream(this.#name);
      if (poll.server === 'reachable') {
        if (this.#facts.server === 'unreachable') void this.#measureClock(); // it may be another machine's clock now
        if (poll.status.publishing && !this.#facts.publishing) this.#sessionAtMs = performance.now(); // time to bring a picture
        this.#status = poll.status;
        this.#ladder.offer(poll.status.rungs);
        this.#facts.publishing = poll.status.publishing;
        if (poll.status.publishing) this.#facts.supported = this.#canPlayAny();
      }
      this.#facts.server = poll.server;
      this.#tick();
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
        setTimeout(resolve, this.#facts.moving ? POLL_WHILE_PLAYING_MS : POLL_MS);
      });
    }
  }

  #canPlayAny(): boolean {
    return choosePlayer(this.#capabilities, this.#wish, 0) !== null && this.#ladder.current !== null;
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
    if (this.#playback.step(nowMs, this.#session !== null)) this.#noteMovement(nowMs);
    this.#facts.moving = this.#playback.isMoving(nowMs);
    const { server, publishing, paused, supported } = this.#facts;
    if (this.#session) this.#watch(this.#session, nowMs);
    else if (server === 'reachable' && publishing && supported && !paused && nowMs >= this.#retryAtMs) this.#open(nowMs);
    this.#emit();
  }

  #noteMovement(nowMs: number): void {
    const startedAtMs = this.#playback.startedAtMs ?? nowMs;
    this.#facts.shown = true;
    this.#failures = 0;
    this.#startupMs ??= startedAtMs - this.#sessionAtMs;
    this.#held.release();
    if (nowMs - startedAtMs > LASTED_MS) this.#attempt = 0;
  }

  #open(nowMs: number): void {
    const protocol = choosePlayer(this.#capabilities, this.#wish, this.#failures);
    if (protocol === null) return;
    this.#latency.reset();
    this.#glass.reset();
    this.#transit.reset();
    this.#playback.restart(nowMs);
    this.#ladder.restart(nowMs);
    this.#trouble = newTroubleWatch(nowMs, this.#trouble);
    this.#sessionAtMs = nowMs;
    this.#picture = null;
    this.#decoding = null;
    const rung = this.#forSession(protocol);
    this.#rung = rung;
    this.#session = openSession(protocol, { video: this.#video, name: this.#name, rung }, this.#sessionEvents());
    this.#play();
  }

  /** hls.js and the browser choose by themselves, unless the visitor did. */
  #forSession(protocol: Protocol): string | null {
    const { wanted, current } = this.#ladder;
    if (protocol === 'flv' || protocol === 'ws-flv') return current;
    return wanted !== null && wanted === current ? wanted : null;
  }

  #sessionEvents(): SessionEvents {
    return {
      onReference: (reference) => this.#onReference(reference),
      onPicture: (picture) => {
        const nothing = { widthPx: 0, heightPx: 0, frameRate: null, videoCodec: null, audioCodec: null };
        this.#picture = { ...nothing, ...this.#picture, ...picture };
        void this.#guessDecoding(this.#picture);
      },
      onRung: (rung) => {
        this.#rung = rung;
      },
      onDamage: () => this.#askForKeyframe(),
      onEnd: (reason) => this.#end(reason),
    };
  }

  async #guessDecoding(picture: Picture): Promise<void> {
    const decoding = await probableDecoding(picture, this.#ladder.bitrateKbps);
    if (picture === this.#picture) this.#decoding = decoding;
  }

  #onReference(reference: TimeReference): void {
    this.#latency.addReference(reference);
    this.#glass.addReference(reference);
    if (this.#clockOffsetMs === null) return;
    const nowMs = performance.now();
    this.#transit.add(nowMs, transitMs(reference, performance.timeOrigin + nowMs + this.#clockOffsetMs));
  }

  #onPictureShown(mediaTimeMs: number, shownAtMs: number): void {
    if (this.#clockOffsetMs !== null) this.#latency.addFrame(mediaTimeMs, shownAtMs + this.#clockOffsetMs);
  }

  /** Damage comes in bursts: one request is for all of it. */
  #askForKeyframe(): void {
    const nowMs = performance.now();
    if (nowMs - this.#keyframeAtMs < KEYFRAME_EVERY_MS) return;
    this.#keyframeAtMs = nowMs;
    void requestKeyframe(this.#name, this.#rung);
  }

  /** The session is over, by its own word or by ours. */
  #end(reason: EndReason): void {
    const never = this.#playback.startedAtMs === null;
    const unplayable = reason === 'unplayable' ? this.#rung : null;
    if (unplayable !== null) this.#facts.supported = this.#ladder.ruleOut(unplayable);
    else if (never) this.#failures += 1;
    if (reason === 'decode') this.#askForKeyframe();
    this.#close();
    this.#retryAtMs = performance.now() + reopenDelayMs(reason, unplayable !== null, this.#attempt, Math.random());
    this.#attempt += 1;
    this.#reconnects += 1;
    this.#wake(); // why it ended: the server may be gone, or the show
  }

  #close(): void {
    const session = this.#session;
    this.#session = null; // before the player pauses the element, which is not the visitor's doing
    this.#held.hold();
    session?.close();
  }

  /** Another connection because we want one: no failure, and no wait. */
  #exchange(): void {
    if (!this.#session) return;
    this.#close();
    this.#retryAtMs = 0;
    this.#tick();
  }

  /** A browser that lets nothing sound before a click starts muted. */
  #play(): void {
    this.#video.play().catch((error: DOMException) => {
      if (error.name !== 'NotAllowedError' || this.#video.muted) return;
      this.#video.muted = true;
      this.#play();
    });
  }

  #watch(session: Session, nowMs: number): void {
    if (this.#facts.paused) {
      if (nowMs - this.#pausedAtMs > PAUSED_KEEP_MS) this.#close();
      return;
    }
    if (!session.keepsUp) this.#playback.keepUp(nowMs);
    if (this.#playback.stalledForMs(nowMs) > 0 && nowMs - this.#polledAtMs > POLL_MS) this.#wake(); // is it the network, or the show?
    if (!this.#facts.moving) {
      if (!session.keepsUp) this.#playback.jumpGap();
      const sinceMs = Math.max(this.#playback.movedAtMs, this.#sessionAtMs);
      if (this.#facts.publishing && nowMs - sinceMs > STUCK_MS) return this.#end('network');
    }
    if (!session.keepsUp && this.#chooseRung(session, nowMs)) return this.#exchange();
    this.#watchTrouble(nowMs);
  }

  #chooseRung(session: Session, nowMs: number): boolean {
    const { shown, dropped } = this.#playback.pictures;
    return this.#ladder.step({
      nowMs,
      lateMs: this.#transit.lateMs(nowMs),
      // a publisher that left is no weak network: within this time the server has said so
      stalled: this.#facts.publishing && this.#playback.stalledForMs(nowMs) > STALL_COUNTS_MS,
      receivedKbps: session.receivedKbps,
      shownFrames: shown,
      droppedFrames: dropped,
    });
  }

  #watchTrouble(nowMs: number): void {
    const { shown, dropped } = this.#playback.pictures;
    const { state, remedy } = stepTrouble(this.#trouble, {
      nowMs,
      mediaTimeMs: this.#video.currentTime * 1_000,
      frames: shown + dropped,
      watched: this.#facts.moving && document.visibilityState === 'visible' && this.#video.videoWidth > 0,
      apartMs: this.#playback.apartMs,
    });
    this.#trouble = state;
    if (remedy === 'keyframe') this.#askForKeyframe();
    else if (remedy === 'nudge') this.#playback.nudge();
    else if (remedy === 'reconnect') this.#end('decode');
  }

  #view(): ShowView {
    const state = viewState(this.#facts);
    const { bufferMs, catchUp } = this.#playback;
    const session = this.#session;
    return {
      state,
      status: this.#status,
      latencyMs: state === 'playing' ? this.#latency.latencyMs : null,
      glass: state === 'playing' ? this.#glass.figures : null,
      bufferMs,
      targetMs: session && !session.keepsUp ? catchUp.targetMs : null,
      playbackRate: this.#video.playbackRate,
      picture: this.#picture,
      decoding: this.#decoding,
      droppedFrames: this.#playback.allPictures.dropped,
      atLive: state === 'playing' && this.#isAtLive(bufferMs),
      protocol: session?.protocol ?? null,
      receivedKbps: session?.receivedKbps ?? null,
      apartMs: this.#playback.apartMs,
      rungs: this.#ladder.rungs,
      rung: this.#rung,
      chosen: { wish: this.#wish, rung: this.#ladder.wanted },
      startupMs: this.#startupMs,
      stalls: this.#playback.stalls,
      reconnects: this.#reconnects,
    };
  }

  #isAtLive(bufferMs: number): boolean {
    const liveS = this.#session?.liveS ?? null;
    return liveS === null ? bufferMs < AT_LIVE_MS : liveS - this.#video.currentTime < AT_LIVE_MS / 1_000;
  }

  #emit(): void {
    const view = this.#view();
    this.#onChange(view);
    this.#beacons.step(view);
  }
}

function openSession(protocol: Protocol, options: SessionOptions, events: SessionEvents): Session {
  if (protocol === 'native-hls') return openNativeHls(options, events);
  return protocol === 'flv' || protocol === 'ws-flv' ? openFlv(protocol, options, events) : openHls(protocol, options, events);
}
