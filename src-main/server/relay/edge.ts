/**
 * A stream that this server does not get from a publisher but fetches from another server while somebody watches: one
 * connection to the origin, however many viewers there are here.
 */
import type { LiveStream } from '../hub/live-stream.ts';
import type { PublisherLease } from '../hub/publisher.ts';
import type { ServerLimits } from '../limits.ts';
import type { RelayAddress } from './address.ts';
import { nextAttempt } from './back-off.ts';
import { askForKeyframe } from './keyframe-upstream.ts';
import { type Pull, pullFlv, pullRtmp } from './pull.ts';
import { formatVia, HOPS_MAX, joinVia } from './via.ts';

export class Edge {
  readonly address: RelayAddress;
  readonly #stream: LiveStream;
  readonly #limits: ServerLimits;
  readonly #log: (line: string) => void;
  readonly #ownId: string;
  #pull: Pull | null = null;
  #retry: NodeJS.Timeout | null = null;
  #failures = 0;
  #watchedAtMs = 0;
  #closed = false;
  #hopsMax = HOPS_MAX - 1;

  constructor(stream: LiveStream, address: RelayAddress, limits: ServerLimits, log: (line: string) => void, ownId: string) {
    this.#stream = stream;
    this.address = address;
    this.#limits = limits;
    this.#log = log;
    this.#ownId = ownId;
    stream.origin = this;
  }

  /** how many servers in a row may fetch the stream here, so that the origin takes this one behind them */
  get hopsMax(): number {
    return this.#hopsMax;
  }

  /** Somebody watches, or is about to. */
  wanted(): void {
    this.#watchedAtMs = performance.now();
    if (!this.#pull && !this.#retry && !this.#closed) this.#start();
  }

  /** To be called each second: lets the origin go a while after the last viewer has left. */
  tick(): void {
    if (this.#stream.viewers > 0) this.wanted();
    else if (performance.now() - this.#watchedAtMs > this.#limits.edgeIdleMs) this.#rest();
  }

  close(): void {
    this.#closed = true;
    this.#rest();
  }

  #rest(): void {
    if (this.#retry) clearTimeout(this.#retry);
    this.#retry = null;
    this.#failures = 0;
    this.#hopsMax = HOPS_MAX - 1;
    this.#pull?.close();
  }

  #start(): void {
    this.#retry = null;
    let lease: PublisherLease | null = null;
    let sinceMs: number | null = null;
    // the stream has no publisher before there is something to publish: who watches goes on waiting
    const feed = () => {
      if (sinceMs === null) this.#hopsMax = HOPS_MAX - 1; // what was wrong is so no more
      sinceMs ??= performance.now();
      lease ??= this.#stream.publish({ dismiss: () => pull.close(), ...askForKeyframe(this.address) });
      return lease;
    };
    const via = joinVia(
      [...this.#stream.downstream].map((downstream) => downstream.via),
      this.#ownId,
    );
    const pull: Pull = (this.address.protocol === 'rtmp' ? pullRtmp : pullFlv)(this.address, this.#limits, formatVia(via), {
      metadata: (entries) => feed()?.metadata(entries),
      media: (kind, timestampMs, body) => feed()?.media(kind, timestampMs, body),
      ended: (reason, isLoop) => {
        lease?.release();
        this.#pull = null;
        if (isLoop) this.#shorten(via.hops);
        this.#again(reason, sinceMs === null ? 0 : performance.now() - sinceMs);
      },
    });
    this.#pull = pull;
  }

  /** The origin refused a way so long: whoever made it that, made up or not, goes, and the others need not suffer for it. */
  #shorten(hops: number): void {
    this.#hopsMax = Math.max(0, Math.min(this.#hopsMax, hops - 2));
    for (const { via, letGo } of [...this.#stream.downstream]) if (via.hops > this.#hopsMax) letGo();
  }

  #again(reason: string, lastedMs: number): void {
    const { failures, waitMs } = nextAttempt(this.#failures, lastedMs);
    const unwatched = this.#stream.viewers === 0 && performance.now() - this.#watchedAtMs > this.#limits.edgeIdleMs;
    if (this.#closed || unwatched) return;
    this.#failures = failures;
    this.#log(`${this.#stream.name}: ${reason}; asked again in ${(waitMs / 1_000).toFixed(1)} s`);
    this.#retry = setTimeout(() => this.#start(), waitMs);
  }
}
