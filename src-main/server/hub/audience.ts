/** Who watches a stream: each has a queue of its own; which frames leave together, and when, is decided for all. */
import type { ServerLimits } from '../limits.ts';
import type { StreamCounters } from '../metrics/stream-counters.ts';
import type { MediaFrame } from './frame.ts';
import { BatchMaker } from './frame-batch.ts';
import { ViewerQueue, type ViewerSink } from './viewer-queue.ts';

export interface Viewer {
  /** the socket has room again */
  pump(): void;
  leave(): void;
}

export type AudienceLimits = Pick<ServerLimits, 'viewerQueueMs' | 'viewerQueueBytes' | 'viewerStalledMs' | 'viewerWaitsMs'>;

interface Watching {
  queue: ViewerQueue;
  sink: ViewerSink;
  /** how many people are behind it: an HLS output has as many as ask it for playlists */
  audience: () => number;
  /** when its socket last took something, or it began to wait */
  movedAtMs: number;
}

/** longer than a picture lasts at 25 fps, shorter than anyone hears */
const SOUND_HELD_MS = 40;
/** not worth a timer */
const HELD_LEAST_MS = 5;
/** up to so many viewers every picture leaves at once */
const CROWD_VIEWERS = 50;
const CROWD_HELD_MAX_MS = 120;
/** more gains nothing by waiting: what it costs then is the bytes */
const HELD_BYTES_MAX = 32 * 1_024;

/** From 50 to 170 viewers a millisecond each: what a picture waits then is less than a player keeps in hand. */
function crowdHeldMs(viewers: number): number {
  return Math.min(CROWD_HELD_MAX_MS, Math.max(0, viewers - CROWD_VIEWERS));
}

export class Audience {
  readonly #limits: AudienceLimits;
  readonly #counters: StreamCounters;
  readonly #onLost: () => void;
  /** those behind a socket, before whom frames wait for each other */
  readonly #viewers = new Set<Watching>();
  /** what this server makes of the stream: HLS, renditions; these have each frame at once */
  readonly #parts = new Set<Watching>();
  readonly #batches = new BatchMaker();
  #timer: NodeJS.Timeout | null = null;
  #flushedAtMs = Number.NEGATIVE_INFINITY;

  /** @param onLost a viewer lost its place, so that an IDR would help */
  constructor(limits: AudienceLimits, counters: StreamCounters, onLost: () => void) {
    this.#limits = limits;
    this.#onLost = onLost;
    this.#counters = counters;
  }

  get people(): number {
    let people = 0;
    for (const { audience } of this.#all()) people += audience();
    return people;
  }

  /** @param frames the GOP so far, its first picture @param audience how many people it counts for */
  join(sink: ViewerSink, frames: readonly MediaFrame[], audience: () => number): Viewer {
    const watching: Watching = { queue: new ViewerQueue(sink, this.#limits), sink, audience, movedAtMs: performance.now() };
    const place = sink.flush ? this.#viewers : this.#parts;
    this.flush(); // what the others still wait for is part of the GOP
    place.add(watching);
    if (sink.protocol) this.#counters.join(watching); // what the server makes of the stream for itself is no viewer
    watching.queue.join(frames);
    return {
      pump: () => {
        watching.movedAtMs = performance.now(); // slow perhaps, but it takes what it is given
        watching.queue.pump();
      },
      leave: () => {
        place.delete(watching);
        this.#counters.leave(watching);
      },
    };
  }

  /** @param waitsForPicture sound of a stream that has pictures */
  give(frame: MediaFrame, waitsForPicture: boolean): void {
    for (const { queue } of this.#parts) if (queue.offer(frame)) this.#onLost();
    this.#batches.add(frame);
    const heldMs = this.#heldMs(frame, waitsForPicture);
    if (heldMs > 0) this.#timer ??= setTimeout(() => this.flush(), heldMs);
    else this.flush();
  }

  /** Whatever was held back leaves. */
  flush(): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    this.#flushedAtMs = performance.now();
    const batch = this.#batches.take();
    if (!batch) return;
    let isLost = false;
    for (const { queue } of this.#viewers) isLost = queue.offerBatch(batch) || isLost;
    if (isLost) this.#onLost();
  }

  /** Another publisher begins. */
  awaitKey(): void {
    this.flush();
    for (const { queue } of this.#all()) queue.awaitKey();
  }

  /** To be called each second: lets go whose network takes nothing, and who waited too long for a publisher. */
  tick(isPublishing: boolean): void {
    const nowMs = performance.now();
    for (const watching of this.#all()) {
      const limitMs = watching.queue.blocked ? this.#limits.viewerStalledMs : this.#limits.viewerWaitsMs;
      if (!watching.queue.blocked && isPublishing) watching.movedAtMs = nowMs;
      else if (nowMs - watching.movedAtMs > limitMs) watching.sink.end();
    }
  }

  /** The stream is no longer served. */
  close(): void {
    for (const { sink } of this.#all()) sink.end();
    this.#viewers.clear();
    this.#parts.clear();
  }

  #all(): Watching[] {
    return [...this.#viewers, ...this.#parts];
  }

  /**
   * A call of the system for each viewer is what costs: sound leaves with the next picture, or by itself if none comes;
   * and before a crowd so do pictures that follow each other closely, but for IDRs.
   * @returns how long this frame may wait; 0: it leaves now, with all that waits
   */
  #heldMs({ key }: MediaFrame, waitsForPicture: boolean): number {
    const crowdMs = this.#flushedAtMs + crowdHeldMs(this.#viewers.size) - performance.now();
    if (this.#viewers.size === 0 || this.#batches.bytes > HELD_BYTES_MAX) return 0;
    if (waitsForPicture) return Math.max(SOUND_HELD_MS, crowdMs);
    return key || crowdMs <= HELD_LEAST_MS ? 0 : crowdMs;
  }
}
