/** One stream: at most one publisher, its headers, the GOP so far, and everyone who watches. */
import type { ServerStreamStats } from '../../process/server-contract.ts';
import type { AmfObject } from '../../wire/amf0.ts';
import { buildMetadata } from '../../wire/flv.ts';
import type { ServerLimits } from '../limits.ts';
import { StreamCounters } from '../metrics/stream-counters.ts';
import { type Downstream, NO_VIA, type Via } from '../relay/via.ts';
import { Audience, type AudienceLimits, type Viewer } from './audience.ts';
import { type MediaFrame, NO_HEADERS, type StreamHeaders } from './frame.ts';
import { GopCache } from './gop-cache.ts';
import { type IdrAnswer, IdrRequests } from './idr-requests.ts';
import { inspectAudio, inspectVideo } from './inspect.ts';
import type { FrameOrigin, PublisherHandle, PublisherLease } from './publisher.ts';
import { RateMeter } from './rate-meter.ts';
import { splitTracks } from './split-tracks.ts';
import { StreamTimeline } from './timeline.ts';
import { type TrackChoice, TrackStreams, withoutMaps } from './track-streams.ts';
import type { ViewerSink } from './viewer-queue.ts';

type Timeline = Pick<StreamTimeline, 'place' | 'restart'>;

type StreamLimits = AudienceLimits &
  Pick<ServerLimits, 'gopCacheBytes' | 'gopCacheMs' | 'freshGopMs' | 'idrWantedEveryMs' | 'takeOverAfterMs'>;

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
  readonly #audience: Audience;
  readonly #idrRequests: IdrRequests;
  #publisher: PublisherHandle | null = null;
  #publications = 0;
  #epoch = -1;
  #latestMs = 0;
  /** frames of this publisher have passed */
  #flowing = false;
  #headers: StreamHeaders = NO_HEADERS;
  #mediaAtMs = 0;
  /** where the stream is fetched from while somebody watches; null: it comes when a publisher sends it */
  origin: { wanted(): void; readonly hopsMax: number } | null = null;
  /** servers of ours that fetch it */
  readonly downstream = new Set<Downstream>();
  /** servers of ours through which its publisher came; empty for a publisher of its own */
  publishedVia: Via = NO_VIA;
  /** who watches the stream in another quality */
  renditions: { readonly viewers: number } | null = null;

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
    this.#audience = new Audience(limits, this.counters, () => this.#idrRequests.want());
    this.#idrRequests = new IdrRequests(limits.idrWantedEveryMs, () => this.#askForIdr());
    this.#timeline = part?.timeline ?? new StreamTimeline();
    this.#gop = new GopCache(limits);
    this.#tracks = new TrackStreams(() => new LiveStream(name, limits, () => this.#idrRequests.want(), { counters: this.counters }));
  }

  get publishing(): boolean {
    return this.#publisher !== null;
  }

  get viewers(): number {
    return this.#audience.people + this.#tracks.viewers + (this.renditions?.viewers ?? 0);
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
    this.#audience.awaitKey();
    const holds = () => this.#publisher === publisher;
    return {
      metadata: (entries) => void (holds() && this.#setMetadata(entries)),
      media: (kind, timestampMs, body, origin) => void (holds() && this.#media(kind, timestampMs, body, origin)),
      release: () => void (holds() && this.#release()),
    };
  }

  /** A viewer stays through breaks; before the first publisher it waits. @param audience how many people it counts for */
  watch(sink: ViewerSink, audience: () => number = () => 1): Viewer {
    this.origin?.wanted();
    if (this.#gop.spanMs > this.#limits.freshGopMs || (this.publishing && this.#gop.frames.length === 0)) this.#idrRequests.want();
    return this.#audience.join(sink, this.#gop.frames, audience);
  }

  /** A viewer lost its picture. Who asks at the same time as others, or soon after them, gets the same IDR. */
  requestIdr(): IdrAnswer {
    if (!this.#publisher) return 'not-publishing';
    if (!this.#publisher.requestIdr && !this.#onIdrWanted) return 'cannot';
    this.#idrRequests.want();
    return 'asked';
  }

  dismissPublisher(): void {
    this.#publisher?.dismiss();
    this.#release();
  }

  /** The stream is no longer served: everyone is let go. */
  close(): void {
    this.dismissPublisher();
    this.#audience.close();
    this.#tracks.close();
  }

  /** To be called each second: lets go whose network takes nothing, and who waited too long for a publisher. */
  tick(): void {
    this.#tracks.tick();
    this.#audience.tick(this.publishing);
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
    this.#audience.flush();
    this.#publisher = null;
    this.#tracks.release();
    this.#idrRequests.forget();
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
    const isAnswer = frame.key && this.#idrRequests.came();
    this.#gop.push(frame, isAnswer);
    this.#audience.give(frame, kind === 'audio' && this.#headers.tracks.video);
  }

  /** Some encoders repeat their headers with each IDR: that changes nothing. */
  #setHeader(kind: 'video' | 'audio', body: Uint8Array): void {
    const before = this.#headers[kind];
    if (this.#flowing && !(before && Buffer.compare(before, body) === 0)) this.#epoch += 1;
    this.#headers = { ...this.#headers, [kind]: body };
    this.#tracks.header(kind, 0, body);
  }

  /** @returns false: nobody publishes */
  #askForIdr(): boolean {
    if (!this.#publisher) return false;
    if (!this.#isPart) this.counters.idrRequests += 1;
    if (this.#publisher.requestIdr) this.#publisher.requestIdr();
    else this.#onIdrWanted?.();
    return true;
  }
}

const inspect = (kind: 'video' | 'audio', body: Uint8Array) => (kind === 'video' ? inspectVideo(body) : inspectAudio(body));
