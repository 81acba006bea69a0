/**
 * One viewer's place in a stream: a queue bounded in milliseconds and bytes between the hub and a socket. A socket that
 * is too slow costs its own viewer pictures, up to the next IDR, and nobody else anything.
 */
import { type MediaFrame, NO_HEADERS, type StreamHeaders, type Tracks } from './frame.ts';

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
  /** What was written so far leaves now. With it, sound may wait a moment for the picture; left out: a write leaves at once. */
  flush?(): void;
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
  #droppedFrames = 0;
  /** what a joiner's burst adds to the bound, until it has been sent */
  #burstMs = 0;
  /** of what was sent last */
  readonly #lastMs = { video: 0, audio: 0 };

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

  /**
   * @param held it may wait for the next `offer` or `pump`, to leave together with what comes then
   * @returns true when the viewer lost its place by this frame, so that an IDR would help
   */
  offer(frame: MediaFrame, held = false): boolean {
    if (this.#waitingForKey && !frame.key) {
      this.#droppedFrames += this.#baseMs === null ? 0 : 1;
      return false;
    }
    this.#waitingForKey = false;
    this.#frames.push(frame);
    this.#bytes += frame.body.length;
    if (!held || !this.#sink.flush) this.pump();
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
    this.#lastMs[frame.kind] = timestampMs;
    const tags = this.#newHeaders(frame.headers);
    tags.push({ kind: frame.kind, timestampMs, body: frame.body, frame });
    this.#sink.write(tags, frame.headers.tracks);
  }

  /** Each has the time of its own kind, whichever frame brings it: sound and pictures are interleaved, and no kind's times fall. */
  #newHeaders(headers: StreamHeaders): OutgoingTag[] {
    if (headers === this.#sent) return [];
    const tags: OutgoingTag[] = [];
    const add = (kind: OutgoingTag['kind'], body: Uint8Array | null, sent: Uint8Array | null) => {
      const timestampMs = this.#lastMs[kind === 'audio' ? 'audio' : 'video'];
      if (body && body !== sent) tags.push({ kind, timestampMs, body, frame: null });
    };
    add('script', headers.metadata, this.#sent.metadata);
    add('video', headers.video, this.#sent.video);
    add('audio', headers.audio, this.#sent.audio);
    this.#sent = headers;
    return tags;
  }
}
