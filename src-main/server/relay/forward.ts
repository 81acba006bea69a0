/** Publishes one of this server's streams to another server, such as the origin of a cluster, while it is on the air. */
import type { Viewer } from '../hub/audience.ts';
import type { LiveStream } from '../hub/live-stream.ts';
import type { ServerLimits } from '../limits.ts';
import { RtmpSink } from '../out/rtmp-sink.ts';
import type { RelayAddress } from './address.ts';
import { nextAttempt } from './back-off.ts';
import { RtmpClient } from './rtmp-client.ts';
import { formatVia, joinVia } from './via.ts';

export class Forward {
  readonly address: RelayAddress;
  readonly #stream: LiveStream;
  readonly #limits: ServerLimits;
  readonly #log: (line: string) => void;
  readonly #ownId: string;
  #client: RtmpClient | null = null;
  #viewer: Viewer | null = null;
  #retry: NodeJS.Timeout | null = null;
  #failures = 0;
  #silentAtMs: number | null = null;
  #closed = false;

  constructor(stream: LiveStream, address: RelayAddress, limits: ServerLimits, log: (line: string) => void, ownId: string) {
    this.#stream = stream;
    this.address = address;
    this.#limits = limits;
    this.#log = log;
    this.#ownId = ownId;
  }

  /** the other server takes the stream now */
  get connected(): boolean {
    return this.#viewer !== null;
  }

  /** To be called each second. */
  tick(): void {
    if (this.#stream.publishing) {
      this.#silentAtMs = null;
      if (!this.#client && !this.#retry && !this.#closed) this.#start();
      return;
    }
    this.#silentAtMs ??= performance.now();
    if (this.#retry) clearTimeout(this.#retry);
    this.#retry = null;
    this.#failures = 0;
    // a publisher that returns soon finds the connection still there
    if (performance.now() - this.#silentAtMs > this.#limits.forwardIdleMs) this.#client?.close();
  }

  close(): void {
    this.#closed = true;
    if (this.#retry) clearTimeout(this.#retry);
    this.#client?.close();
  }

  #start(): void {
    this.#retry = null;
    let sinceMs: number | null = null;
    const how = { action: 'publish', via: formatVia(joinVia([this.#stream.publishedVia], this.#ownId)) } as const;
    const client = new RtmpClient(this.address, how, this.#limits, {
      started: () => {
        sinceMs = performance.now();
        const sink = new RtmpSink(client.socket, client.writer, client.streamId, () => client.close(), { asPublisher: true });
        this.#viewer = this.#stream.watch(sink, () => 0);
      },
      metadata: () => {},
      media: () => {},
      drain: () => this.#viewer?.pump(),
      ended: (reason) => {
        this.#viewer?.leave();
        this.#viewer = null;
        this.#client = null;
        this.#again(reason, sinceMs === null ? 0 : performance.now() - sinceMs);
      },
    });
    this.#client = client;
  }

  #again(reason: string, lastedMs: number): void {
    if (this.#closed || !this.#stream.publishing) return;
    const { failures, waitMs } = nextAttempt(this.#failures, lastedMs);
    this.#failures = failures;
    this.#log(`${this.#stream.name}: ${reason}; forwarded again in ${(waitMs / 1_000).toFixed(1)} s`);
    this.#retry = setTimeout(() => this.#start(), waitMs);
  }
}
