/** Who takes a stream over RTMP: a viewer that plays (rtmpdump, ffplay, VLC), or a server that it is published to. */
import type { Socket } from 'node:net';
import { encode } from '../../wire/amf0.ts';
import type { ChunkWriter, RtmpMessage } from '../../wire/rtmp/chunk.ts';
import { mediaMessage } from '../../wire/rtmp/message.ts';
import type { OutgoingTag, ViewerSink } from '../hub/viewer-queue.ts';
import { Gather } from './gather.ts';

/** asks a server to keep metadata for who comes later */
const SET_DATA_FRAME = encode(['@setDataFrame']);

export class RtmpSink implements ViewerSink {
  readonly protocol = 'rtmp';
  readonly #socket: Socket;
  readonly #writer: ChunkWriter;
  readonly #streamId: number;
  readonly #onEnd: () => void;
  readonly #asPublisher: boolean;
  readonly #gather = new Gather();

  /** @param onEnd the stream is over, or the socket takes nothing */
  constructor(socket: Socket, writer: ChunkWriter, streamId: number, onEnd: () => void, { asPublisher = false } = {}) {
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

  flush(): void {
    if (this.#gather.isEmpty) return;
    this.#socket.cork();
    for (const piece of this.#gather.take()) this.#socket.write(piece);
    this.#socket.uncork();
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
