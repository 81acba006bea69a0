/** The show as this page sees it: how the server says it stands, what the visitor wants of it, and what is shown of both. */
import { Beacons } from './beacons.ts';
import { canPlay, capabilitiesOf } from './capability.ts';
import { type Capabilities, choosePlayer, type Wish } from './choose-player.ts';
import { Connection } from './connection.ts';
import type { HeldPicture } from './held-picture.ts';
import { LadderChoice } from './ladder-choice.ts';
import { Meters } from './meters.ts';
import { Playback, STEP_MS } from './playback.ts';
import { chosenRung, chosenWish, storeRung, storeWish } from './preferences.ts';
import { liveWindow, placeAfterPause, type SeekRange } from './seek-bar.ts';
import { pollStream, type StreamStatus } from './server-api.ts';
import { preloadHls } from './sessions/hls.ts';
import type { ShowView } from './show-view.ts';
import { type Facts, viewState } from './view-state.ts';

const POLL_MS = 1_000;
const POLL_WHILE_PLAYING_MS = 3_000;
/** a key that is wrong stays wrong, mostly; and whoever shows it too often is listened to no more */
const POLL_WHILE_PRIVATE_MS = 30_000;
const AT_LIVE_MS = 2_000;

export class Show {
  readonly #video: HTMLVideoElement;
  readonly #name: string;
  readonly #onChange: (view: ShowView) => void;
  readonly #capabilities: Capabilities;
  readonly #playback: Playback;
  readonly #meters: Meters;
  readonly #ladder = new LadderChoice(chosenRung(), canPlay);
  readonly #connection: Connection;
  readonly #beacons: Beacons;
  readonly #facts: Facts;
  #wish: Wish = chosenWish();
  #status: StreamStatus | null = null;
  #pausedAtMs = 0;
  /** and not somewhere back in the show */
  #pausedAtLive = true;
  #window: SeekRange | null = null;
  #polledAtMs = 0;
  #wake: () => void = () => {};

  constructor(video: HTMLVideoElement, name: string, held: HeldPicture, onChange: (view: ShowView) => void) {
    this.#video = video;
    this.#name = name;
    this.#onChange = onChange;
    this.#meters = new Meters(video, () => this.#connection.noteLoss());
    this.#capabilities = capabilitiesOf(video);
    const protocol = choosePlayer(this.#capabilities, this.#wish, 0);
    if (protocol === 'll-hls' || protocol === 'hls') preloadHls(); // while the server is asked how the show stands
    const supported = protocol !== null;
    this.#facts = { supported, server: 'unknown', publishing: false, shown: false, moving: false, paused: false };
    this.#playback = new Playback(video, (mediaTimeMs, shownAtMs) => this.#meters.pictureShown(mediaTimeMs, shownAtMs));
    this.#connection = new Connection({
      video,
      name,
      held,
      playback: this.#playback,
      meters: this.#meters,
      ladder: this.#ladder,
      choose: (failures) => choosePlayer(this.#capabilities, this.#wish, failures),
      onEnd: (playable) => {
        if (!playable) this.#facts.supported = false;
        this.#wake(); // why it ended: the server may be gone, or the show
      },
    });
    this.#beacons = new Beacons(name, () => this.#view(), this.#playback);
    // from our own buttons, from media keys and from the picture-in-picture window alike
    video.addEventListener('pause', () => this.#connection.open && !video.ended && this.#setPaused(true));
    video.addEventListener('play', () => this.#setPaused(false));
    video.addEventListener('seeking', () => {
      if (this.#facts.paused) this.#pausedAtLive = this.#isAtLive(this.#playback.bufferMs);
    });
    setInterval(() => this.#tick(), STEP_MS);
    void this.#pollForever();
  }

  toggle(): void {
    if (!this.#facts.paused) return this.#video.pause();
    this.#setPaused(false);
    if (!this.#connection.open) return;
    const placeS = this.#placeAfterPause;
    if (placeS === null) this.goLive();
    else this.#playback.jumpTo(placeS);
    this.#connection.play();
  }

  goLive(): void {
    this.#playback.goLive(this.#connection.liveS);
  }

  /** How much delay is taken for how much steadiness: another protocol, so another connection. */
  setWish(wish: Wish): void {
    if (wish === this.#wish) return;
    this.#wish = wish;
    storeWish(wish);
    this.#connection.exchangeAnew(performance.now());
    this.#tick();
  }

  /** @param rung null: chosen by the page */
  setRung(rung: string | null): void {
    this.#ladder.wanted = rung;
    storeRung(rung);
    this.#connection.applyRung(performance.now());
    this.#tick();
  }

  /** null: at live */
  get #placeAfterPause(): number | null {
    return placeAfterPause(this.#window, this.#pausedAtLive, this.#video.currentTime);
  }

  #setPaused(paused: boolean): void {
    if (paused && !this.#facts.paused) {
      this.#pausedAtMs = performance.now();
      this.#pausedAtLive = this.#isAtLive(this.#playback.bufferMs);
    }
    this.#facts.paused = paused;
    this.#emit();
  }

  async #pollForever(): Promise<void> {
    for (;;) {
      this.#polledAtMs = performance.now();
      const poll = await pollStream(this.#name);
      if (poll.server === 'reachable') {
        if (this.#facts.server === 'unreachable') void this.#meters.measureClock(); // it may be another machine's clock now
        if (poll.status.publishing && !this.#facts.publishing) this.#connection.grace(performance.now());
        this.#status = poll.status;
        this.#ladder.offer(poll.status.rungs);
        this.#facts.publishing = poll.status.publishing;
        if (poll.status.publishing) this.#facts.supported = this.#canPlayAny();
      }
      this.#facts.server = poll.server;
      this.#tick();
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
        const patienceMs = this.#facts.moving ? POLL_WHILE_PLAYING_MS : POLL_MS;
        setTimeout(resolve, poll.server === 'private' ? POLL_WHILE_PRIVATE_MS : patienceMs);
      });
    }
  }

  #canPlayAny(): boolean {
    return choosePlayer(this.#capabilities, this.#wish, 0) !== null && this.#ladder.current !== null;
  }

  #tick(): void {
    const nowMs = performance.now();
    if (this.#playback.step(nowMs, this.#connection.open)) {
      this.#facts.shown = true;
      this.#connection.noteMovement(nowMs);
    }
    this.#facts.moving = this.#playback.isMoving(nowMs);
    // is it the network, or the show?
    const { paused, server } = this.#facts;
    if (!paused && server !== 'private' && this.#playback.stalledForMs(nowMs) > 0 && nowMs - this.#polledAtMs > POLL_MS) this.#wake();
    this.#window = liveWindow(this.#video.seekable, this.#connection.liveS, this.#window !== null);
    const keepsPlace = this.#placeAfterPause === this.#video.currentTime;
    this.#connection.step(nowMs, this.#facts, keepsPlace ? nowMs : this.#pausedAtMs);
    this.#emit();
  }

  #view(): ShowView {
    const state = viewState(this.#facts);
    const { bufferMs } = this.#playback;
    const connection = this.#connection;
    const isPlaying = state === 'playing';
    return {
      state,
      status: this.#status,
      latencyMs: isPlaying ? this.#meters.latencyMs : null,
      glass: isPlaying ? this.#meters.glass : null,
      bufferMs,
      targetMs: connection.targetMs,
      playbackRate: this.#video.playbackRate,
      picture: connection.picture,
      decoding: connection.decoding,
      droppedFrames: this.#playback.allPictures.dropped,
      atLive: isPlaying && this.#isAtLive(bufferMs),
      window: this.#window,
      protocol: connection.protocol,
      receivedKbps: connection.receivedKbps,
      apartMs: this.#playback.apartMs,
      rungs: this.#ladder.rungs,
      rung: connection.rung,
      chosen: { wish: this.#wish, rung: this.#ladder.wanted },
      rungWaits: connection.rungWaits,
      startupMs: connection.startupMs,
      stalls: this.#playback.stalls,
      reconnects: connection.reconnects,
    };
  }

  #isAtLive(bufferMs: number): boolean {
    const { liveS } = this.#connection;
    return liveS === null ? bufferMs < AT_LIVE_MS : liveS - this.#video.currentTime < AT_LIVE_MS / 1_000;
  }

  #emit(): void {
    const view = this.#view();
    this.#onChange(view);
    this.#beacons.step(view);
  }
}
