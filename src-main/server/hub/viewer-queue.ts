/**
 * One viewer's place in a stream: a queue bounded in milliseconds and bytes between the hub and a socket. A socket that
 * is too slow costs its own viewer pictures, up to the next IDR, and nobody else anything.
 */
import { type MediaFrame, NO_HEADERS, type StreamHeaders, type Tracks } from './frame.ts';
import type { FrameBatch, LastFrames } from './frame-batch.ts';

export const VIEWER_PROTOCOLS = ['flv', 'ws-flv', 'hls', 'rtmp'] as const;
export type ViewerProtocol = (typeof VIEWER_PROTOCOLS)[number];

/** How a viewer's frames leave: HTTP-FLV or RTMP. */
export interface ViewerSink {
  /** left out: no viewer, but a part of this server */
  readonly protocol?: ViewerProtocol;
  /** false while the socket has no room; `ViewerQueue.pump` is called when it has again */
  readonly ready: boolean;
  /** @returns false when this connection cannot go over to these tracks; the viewer then has to connect anew */
  accepts(tracks: Tracks): boolean;
  write(tags: readonly OutgoingTag[], tracks: Tracks): void;
  /** What was written so far leaves now. With it, frames may wait a moment for each other; left out: a write leaves at once. */
  flush?(): void;
  /**
   * The frames of a batch leave now, to a viewer that has all that came before them.
   * @param baseMs what the viewer's times count from
   * @returns false when they have to be written one by one
   */
  writeBatch?(batch: FrameBatch, baseMs: number): boolean;
  /** the stream is over for this viewer; a socket that takes nothing is cut off */
  end(): void;
}

/** `timestampMs` counts from this viewer's first frame. */
export interface OutgoingTag {
  kind: 'script' | 'video' | 'audio';
  timestampMs: number;
  body: Uint8Array;
  /** of the frame in it; null in a header */
  frame: MediaFrame | null;
}

/** A larger batch is not worth copying: its bodies are written as they lie in memory. */
const SHARED_BYTES_MAX = 64 * 1_024;

export interface QueueLimits {
  viewerQueueMs: number;
  viewerQueueBytes: number;
}

export class ViewerQueue {
  readonly #sink: ViewerSink;
  readonly #limits: QueueLimits;
  #frames: MediaFrame[] = [];
  #bytes = 0;
  #waitingForKey = true;
  #baseMs: number | null = null;
  #sent: StreamHeaders = NO_HEADERS;
  #publication: number | null = null;
  #droppedFrames = 0;
  /** what a joiner's burst adds to the bound, until it has been sent */
  #burstMs = 0;
  #last: LastFrames = { video: null, audio: null };

  constructor(sink: ViewerSink, limits: QueueLimits) {
    this.#sink = sink;
    this.#limits = limits;
  }

  /** frames in the queue, in media time */
  get queuedMs(): number {
    const [first] = this.#frames;
    const last = this.#frames.at(-1);
    return first && last ? last.timestampMs - first.timestampMs : 0;
  }

  get droppedFrames(): number {
    return this.#droppedFrames;
  }

  /** nothing can be shown before an IDR comes */
  get waitingForKey(): boolean {
    return this.#waitingForKey;
  }

  /** bytes are waiting for a socket that takes none */
  get blocked(): boolean {
    return !this.#sink.ready;
  }

  /** The GOP so far, oldest first: a joiner's first picture. */
  join(frames: readonly MediaFrame[]): void {
    this.#frames.push(...frames);
    this.#bytes += frames.reduce((sum, frame) => sum + frame.body.length, 0);
    this.#waitingForKey = frames.length === 0;
    this.#burstMs = this.queuedMs;
    this.pump();
  }

  /** Another publisher begins: its pictures make sense from an IDR on. What is queued is still sent. */
  awaitKey(): void {
    this.#waitingForKey = true;
  }

  /** @returns true when the viewer lost its place by this frame, so that an IDR would help */
  offer(frame: MediaFrame): boolean {
    this.#take(frame);
    this.pump();
    return this.#overfull && this.#dropToKey();
  }

  /** The same for frames that leave together; most viewers have what came before, and get what the others get. */
  offerBatch(batch: FrameBatch): boolean {
    if (this.#isInStep(batch) && this.#sink.writeBatch?.(batch, this.#baseMs as number)) {
      this.#last = batch.to;
      return false;
    }
    for (const frame of batch.frames) this.#take(frame);
    this.pump();
    return this.#overfull && this.#dropToKey();
  }

  /** Passes on what the socket takes. Call again when it has drained. */
  pump(): void {
    do {
      while (this.#frames.length > 0 && this.#sink.ready) {
        const frame = this.#frames.shift() as MediaFrame;
        this.#bytes -= frame.body.length;
        if (!this.#sink.accepts(frame.headers.tracks)) {
          this.#clear();
          this.#sink.end();
          return;
        }
        this.#send(frame);
      }
      this.#sink.flush?.();
    } while (this.#frames.length > 0 && this.#sink.ready); // it was full only until it was flushed
    if (this.#frames.length === 0) this.#burstMs = 0;
  }

  #take(frame: MediaFrame): void {
    if (this.#waitingForKey && !frame.key) {
      this.#droppedFrames += this.#baseMs === null ? 0 : 1;
      return;
    }
    this.#waitingForKey = false;
    this.#frames.push(frame);
    this.#bytes += frame.body.length;
  }

  /** It has been sent the frames and the headers just before. */
  #isInStep({ bytes, headers, from, beginsTrack }: FrameBatch): boolean {
    if (beginsTrack || bytes > SHARED_BYTES_MAX) return false;
    const hasBefore = from.video === this.#last.video && from.audio === this.#last.audio && headers === this.#sent;
    return hasBefore && !this.#waitingForKey && this.#frames.length === 0 && this.#sink.ready;
  }

  get #overfull(): boolean {
    return this.queuedMs > this.#limits.viewerQueueMs + this.#burstMs || this.#bytes > this.#limits.viewerQueueBytes;
  }

  /** Keeps what begins with an IDR in the younger half of the queue; without one, waits for the next. */
  #dropToKey(): boolean {
    const last = this.#frames.at(-1) as MediaFrame;
    const at = this.#frames.findLastIndex((frame) => frame.key);
    const keyed = at > 0 ? this.#frames.slice(at) : [];
    const keeps = keyed.length > 0 && last.timestampMs - (keyed[0] as MediaFrame).timestampMs <= this.#limits.viewerQueueMs / 2;
    this.#droppedFrames += this.#frames.length - (keeps ? keyed.length : 0);
    this.#clear();
    if (keeps) {
      this.#frames = keyed;
      this.#bytes = keyed.reduce((sum, frame) => sum + frame.body.length, 0);
    }
    this.#waitingForKey = !keeps;
    return !keeps;
  }

  #clear(): void {
    this.#frames = [];
    this.#bytes = 0;
  }

  #send(frame: MediaFrame): void {
    this.#baseMs ??= frame.timestampMs;
    const timestampMs = frame.timestampMs - this.#baseMs;
    if (timestampMs < 0) return; // sound interleaved a little behind the first picture
    const tags = this.#newHeaders(frame);
    this.#last = { ...this.#last, [frame.kind]: frame };
    tags.push({ kind: frame.kind, timestampMs, body: frame.body, frame });
    this.#sink.write(tags, frame.headers.tracks);
  }

  /** Each has the time of its own kind, whichever frame brings it: sound and pictures are interleaved, and no kind's times fall. */
  #newHeaders(frame: MediaFrame): OutgoingTag[] {
    const { headers } = frame;
    if (headers === this.#sent) return [];
    // who reads on, forgets the headers of a publisher with him: another's are sent even where they are the very same
    const sent = frame.publication === this.#publication ? this.#sent : NO_HEADERS;
    const tags: OutgoingTag[] = [];
    const add = (kind: OutgoingTag['kind'], body: Uint8Array | null, before: Uint8Array | null) => {
      const track = kind === 'audio' ? 'audio' : 'video';
      const last = frame.kind === track ? frame : this.#last[track];
      const timestampMs = last ? last.timestampMs - (this.#baseMs as number) : 0;
      if (body && body !== before) tags.push({ kind, timestampMs, body, frame: null });
    };
    add('script', headers.metadata, sent.metadata);
    add('video', headers.video, sent.video);
    add('audio', headers.audio, sent.audio);
    this.#sent = headers;
    this.#publication = frame.publication;
    return tags;
  }
}
