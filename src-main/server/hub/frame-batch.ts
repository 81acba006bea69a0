/** Frames that leave at the same moment, so that a viewer costs one call of the system for all of them. */
import type { MediaFrame, StreamHeaders } from './frame.ts';

/** a stream's last frame of each kind; null: none has come yet */
export type LastFrames = Readonly<Record<MediaFrame['kind'], MediaFrame | null>>;

export interface FrameBatch {
  /** at least one */
  readonly frames: readonly MediaFrame[];
  /** of their bodies */
  readonly bytes: number;
  /** what all of them need; null where they differ */
  readonly headers: StreamHeaders | null;
  /** the stream's very first frame of a kind is among them */
  readonly beginsTrack: boolean;
  /** the stream's before this batch, and with it */
  readonly from: LastFrames;
  readonly to: LastFrames;
}

/** Collects a stream's frames. */
export class BatchMaker {
  #frames: MediaFrame[] = [];
  #bytes = 0;
  #last: LastFrames = { video: null, audio: null };

  get bytes(): number {
    return this.#bytes;
  }

  add(frame: MediaFrame): void {
    this.#frames.push(frame);
    this.#bytes += frame.body.length;
  }

  /** @returns what has come since it was last called; null: nothing */
  take(): FrameBatch | null {
    const [frames, bytes, from] = [this.#frames, this.#bytes, this.#last];
    const [first] = frames;
    if (!first) return null;
    const last = (kind: MediaFrame['kind']) => frames.findLast((frame) => frame.kind === kind) ?? from[kind];
    this.#last = { video: last('video'), audio: last('audio') };
    this.#frames = [];
    this.#bytes = 0;
    const headers = frames.every((frame) => frame.headers === first.headers) ? first.headers : null;
    const beginsTrack = frames.some(({ kind }) => from[kind] === null);
    return { frames, bytes, headers, beginsTrack, from, to: this.#last };
  }
}

/** Makes something of a batch once for all viewers; it goes with the batch. */
export function oncePerBatch<T>(make: (batch: FrameBatch) => T): (batch: FrameBatch) => T {
  const made = new WeakMap<FrameBatch, { value: T }>();
  return (batch) => {
    const known = made.get(batch) ?? { value: make(batch) };
    made.set(batch, known);
    return known.value;
  };
}
