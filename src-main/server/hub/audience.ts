/** Who watches a stream: each has a queue of its own and is given each frame; when frames leave is decided for all. */
import type { ServerLimits } from '../limits.ts';
import type { StreamCounters } from '../metrics/stream-counters.ts';
import type { MediaFrame } from './frame.ts';
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
const CROWD_HELD_MAX_MS = 150;

/** From 50 to 200 viewers a millisecond each: what a picture waits then is less than a player keeps in hand. */
function crowdHeldMs(viewers: number): number {
  return Math.min(CROWD_HELD_MAX_MS, Math.max(0, viewers - CROWD_VIEWERS));
}

export class Audience {
  readonly #limits: AudienceLimits;
  readonly #counters: StreamCounters;
  readonly #watching = new Set<Watching>();
  #timer: NodeJS.Timeout | null = null;
  #flushedAtMs = Number.NEGATIVE_INFINITY;

  constructor(limits: AudienceLimits, counters: StreamCounters) {
    this.#limits = limits;
    this.#counters = counters;
  }

  get people(): number {
    let people = 0;
    for (const { audience } of this.#watching) people += audience();
    return people;
  }

  /** @param frames the GOP so far, its first picture @param audience how many people it counts for */
  join(sink: ViewerSink, frames: readonly MediaFrame[], audience: () => number): Viewer {
    const watching: Watching = { queue: new ViewerQueue(sink, this.#limits), sink, audience, movedAtMs: performance.now() };
    this.#watching.add(watching);
    if (sink.protocol) this.#counters.join(watching); // what the server makes of the stream for itself is no viewer
    watching.queue.join(frames);
    return {
      pump: () => {
        watching.movedAtMs = performance.now(); // slow perhaps, but it takes what it is given
        watching.queue.pump();
      },
      leave: () => {
        this.#watching.delete(watching);
        this.#counters.leave(watching);
      },
    };
  }

  /** @param waitsForPicture sound of a stream that has pictures @returns whether someone lost its place, so that an IDR would help */
  give(frame: MediaFrame, waitsForPicture: boolean): boolean {
    const isHeld = this.#hold(frame, waitsForPicture, performance.now());
    let isLost = false;
    for (const { queue } of [...this.#watching]) isLost = queue.offer(frame, isHeld) || isLost;
    return isLost;
  }

  /** Whatever was held back leaves. */
  flush(): void {
    this.#flushed(performance.now());
    for (const { queue } of [...this.#watching]) queue.pump();
  }

  /** Another publisher begins. */
  awaitKey(): void {
    for (const { queue } of this.#watching) queue.awaitKey();
  }

  /** To be called each second: lets go whose network takes nothing, and who waited too long for a publisher. */
  tick(isPublishing: boolean): void {
    const nowMs = performance.now();
    for (const watching of [...this.#watching]) {
      const limitMs = watching.queue.blocked ? this.#limits.viewerStalledMs : this.#limits.viewerWaitsMs;
      if (!watching.queue.blocked && isPublishing) watching.movedAtMs = nowMs;
      else if (nowMs - watching.movedAtMs > limitMs) watching.sink.end();
    }
  }

  /** The stream is no longer served. */
  close(): void {
    for (const { sink } of [...this.#watching]) sink.end();
    this.#watching.clear();
  }

  /**
   * A call of the system for each viewer is what costs: sound leaves with the next picture, or by itself if none comes;
   * and before a crowd so do pictures that follow each other closely, but for IDRs. @returns whether this frame waits
   */
  #hold({ key }: MediaFrame, waitsForPicture: boolean, nowMs: number): boolean {
    const crowdMs = this.#flushedAtMs + crowdHeldMs(this.#watching.size) - nowMs;
    if (!waitsForPicture && (key || crowdMs <= HELD_LEAST_MS)) {
      this.#flushed(nowMs);
      return false;
    }
    this.#timer ??= setTimeout(() => this.flush(), Math.max(waitsForPicture ? SOUND_HELD_MS : 0, crowdMs));
    return true;
  }

  #flushed(nowMs: number): void {
    this.#flushedAtMs = nowMs;
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
  }
}
