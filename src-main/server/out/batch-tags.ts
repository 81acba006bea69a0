/**
 * A batch as FLV tags. Times count from each viewer's first picture, so that in the tags they alone differ: all viewers
 * are written from one buffer, in which the times are set before it is a viewer's turn.
 */
import { ByteWriter } from '../../wire/byte-writer.ts';
import { setTagTime, TAG, TAG_BYTES, writeTag } from '../../wire/flv.ts';
import type { FrameBatch } from '../hub/frame-batch.ts';

export class BatchTags {
  readonly #batch: FrameBatch;
  #bytes: Buffer;
  #baseMs = 0;
  #isKept = false;

  constructor(batch: FrameBatch) {
    const tags = new ByteWriter(batch.bytes + batch.frames.length * TAG_BYTES);
    for (const { kind, timestampMs, body } of batch.frames) writeTag(tags, { type: TAG[kind], timestampMs, data: body });
    const { buffer, byteOffset, length } = tags.finish();
    this.#batch = batch;
    this.#bytes = Buffer.from(buffer, byteOffset, length);
  }

  /** @returns the tags in times that count from `baseMs`, until it is called again, unless they are kept */
  since(baseMs: number): Buffer {
    if (baseMs === this.#baseMs) return this.#bytes;
    if (this.#isKept) this.#bytes = Buffer.from(this.#bytes);
    this.#isKept = false;
    this.#baseMs = baseMs;
    let at = 0;
    for (const { timestampMs, body } of this.#batch.frames) {
      setTagTime(this.#bytes, at, timestampMs - baseMs);
      at += TAG_BYTES + body.length;
    }
    return this.#bytes;
  }

  /** The system will read what `since` returned last later on. */
  keep(): void {
    this.#isKept = true;
  }
}
