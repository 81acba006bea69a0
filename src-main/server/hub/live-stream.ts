/** One stream: at most one publisher, its headers, the GOP so far, and everyone who watches. */
import type { ServerStreamStats } from '../../process/server-contract.ts';
import type { AmfObject } from '../../wire/amf0.ts';
import { buildMetadata } from '../../wire/flv.ts';
import type { ServerLimits } from '../limits.ts';
import { StreamCounters } from '../metrics/stream-counters.ts';
import { type MediaFrame, NO_HEADERS, type StreamHeaders } from './frame.ts';
import { GopCache } from './gop-cache.ts';
import { inspectAudio, inspectVideo } from './inspect.ts';
import { RateMeter } from './rate-meter.ts';
import { splitTracks } from './split-tracks.ts';
import { StreamTimeline } from './timeline.ts';
import { type TrackChoice, TrackStreams, withoutMaps } from './track-streams.ts';
import { ViewerQueue, type ViewerSink } from './viewer-queue.ts';

/** What the hub needs of a publisher's connection. */
export interface PublisherHandle {
  /** another publisher with the key took the stream, or the stream is no longer served */
  dismiss(): void;
  /** Where its protocol can ask its encoder for an IDR (RTMP cannot); left out, the server's owner is asked. */
  requestIdr?(): void;
}

/** What a rendition's frame keeps of the source's frame it was made from. */
export interface FrameOrigin {
  epoch: number;
  /** the source has an IDR here */
  aligned: boolean;
  arrivedAtMs: number;
}

/** What became of a viewer's request for an IDR. cannot: the publisher has no way to hear of it, so the next one is waited for */
export type IdrAnswer = 'asked' | 'cannot' | 'not-publishing';

/** A publisher's right to feed the stream; every method does nothing once it is lost. */
export interface PublisherLease {
  /** the entries of onMetaData */
  metadata(entries: AmfObject): void;
  /** `body` is kept and shared: the caller never writes to it again */
  media(kind: 'video' | 'audio', timestampMs: number, body: Uint8Array, origin?: FrameOrigin): void;
  release(): void;
}

export interface Viewer {
  /** the socket has room again */
  pump(): void;
  leave(): void;
}

interface Watching {
  queue: ViewerQueue;
  sink: ViewerSink;
  /** how many people are behind it: an HLS output has as many as ask it for playlists */
  audience: () => number;
  /** when its socket last took something, or it began to wait */
  movedAtMs: number;
}

/** an IDR that comes so soon after it was asked for is the answer */
const ANSWERED_MS = 1_500;

type Timeline = Pick<StreamTimeline, 'place' | 'restart'>;

type StreamLimits = Pick<
  ServerLimits,
  | 'gopCacheBytes'
  | 'gopCacheMs'
  | 'freshGopMs'
  | 'idrWantedEveryMs'
  | 'viewerQueueMs'
  | 'viewerQueueBytes'
  | 'viewerStalledMs'
  | 'viewerWaitsMs'
  | 'takeOverAfterMs'
>;

/** longer than a picture lasts at 25 fps, shorter than anyone hears */
const SOUND_HELD_MS = 40;
/** not worth a timer */
const HELD_LEAST_MS = 5;
/** up to so many viewers every picture leaves at once */
const CROWD_VIEWERS = 50;
const CROWD_HELD_MAX_MS = 150;

/** From 50 to 200 viewers a millisecond each: what a picture waits then is less than a player keeps in hand. */
function crowdHeldMs(viewers: number): number {
  return Math.min(CROWD_HELD_MAX_MS, Math.max(0, viewers - CROWD_VIEWERS));
}

export class LiveStream {
  readonly name: string;
  readonly counters: StreamCounters;
  /** what happens to it is counted by the stream that it belongs to */
  readonly #isPart: boolean;
  readonly #limits: StreamLimits;
  readonly #onIdrWanted: (() => void) | null;
  #gop: GopCache;
  readonly #timeline: Timeline;
  #rate = new RateMeter();
  readonly #tracks: TrackStreams<LiveStream>;
  readonly #viewers = new Set<Watching>();
  #heldTimer: NodeJS.Timeout | null = null;
  #flushedAtMs = Number.NEGATIVE_INFINITY;
  #publisher: PublisherHandle | null = null;
  #publications = 0;
  #epoch = -1;
  #latestMs = 0;
  /** frames of this publisher have passed */
  #flowing = false;
  #headers: StreamHeaders = NO_HEADERS;
  #mediaAtMs = 0;
  /** where the stream is fetched from while somebody watches; null: it comes when a publisher sends it */
  origin: { wanted(): void } | null = null;
  /** who watches the stream in another quality */
  renditions: { readonly viewers: number } | null = null;
  #idrWantedAtMs = Number.NEGATIVE_INFINITY;
  #idrTimer: NodeJS.Timeout | null = null;
  /** asked for, and not come yet */
  #idrAwaited = false;

  /**
   * @param onIdrWanted asks the encoder of a publisher that cannot be asked over its own connection; null: nobody can
   * @param part of another stream: that one's counters, and for a rendition of it its timeline
   */
  constructor(
    name: string,
    limits: StreamLimits,
    onIdrWanted: (() => void) | null,
    part?: { counters: StreamCounters; timeline?: Timeline },
  ) {
    this.name = name;
    this.counters = part?.counters ?? new StreamCounters();
    this.#isPart = part !== undefined;
    this.#limits = limits;
    this.#onIdrWanted = onIdrWanted;
    this.#timeline = part?.timeline ?? new StreamTimeline();
    this.#gop = new GopCache(limits);
    this.#tracks = new TrackStreams(() => new LiveStream(name, limits, () => this.#wantIdr(), { counters: this.counters }));
  }

  get publishing(): boolean {
    return this.#publisher !== null;
  }

  get viewers(): number {
    let viewers = this.#tracks.viewers + (this.renditions?.viewers ?? 0);
    for (const { audience } of this.#viewers) viewers += audience();
    return viewers;
  }

  /** the tracks that the publisher sends, the default ones included; for what may be chosen of them see `choose` */
  get tracks(): { video: number[]; audio: number[] } {
    return { video: this.#tracks.ids('video'), audio: this.#tracks.ids('audio') };
  }

  /** The stream of some of its tracks: itself for the default ones. @returns null when the publisher sends no such tracks */
  choose(choice: TrackChoice): LiveStream | null {
    return choice.video === 0 && choice.audio === 0 ? this : this.#tracks.choose(choice);
  }

  get headers(): StreamHeaders {
    return this.#headers;
  }

  /** of its last frame, on the stream's own timeline */
  get latestMs(): number {
    return this.#latestMs;
  }

  /** changes with the publisher and with the format */
  get epoch(): number {
    return this.#epoch;
  }

  /** the frames since the last IDR, oldest first */
  get gop(): readonly MediaFrame[] {
    return this.#gop.frames;
  }

  /** the longest time from one IDR of this publisher to the next so far; null before there were two */
  get longestGopMs(): number | null {
    return this.#gop.longestMs;
  }

  /**
   * Gives the stream to a publisher. One that sends keeps it, so that two encoders with the same key cannot throw each
   * other out in turn; one that fell silent gives way, so that an encoder can return before its old connection times out.
   * @returns null while another publisher sends
   */
  publish(publisher: PublisherHandle): PublisherLease | null {
    const nowMs = performance.now();
    if (this.#publisher) {
      if (nowMs - this.#mediaAtMs < this.#limits.takeOverAfterMs) return null;
      this.#publisher.dismiss();
    }
    this.#publisher = publisher;
    this.#mediaAtMs = nowMs;
    this.#timeline.restart();
    this.#tracks.restart();
    this.#rate = new RateMeter();
    this.#headers = NO_HEADERS;
    this.#publications += 1;
    if (!this.#isPart) this.counters.publications += 1;
    this.#epoch += 1;
    this.#flowing = false;
    this.#gop = new GopCache(this.#limits);
    for (const { queue } of this.#viewers) queue.awaitKey();
    const holds = () => this.#publisher === publisher;
    return {
      metadata: (entries) => void (holds() && this.#setMetadata(entries)),
      media: (kind, timestampMs, body, origin) => void (holds() && this.#media(kind, timestampMs, body, origin)),
      release: () => void (holds() && this.#release()),
    };
  }

  /** A viewer stays through breaks; before the first publisher it waits. @param audience how many people it counts for */
  watch(sink: ViewerSink, audience: () => number = () => 1): Viewer {
    const watching: Watching = { queue: new ViewerQueue(sink, this.#limits), sink, audience, movedAtMs: performance.now() };
    this.#viewers.add(watching);
    this.origin?.wanted();
    if (sink.protocol) this.counters.join(watching); // what the server makes of the stream for itself is no viewer
    if (this.#gop.spanMs > this.#limits.freshGopMs || (this.publishing && this.#gop.frames.length === 0)) this.#wantIdr();
    watching.queue.join(this.#gop.frames);
    return {
      pump: () => {
        watching.movedAtMs = performance.now(); // slow perhaps, but it takes what it is given
        watching.queue.pump();
      },
      leave: () => {
        this.#viewers.delete(watching);
        this.counters.leave(watching);
      },
    };
  }

  /** A viewer lost its picture. Who asks at the same time as others, or soon after them, gets the same IDR. */
  requestIdr(): IdrAnswer {
    if (!this.#publisher) return 'not-publishing';
    if (!this.#publisher.requestIdr && !this.#onIdrWanted) return 'cannot';
    this.#wantIdr();
    return 'asked';
  }

  dismissPublisher(): void {
    this.#publisher?.dismiss();
    this.#release();
  }

  /** The stream is no longer served: everyone is let go. */
  close(): void {
    this.dismissPublisher();
    for (const { sink } of [...this.#viewers]) sink.end();
    this.#viewers.clear();
    this.#tracks.close();
  }

  /** To be called each second: lets go whose network takes nothing, and who waited too long for a publisher. */
  tick(): void {
    const nowMs = performance.now();
    this.#tracks.tick();
    for (const watching of [...this.#viewers]) {
      const limitMs = watching.queue.blocked ? this.#limits.viewerStalledMs : this.#limits.viewerWaitsMs;
      if (!watching.queue.blocked && this.publishing) watching.movedAtMs = nowMs;
      else if (nowMs - watching.movedAtMs > limitMs) watching.sink.end();
    }
  }

  stats(): ServerStreamStats {
    return {
      name: this.name,
      publishing: this.publishing,
      viewers: this.viewers,
      bitrateKbps: this.publishing ? this.#rate.kbps(performance.now()) : 0,
      gopCacheBytes: this.#gop.bytes,
      gopCacheMs: this.#gop.spanMs,
    };
  }

  #release(): void {
    this.#pumpAll();
    this.#publisher = null;
    this.#tracks.release();
    this.#forgetIdr();
    this.#gop.clear(); // a joiner would be shown the past
  }

  /** Passed on without what only a file has; the codec ids announce tracks before their headers come. */
  #setMetadata(entries: AmfObject): void {
    const { duration: _duration, filesize: _filesize, keyframes: _keyframes, ...live } = entries;
    const { tracks } = this.#headers;
    const announced = { video: tracks.video || 'videocodecid' in live, audio: tracks.audio || 'audiocodecid' in live };
    this.#headers = { ...this.#headers, metadata: buildMetadata(withoutMaps(live)), tracks: announced };
    this.#tracks.metadata(live);
  }

  #media(kind: 'video' | 'audio', rawMs: number, body: Uint8Array, origin?: FrameOrigin): void {
    const nowMs = performance.now();
    this.#mediaAtMs = nowMs;
    this.#rate.add(nowMs, body.length);
    for (const one of splitTracks(kind, body)) {
      if (one.track === 0) this.#take(kind, rawMs, one.body, origin);
      else if (inspect(kind, one.body).kind === 'header') this.#tracks.header(kind, one.track, one.body);
      this.#tracks.media(kind, one.track, rawMs, one.body);
    }
  }

  #take(kind: 'video' | 'audio', rawMs: number, body: Uint8Array, origin?: FrameOrigin): void {
    const found = inspect(kind, body);
    if (found.kind === 'ignored') return;
    if (!this.#headers.tracks[kind]) this.#headers = { ...this.#headers, tracks: { ...this.#headers.tracks, [kind]: true } };
    if (found.kind === 'header') return this.#setHeader(kind, body);
    this.#flowing = true;
    const key = kind === 'video' ? found.key : !this.#headers.tracks.video;
    const readyAtMs = Date.now();
    const frame: MediaFrame = {
      kind,
      timestampMs: this.#timeline.place(kind, rawMs),
      compositionMs: found.compositionMs,
      key,
      body,
      headers: this.#headers,
      publication: this.#publications,
      epoch: origin?.epoch ?? this.#epoch,
      aligned: origin?.aligned ?? key,
      arrivedAtMs: origin?.arrivedAtMs ?? readyAtMs,
      readyAtMs,
    };
    this.#latestMs = frame.timestampMs;
    if (frame.key) this.#forgetIdr();
    this.#gop.push(frame, this.#isAnswer(frame));
    const isHeld = this.#hold(frame, performance.now());
    for (const { queue } of [...this.#viewers]) if (queue.offer(frame, isHeld)) this.#wantIdr();
  }

  /**
   * A call of the system for each viewer is what costs: sound leaves with the next picture, or by itself if none comes;
   * and before a crowd so do pictures that follow each other closely, but for IDRs. @returns whether this frame waits
   */
  #hold({ kind, key }: MediaFrame, nowMs: number): boolean {
    const crowdMs = this.#flushedAtMs + crowdHeldMs(this.#viewers.size) - nowMs;
    const isSound = kind === 'audio' && this.#headers.tracks.video;
    if (!isSound && (key || crowdMs <= HELD_LEAST_MS)) {
      this.#flushed(nowMs);
      return false;
    }
    this.#heldTimer ??= setTimeout(() => this.#pumpAll(), Math.max(isSound ? SOUND_HELD_MS : 0, crowdMs));
    return true;
  }

  #pumpAll(): void {
    this.#flushed(performance.now());
    for (const { queue } of [...this.#viewers]) queue.pump();
  }

  #flushed(nowMs: number): void {
    this.#flushedAtMs = nowMs;
    if (this.#heldTimer) clearTimeout(this.#heldTimer);
    this.#heldTimer = null;
  }

  /** Some encoders repeat their headers with each IDR: that changes nothing. */
  #setHeader(kind: 'video' | 'audio', body: Uint8Array): void {
    const before = this.#headers[kind];
    if (this.#flowing && !(before && Buffer.compare(before, body) === 0)) this.#epoch += 1;
    this.#headers = { ...this.#headers, [kind]: body };
    this.#tracks.header(kind, 0, body);
  }

  /** Coalesced: a request within the quiet time of the last is made up for at its end, unless an IDR came by itself. */
  #wantIdr(): void {
    const quietMs = this.#idrWantedAtMs + this.#limits.idrWantedEveryMs - performance.now();
    if (quietMs > 0) this.#idrTimer ??= setTimeout(() => this.#askForIdr(), quietMs);
    else this.#askForIdr();
  }

  #askForIdr(): void {
    this.#forgetIdr();
    if (!this.#publisher) return;
    this.#idrWantedAtMs = performance.now();
    this.#idrAwaited = true;
    if (!this.#isPart) this.counters.idrRequests += 1;
    if (this.#publisher.requestIdr) this.#publisher.requestIdr();
    else this.#onIdrWanted?.();
  }

  #isAnswer({ key }: MediaFrame): boolean {
    const isAnswer = key && this.#idrAwaited && performance.now() - this.#idrWantedAtMs < ANSWERED_MS;
    if (key) this.#idrAwaited = false;
    return isAnswer;
  }

  #forgetIdr(): void {
    if (this.#idrTimer) clearTimeout(this.#idrTimer);
    this.#idrTimer = null;
  }
}

const inspect = (kind: 'video' | 'audio', body: Uint8Array) => (kind === 'video' ? inspectVideo(body) : inspectAudio(body));
