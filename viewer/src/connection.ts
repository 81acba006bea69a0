/** The life of a connection to the show: opened when there is something to see, watched, ended, and opened again. */
import { type Decoding, probableDecoding } from './capability.ts';
import type { Protocol } from './choose-player.ts';
import type { HeldPicture } from './held-picture.ts';
import type { LadderChoice } from './ladder-choice.ts';
import type { Meters } from './meters.ts';
import type { Playback } from './playback.ts';
import { requestKeyframe } from './server-api.ts';
import { openFlv } from './sessions/flv.ts';
import { openHls } from './sessions/hls.ts';
import { openNativeHls } from './sessions/native-hls.ts';
import type { EndReason, Picture, Session, SessionEvents, SessionOptions } from './sessions/session.ts';
import { newTroubleWatch, stepTrouble, type TroubleState } from './trouble.ts';
import { type Facts, isStuck, reopenDelayMs } from './view-state.ts';

/** a session that showed pictures for so long makes the next failure the first again */
const LASTED_MS = 5_000;
/** a paused visitor's connection is kept so long */
const PAUSED_KEEP_MS = 60_000;
/** a stall so long is no hiccup */
const STALL_COUNTS_MS = 1_200;
/** time for a keyframe that was asked for to come */
const KEYFRAME_EVERY_MS = 1_000;

export interface ConnectionOptions {
  video: HTMLVideoElement;
  /** of the stream */
  name: string;
  held: HeldPicture;
  playback: Playback;
  meters: Meters;
  ladder: LadderChoice;
  /** @param failures how many connections in a row brought nothing. @returns null where nothing can be played */
  choose(failures: number): Protocol | null;
  /** A connection ended by its own word, or because it brought nothing. @param playable something else can be played here */
  onEnd(playable: boolean): void;
}

export class Connection {
  /** of this visit */
  reconnects = 0;
  /** from opening the first connection to its first picture */
  startupMs: number | null = null;
  readonly #options: ConnectionOptions;
  #session: Session | null = null;
  #openedAtMs = 0;
  #picture: Picture | null = null;
  #decoding: Decoding | null = null;
  #rung: string | null = null;
  #attempt = 0;
  #failures = 0;
  #retryAtMs = 0;
  #trouble: TroubleState = newTroubleWatch(0);
  #keyframeAtMs = Number.NEGATIVE_INFINITY;

  constructor(options: ConnectionOptions) {
    this.#options = options;
    const { video } = options;
    video.addEventListener('error', () => this.#session && video.error?.code === MediaError.MEDIA_ERR_DECODE && this.#end('decode'));
    video.addEventListener('ended', () => this.#session && this.#end('network')); // a playlist that ended
  }

  get open(): boolean {
    return this.#session !== null;
  }

  get protocol(): Protocol | null {
    return this.#session?.protocol ?? null;
  }

  get receivedKbps(): number | null {
    return this.#session?.receivedKbps ?? null;
  }

  /** where "live" is; null: the end of what is buffered */
  get liveS(): number | null {
    return this.#session?.liveS ?? null;
  }

  /** what is meant to be kept in hand; null: the player decides */
  get targetMs(): number | null {
    return this.#session && !this.#session.keepsUp ? this.#options.playback.catchUp.targetMs : null;
  }

  get picture(): Picture | null {
    return this.#picture;
  }

  get decoding(): Decoding | null {
    return this.#decoding;
  }

  /** the one that plays, or played last; null: not known */
  get rung(): string | null {
    return this.#rung;
  }

  /** the rung that is wanted begins after the place that is watched */
  get rungWaits(): boolean {
    return this.#session?.rungWaits ?? false;
  }

  /** The show is on the air again: there is time anew to bring a picture. */
  grace(nowMs: number): void {
    this.#openedAtMs = nowMs;
  }

  /** The visitor wishes something else: what failed so far counts no more. */
  exchangeAnew(nowMs: number): void {
    this.#failures = 0;
    this.#exchange(nowMs);
  }

  /** The choice of the rung has changed: on this connection, or on another. */
  applyRung(nowMs: number): void {
    if (!this.#session?.setRung(this.#forSession(this.#session.protocol))) this.#exchange(nowMs);
  }

  /** A browser that lets nothing sound before a click starts muted. */
  play(): void {
    const { video } = this.#options;
    video.play().catch((error: DOMException) => {
      if (error.name !== 'NotAllowedError' || video.muted) return;
      video.muted = true;
      this.play();
    });
  }

  /** A picture moved. */
  noteMovement(nowMs: number): void {
    const { playback, held } = this.#options;
    const startedAtMs = playback.startedAtMs ?? nowMs;
    this.#failures = 0;
    this.startupMs ??= startedAtMs - this.#openedAtMs;
    held.release();
    if (nowMs - startedAtMs > LASTED_MS) this.#attempt = 0;
  }

  /** A picture is missing that others refer to. Of HLS whole files come, and what follows a jump refers to nothing before it. */
  noteLoss(): void {
    if (this.protocol === 'flv' || this.protocol === 'ws-flv') this.#askForKeyframe();
  }

  /** To be called some times a second. @param pausedAtMs since when a pause lets the connection go, if there is one */
  step(nowMs: number, facts: Readonly<Facts>, pausedAtMs: number): void {
    const { server, publishing, paused, supported } = facts;
    if (this.#session && !paused) this.#watch(this.#session, nowMs, facts);
    else if (this.#session && nowMs - pausedAtMs > PAUSED_KEEP_MS) this.#close();
    const due = server === 'reachable' && publishing && supported && !paused && nowMs >= this.#retryAtMs;
    if (!this.#session && due) this.#open(nowMs);
  }

  #open(nowMs: number): void {
    const { video, name, playback, meters, ladder, choose } = this.#options;
    const protocol = choose(this.#failures);
    if (protocol === null) return;
    meters.reset();
    playback.restart(nowMs);
    ladder.restart(nowMs);
    this.#trouble = newTroubleWatch(nowMs, this.#trouble);
    this.#openedAtMs = nowMs;
    this.#picture = null;
    this.#decoding = null;
    const rung = this.#forSession(protocol);
    this.#rung = rung;
    this.#session = openSession(protocol, { video, name, rung }, this.#sessionEvents());
    this.play();
  }

  /** hls.js and the browser choose by themselves, unless the visitor did. */
  #forSession(protocol: Protocol): string | null {
    const { wanted, current } = this.#options.ladder;
    if (protocol === 'flv' || protocol === 'ws-flv') return current;
    return wanted !== null && wanted === current ? wanted : null;
  }

  #sessionEvents(): SessionEvents {
    return {
      onReference: (reference) => this.#options.meters.addReference(reference),
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
    const decoding = await probableDecoding(picture, this.#options.ladder.bitrateKbps);
    if (picture === this.#picture) this.#decoding = decoding;
  }

  /** Damage comes in bursts: one request is for all of it. */
  #askForKeyframe(): void {
    const nowMs = performance.now();
    if (nowMs - this.#keyframeAtMs < KEYFRAME_EVERY_MS) return;
    this.#keyframeAtMs = nowMs;
    void requestKeyframe(this.#options.name, this.#rung);
  }

  /** The session is over, by its own word or by ours. */
  #end(reason: EndReason): void {
    const { playback, ladder, onEnd } = this.#options;
    const never = playback.startedAtMs === null;
    const unplayable = reason === 'unplayable' ? this.#rung : null;
    const playable = unplayable === null || ladder.ruleOut(unplayable);
    if (unplayable === null && never) this.#failures += 1;
    if (reason === 'decode') this.#askForKeyframe();
    this.#close();
    this.#retryAtMs = performance.now() + reopenDelayMs(reason, unplayable !== null, this.#attempt, Math.random());
    this.#attempt += 1;
    this.reconnects += 1;
    onEnd(playable);
  }

  #close(): void {
    const session = this.#session;
    this.#session = null; // before the player pauses the element, which is not the visitor's doing
    this.#options.held.hold();
    session?.close();
  }

  /** Another connection because we want one: no failure, and no wait. */
  #exchange(nowMs: number): void {
    if (!this.#session) return;
    this.#close();
    this.#retryAtMs = nowMs;
  }

  #watch(session: Session, nowMs: number, { moving, publishing }: Readonly<Facts>): void {
    const { playback } = this.#options;
    if (!session.keepsUp) playback.keepUp(nowMs);
    if (!moving) {
      if (!session.keepsUp) playback.jumpGap();
      const { firstMediaAtMs, movedAtMs } = playback;
      if (publishing && isStuck(nowMs, { openedAtMs: this.#openedAtMs, firstMediaAtMs, movedAtMs })) return this.#end('network');
    }
    if (!session.keepsUp && this.#chooseRung(session, nowMs, publishing)) return this.#exchange(nowMs);
    this.#watchTrouble(nowMs, moving);
  }

  #chooseRung(session: Session, nowMs: number, publishing: boolean): boolean {
    const { playback, meters, ladder } = this.#options;
    const { shown, dropped } = playback.pictures;
    return ladder.step({
      nowMs,
      lateMs: meters.lateMs(nowMs),
      // a publisher that left is no weak network: within this time the server has said so
      stalled: publishing && playback.stalledForMs(nowMs) > STALL_COUNTS_MS,
      receivedKbps: session.receivedKbps,
      shownFrames: shown,
      droppedFrames: dropped,
    });
  }

  #watchTrouble(nowMs: number, moving: boolean): void {
    const { video, playback } = this.#options;
    const { shown, dropped } = playback.pictures;
    const { state, remedy } = stepTrouble(this.#trouble, {
      nowMs,
      mediaTimeMs: video.currentTime * 1_000,
      frames: shown + dropped,
      watched: moving && document.visibilityState === 'visible' && video.videoWidth > 0,
      apartMs: playback.apartMs,
    });
    this.#trouble = state;
    if (remedy === 'keyframe') this.#askForKeyframe();
    else if (remedy === 'nudge') playback.nudge();
    else if (remedy === 'reconnect') this.#end('decode');
  }
}

function openSession(protocol: Protocol, options: SessionOptions, events: SessionEvents): Session {
  if (protocol === 'native-hls') return openNativeHls(options, events);
  return protocol === 'flv' || protocol === 'ws-flv' ? openFlv(protocol, options, events) : openHls(protocol, options, events);
}
