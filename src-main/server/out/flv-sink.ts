/**
 * An endless FLV file, as the body of a response or as messages. Batches of small frames leave in a buffer for all
 * viewers; other bodies are written as they are, between small headers of their own. So a frame is in memory once or
 * twice, whatever the number of viewers.
 */
import type { ServerResponse } from 'node:http';
import type { Writable } from 'node:stream';
import { encode } from '../../wire/amf0.ts';
import { buildFileHeader, TAG, TAG_HEADER_BYTES } from '../../wire/flv.ts';
import type { MediaFrame, Tracks } from '../hub/frame.ts';
import { type FrameBatch, oncePerBatch } from '../hub/frame-batch.ts';
import type { OutgoingTag, ViewerSink } from '../hub/viewer-queue.ts';
import { BatchTags } from './batch-tags.ts';
import { Gather } from './gather.ts';

/**
 * Script tag with the server's wall clock, for the page's latency figure:
 * `{ timestampMs, serverTimeMs, readyTimeMs, sentTimeMs }` = a picture's presentation time in this response, when it came to
 * the server, when it was ready for viewers (of a rung: encoded), and when it went on to this one.
 * Only for who asks: other players take it for a track of its own.
 */
const TIME_REFERENCE = 'onTidecastTime';
const TIME_REFERENCE_EVERY_MS = 500;

const tagsOf = oncePerBatch((batch) => new BatchTags(batch));

/** Where the file goes. */
export interface FlvTarget {
  /** whether the viewer's network takes more */
  readonly ready: boolean;
  /**
   * Everything for one moment; pieces are written as they are, and may be shared with other viewers.
   * @returns whether the system has taken all: if not, the pieces must stay as they are
   */
  write(pieces: readonly Uint8Array[]): boolean;
  end(): void;
}

export class FlvSink implements ViewerSink {
  readonly protocol: 'flv' | 'ws-flv';
  readonly #target: FlvTarget;
  readonly #timeReferences: boolean;
  readonly #gather = new Gather();
  #tracks: Tracks | null = null;
  #referenceAtMs = Number.NEGATIVE_INFINITY;

  constructor(protocol: 'flv' | 'ws-flv', target: FlvTarget, options: { timeReferences: boolean }) {
    this.protocol = protocol;
    this.#target = target;
    this.#timeReferences = options.timeReferences;
  }

  get ready(): boolean {
    return !this.#gather.isFull && this.#target.ready;
  }

  /** The file header says once which tracks follow. */
  accepts(tracks: Tracks): boolean {
    return this.#tracks === null || (tracks.video === this.#tracks.video && tracks.audio === this.#tracks.audio);
  }

  write(tags: readonly OutgoingTag[], tracks: Tracks): void {
    if (this.#tracks === null) this.#gather.add(buildFileHeader(tracks));
    this.#tracks = tracks;
    for (const { kind, timestampMs, body, frame } of tags) {
      if (frame) this.#addReference(frame, timestampMs);
      addTag(this.#gather, kind, timestampMs, body);
    }
  }

  writeBatch(batch: FrameBatch, baseMs: number): boolean {
    const { frames } = batch;
    const timed = frames.find(({ key }) => key) ?? frames.find(({ kind }) => kind === 'video') ?? (frames[0] as MediaFrame);
    this.#addReference(timed, timed.timestampMs - baseMs, (frames[0] as MediaFrame).timestampMs - baseMs);
    const tags = tagsOf(batch);
    this.#gather.add(tags.since(baseMs));
    if (!this.#target.write(this.#gather.take())) tags.keep();
    return true;
  }

  flush(): void {
    if (!this.#gather.isEmpty) this.#target.write(this.#gather.take());
  }

  end(): void {
    this.flush();
    this.#target.end();
  }

  /** @param tagMs of the tag before which it is written: times do not fall */
  #addReference(frame: MediaFrame, timestampMs: number, tagMs = timestampMs): void {
    if (!this.#wantsReference(frame, timestampMs)) return;
    const { compositionMs, arrivedAtMs: serverTimeMs, readyAtMs: readyTimeMs } = frame;
    const reference = { timestampMs: timestampMs + compositionMs, serverTimeMs, readyTimeMs, sentTimeMs: Date.now() };
    addTag(this.#gather, 'script', tagMs, encode([TIME_REFERENCE, reference]));
  }

  #wantsReference(frame: MediaFrame, timestampMs: number): boolean {
    if (!this.#timeReferences) return false;
    if (frame.kind === 'audio' && this.#tracks?.video) return false;
    if (!frame.key && timestampMs - this.#referenceAtMs < TIME_REFERENCE_EVERY_MS) return false;
    this.#referenceAtMs = timestampMs;
    return true;
  }
}

/** @see Adobe, Video File Format Specification 10.1, E.4.1 */
function addTag(gather: Gather, kind: OutgoingTag['kind'], timestampMs: number, body: Uint8Array): void {
  gather.u32(TAG[kind] * 2 ** 24 + body.length);
  gather.u32((timestampMs & 0xffffff) * 2 ** 8 + ((timestampMs >>> 24) & 0xff));
  gather.u24(0); // stream id
  gather.add(body);
  gather.u32(TAG_HEADER_BYTES + body.length);
}

/** HTTP-FLV: the file as the body of a response. */
export class ResponseTarget implements FlvTarget {
  readonly #response: ServerResponse;
  readonly #socket: Writable;

  /**
   * @param response with its headers sent, and without transfer coding
   * @param socket whose back-pressure is the viewer's: the connection, or of HTTP/2 one stream of it
   */
  constructor(response: ServerResponse, socket: Writable) {
    this.#response = response;
    this.#socket = socket;
  }

  get ready(): boolean {
    return this.#socket.writable && !this.#socket.writableNeedDrain;
  }

  write(pieces: readonly Uint8Array[]): boolean {
    // past the response, which has nothing to add: it would take as long as the system does
    if (pieces.length > 1) this.#socket.cork();
    for (const piece of pieces) this.#socket.write(piece);
    if (pieces.length > 1) this.#socket.uncork();
    return this.#socket.writableLength === 0;
  }

  end(): void {
    if (this.ready) this.#response.end();
    else this.#socket.destroy();
  }
}
