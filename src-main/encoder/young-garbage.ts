/**
 * Every picture arrives in fresh buffers of a megabyte and more that die at once. Little else is allocated, so V8's
 * cheap young collections hardly ever run, and the dead buffers pile up until they start a full collection: at 720p30
 * two to four a second were measured, of 10 ms and more. A young collection in time costs about half of one.
 *
 * The dead buffers must be given back within it, too: left to V8's background sweeper, they still count when the next
 * ones come, and both together pass the 16 MiB that start a full collection. At 720p30 those were eight a second, and
 * 5 ms of CPU a picture over all threads.
 */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** Two pictures of 1280x720, one of 1920x1080; the socket's chunks count as much again. */
const COLLECT_EVERY_BYTES = 2_700_000;

export class YoungGarbage {
  readonly #collect: (options: { type: 'minor' }) => void;
  #bytes = 0;

  constructor() {
    setFlagsFromString('--no-concurrent-array-buffer-sweeping');
    setFlagsFromString('--expose-gc');
    this.#collect = runInNewContext('gc');
    setFlagsFromString('--no-expose-gc');
  }

  /** A buffer of so many bytes is about to be dropped. */
  dropped(bytes: number): void {
    this.#bytes += bytes;
    if (this.#bytes < COLLECT_EVERY_BYTES) return;
    this.#bytes = 0;
    this.#collect({ type: 'minor' });
  }
}
