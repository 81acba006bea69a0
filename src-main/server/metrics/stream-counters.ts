/** What a stream has come to since it is served, and who watches it now: of all its tracks and renditions together. */
import type { ViewerProtocol } from '../hub/viewer-queue.ts';

interface Watched {
  readonly sink: { readonly protocol?: ViewerProtocol };
  readonly queue: { readonly queuedMs: number; readonly droppedFrames: number };
  readonly audience: () => number;
}

export class StreamCounters {
  /** publishers that came; each after the first is a return or a hand-over */
  publications = 0;
  idrRequests = 0;
  readonly #viewers = new Set<Watched>();
  #droppedOfLeft = 0;

  join(viewer: Watched): void {
    this.#viewers.add(viewer);
  }

  leave(viewer: Watched): void {
    if (this.#viewers.delete(viewer)) this.#droppedOfLeft += viewer.queue.droppedFrames;
  }

  viewersBy(protocol: ViewerProtocol): number {
    let viewers = 0;
    for (const { sink, audience } of this.#viewers) if (sink.protocol === protocol) viewers += audience();
    return viewers;
  }

  /** media that waits for viewers */
  get queues(): { longestMs: number; meanMs: number } {
    const waitingMs = [...this.#viewers].map(({ queue }) => queue.queuedMs);
    const sumMs = waitingMs.reduce((sum, ms) => sum + ms, 0);
    return { longestMs: Math.max(0, ...waitingMs), meanMs: waitingMs.length > 0 ? sumMs / waitingMs.length : 0 };
  }

  /** that viewers went without, those who have left included */
  get droppedFrames(): number {
    let dropped = this.#droppedOfLeft;
    for (const { queue } of this.#viewers) dropped += queue.droppedFrames;
    return dropped;
  }
}
