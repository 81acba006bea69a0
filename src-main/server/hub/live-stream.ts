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
}

/** A publisher's right to feed the stream; every method does nothing once it is lost. */
export interface PublisherLease {
  /** the entries of onMetaData */
  metadata(entries: AmfObject): void;
  /** `body` is kept and shared: the caller never writes to it again */
  media(kind: 'video' | 'audio', timestampMs: number, body: Uint8Array): void;
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

export class LiveStream {
  readonly name: string;
  readonly counters: StreamCounters;
  /** what happens to it is counted by the stream that it belongs to */
  readonly #isPart: boolean;
  readonly #limits: StreamLimits;
  readonly #onIdrWanted: () => void;
  #gop: GopCache;
  readonly #timeline = new StreamTimeline();
  #rate = new RateMeter();
  readonly #tracks: TrackStreams<LiveStream>;
  readonly #viewers = new Set<Watching>();
  #publisher: PublisherHandle | null = null;
  #publications = 0;
  #headers: StreamHeaders = NO_HEADERS;
  #mediaAtMs = 0;
  /** where the stream is fetched from while somebody watches; null: it comes when a publisher sends it */
  origin: { wanted(): void } | null = null;
  #idrWantedAtMs = Number.NEGATIVE_INFINITY;
  #idrOwed = false;

  /** @param counters of the stream that this one is a part of */
  constructor(name: string, limits: StreamLimits, onIdrWanted: () => void, counters?: StreamCounters) {
    this.name = name;
    this.counters = counters ?? new StreamCounters();
    this.#isPart = counters !== undefined;
    this.#limits = limits;
    this.#onIdrWanted = onIdrWanted;
    this.#gop = new GopCache(limits);
    this.#tracks = new TrackStreams(() => new LiveStream(name, limits, () => this.#wantIdr(), this.counters));
  }

  get publishing(): boolean {
    return this.#publisher !== null;
  }

  get viewers(): number {
    let viewers = this.#tracks.viewers;
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
    this.#gop = new GopCache(this.#limits);
    for (const { queue } of this.#viewers) queue.awaitKey();
    const holds = () => this.#publisher === publisher;
    return {
      metadata: (entries) => void (holds() && this.#setMetadata(entries)),
      media: (kind, timestampMs, body) => void (holds() && this.#media(kind, timestampMs, body)),
      release: () => void (holds() && this.#release()),
    };
  }

  /** A viewer stays through breaks; before the first publisher it waits. @param audience how many people it counts for */
  watch(sink: ViewerSink, audience: () => number = () => 1): Viewer {
    const watching: Watching = { queue: new ViewerQueue(sink, this.#limits), sink, audience, movedAtMs: performance.now() };
    this.#viewers.add(watching);
    this.counters.join(watching);
    this.origin?.wanted();
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
    if (this.#idrOwed) this.#wantIdr();
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
    this.#publisher = null;
    this.#tracks.release();
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

  #media(kind: 'video' | 'audio', rawMs: number, body: Uint8Array): void {
    const nowMs = performance.now();
    this.#mediaAtMs = nowMs;
    this.#rate.add(nowMs, body.length);
    for (const one of splitTracks(kind, body)) {
      if (one.track === 0) this.#take(kind, rawMs, one.body);
      else if (inspect(kind, one.body).kind === 'header') this.#tracks.header(kind, one.track, one.body);
      this.#tracks.media(kind, one.track, rawMs, one.body);
    }
  }

  #take(kind: 'video' | 'audio', rawMs: number, body: Uint8Array): void {
    const found = inspect(kind, body);
    if (found.kind === 'ignored') return;
    if (!this.#headers.tracks[kind]) this.#headers = { ...this.#headers, tracks: { ...this.#headers.tracks, [kind]: true } };
    if (found.kind === 'header') {
      this.#headers = { ...this.#headers, [kind]: body };
      this.#tracks.header(kind, 0, body);
      return;
    }
    const frame: MediaFrame = {
      kind,
      timestampMs: this.#timeline.place(kind, rawMs),
      compositionMs: found.compositionMs,
      key: kind === 'video' ? found.key : !this.#headers.tracks.video,
      body,
      headers: this.#headers,
      publication: this.#publications,
      arrivedAtMs: Date.now(),
    };
    if (frame.key) this.#idrOwed = false;
    this.#gop.push(frame);
    for (const { queue } of [...this.#viewers]) if (queue.offer(frame)) this.#wantIdr();
  }

  /** Coalesced: a request within the quiet time of the last is made up for at its end, unless an IDR came by itself. */
  #wantIdr(): void {
    const nowMs = performance.now();
    this.#idrOwed = nowMs - this.#idrWantedAtMs < this.#limits.idrWantedEveryMs;
    if (this.#idrOwed || !this.#publisher) return;
    this.#idrWantedAtMs = nowMs;
    if (!this.#isPart) this.counters.idrRequests += 1;
    this.#onIdrWanted();
  }
}

const inspect = (kind: 'video' | 'audio', body: Uint8Array) => (kind === 'video' ? inspectVideo(body) : inspectAudio(body));
