/** Who takes a stream over RTMP: a viewer that plays (rtmpdump, ffplay, VLC), or a server that it is published to. */
import type { Writable } from 'node:stream';
import { encode } from '../../wire/amf0.ts';
import { ChunkWriter, type RtmpMessage } from '../../wire/rtmp/chunk.ts';
import { CHUNK_STREAM, mediaMessage } from '../../wire/rtmp/message.ts';
import { type FrameBatch, oncePerBatch } from '../hub/frame-batch.ts';
import type { OutgoingTag, ViewerSink } from '../hub/viewer-queue.ts';
import { Gather } from './gather.ts';

/** asks a server to keep metadata for who comes later */
const SET_DATA_FRAME = encode(['@setDataFrame']);
const KINDS = ['video', 'audio'] as const;
const messagesOf = oncePerBatch(writeMessages);

export class RtmpSink implements ViewerSink {
  readonly protocol = 'rtmp';
  readonly #socket: Writable;
  readonly #writer: ChunkWriter;
  readonly #streamId: number;
  readonly #onEnd: () => void;
  readonly #asPublisher: boolean;
  readonly #gather = new Gather();

  /** @param onEnd the stream is over, or the socket takes nothing */
  constructor(socket: Writable, writer: ChunkWriter, streamId: number, onEnd: () => void, { asPublisher = false } = {}) {
    this.#socket = socket;
    this.#writer = writer;
    this.#streamId = streamId;
    this.#onEnd = onEnd;
    this.#asPublisher = asPublisher;
  }

  get ready(): boolean {
    return !this.#gather.isFull && this.#socket.writable && !this.#socket.writableNeedDrain;
  }

  /** Messages announce no tracks. */
  accepts(): boolean {
    return true;
  }

  write(tags: readonly OutgoingTag[]): void {
    for (const { kind, timestampMs, body } of tags) {
      const message = kind === 'script' ? this.#script(timestampMs, body) : mediaMessage(kind, this.#streamId, timestampMs, body);
      for (const piece of this.#writer.pieces(message)) this.#gather.add(piece);
    }
  }

  /**
   * After the first, a message says only how much later it is than the one before: the same for all, unless another stream of
   * the connection was written since.
   */
  writeBatch(batch: FrameBatch, baseMs: number): boolean {
    const { from, to } = batch;
    const stands = KINDS.every(
      (kind) => !from[kind] || this.#writer.stands(position(kind, this.#streamId, from[kind].timestampMs - baseMs)),
    );
    if (!stands || batch.bytes > this.#writer.chunkSize) return false;
    this.#gather.add(messagesOf(batch));
    for (const kind of KINDS) if (to[kind]) this.#writer.follow(position(kind, this.#streamId, to[kind].timestampMs - baseMs));
    this.flush();
    return true;
  }

  flush(): void {
    if (this.#gather.isEmpty) return;
    const pieces = this.#gather.take();
    if (pieces.length > 1) this.#socket.cork();
    for (const piece of pieces) this.#socket.write(piece);
    if (pieces.length > 1) this.#socket.uncork();
  }

  #script(timestampMs: number, body: Uint8Array): RtmpMessage {
    const payload = this.#asPublisher ? Uint8Array.of(...SET_DATA_FRAME, ...body) : body;
    return mediaMessage('data', this.#streamId, timestampMs, payload);
  }

  end(): void {
    this.flush();
    if (this.ready) this.#onEnd();
    else this.#socket.destroy();
  }
}

/** For who has been sent the messages before; in one chunk each. With headers of type 1, which do not name the stream (5.3.1.2.2). */
function writeMessages({ frames, from, bytes }: FrameBatch): Buffer {
  const writer = new ChunkWriter();
  writer.setChunkSize(bytes);
  for (const kind of KINDS) if (from[kind]) writer.follow(position(kind, 0, from[kind].timestampMs));
  return Buffer.concat(frames.flatMap(({ kind, timestampMs, body }) => writer.pieces(mediaMessage(kind, 0, timestampMs, body))));
}

function position(kind: 'video' | 'audio', streamId: number, timestampMs: number) {
  return { chunkStreamId: CHUNK_STREAM[kind], streamId, timestampMs };
}
