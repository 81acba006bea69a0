/** A viewer over RTMP `play`: rtmpdump, ffplay, VLC. */
import type { Socket } from 'node:net';
import type { ChunkWriter } from '../../wire/rtmp/chunk.ts';
import { mediaMessage } from '../../wire/rtmp/message.ts';
import type { OutgoingTag, ViewerSink } from '../hub/viewer-queue.ts';

export class RtmpSink implements ViewerSink {
  readonly protocol = 'rtmp';
  readonly #socket: Socket;
  readonly #writer: ChunkWriter;
  readonly #streamId: number;
  readonly #onEnd: () => void;

  /** @param onEnd the stream is over, or the socket takes nothing */
  constructor(socket: Socket, writer: ChunkWriter, streamId: number, onEnd: () => void) {
    this.#socket = socket;
    this.#writer = writer;
    this.#streamId = streamId;
    this.#onEnd = onEnd;
  }

  get ready(): boolean {
    return this.#socket.writable && !this.#socket.writableNeedDrain;
  }

  /** Messages announce no tracks. */
  accepts(): boolean {
    return true;
  }

  write(tags: readonly OutgoingTag[]): void {
    this.#socket.cork();
    for (const { kind, timestampMs, body } of tags) {
      this.#socket.write(this.#writer.write(mediaMessage(kind === 'script' ? 'data' : kind, this.#streamId, timestampMs, body)));
    }
    this.#socket.uncork();
  }

  end(): void {
    if (this.ready) this.#onEnd();
    else this.#socket.destroy();
  }
}
