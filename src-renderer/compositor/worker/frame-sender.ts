/** Hands pictures to the encoder: at most MEDIA_CREDITS of them unanswered, so that a slow encoder costs ticks, never memory. */
import { MEDIA_CREDITS, MEDIA_HEADER_BYTES, type MediaReply, type VideoFrame420, writeVideoHeader } from '../../../src-shared/ipc/media.ts';
import { Samples } from '../../../src-shared/samples.ts';
import { i420Bytes } from '../../../src-shared/units.ts';
import type { MediaLink } from '../link/media-link.ts';

export type PictureStamp = Pick<VideoFrame420, 'tick' | 'captureTimeUs' | 'cameraTimeUs'>;

export class FrameSender {
  readonly transportMs = new Samples();
  readonly #link: MediaLink;
  /** ticks on their way, and when they were sent */
  readonly #unanswered = new Map<number, number>();
  /** One message, used again for each picture: a WebSocket and a MessagePort copy it while they take it. */
  #message = new Uint8Array(0);
  #widthPx = 0;
  #heightPx = 0;

  constructor(link: MediaLink) {
    this.#link = link;
  }

  resize(widthPx: number, heightPx: number): void {
    this.#widthPx = widthPx;
    this.#heightPx = heightPx;
    this.#message = new Uint8Array(MEDIA_HEADER_BYTES + i420Bytes(widthPx, heightPx));
  }

  /** where the picture's planes belong before `send` */
  get planes(): Uint8Array {
    return this.#message.subarray(MEDIA_HEADER_BYTES);
  }

  get isReady(): boolean {
    return this.#link.channel !== null && this.#unanswered.size < MEDIA_CREDITS;
  }

  send(times: PictureStamp): void {
    const { tick } = times;
    writeVideoHeader(this.#message, { widthPx: this.#widthPx, heightPx: this.#heightPx, ...times });
    this.#unanswered.set(tick, performance.now());
    this.#link.channel?.sendBytes(this.#message);
  }

  onReply(reply: MediaReply): void {
    if (reply.type !== 'ack') return;
    const sentMs = this.#unanswered.get(reply.tick);
    if (sentMs !== undefined) this.transportMs.add(performance.now() - sentMs);
    this.#unanswered.delete(reply.tick);
  }

  /** a new connection begins with all its credits */
  onOpen(): void {
    this.#unanswered.clear();
  }
}
