/** Makes the flat list of figures out of what the parts tell. Counters become what came in the last minute. */
import type { EncoderStats, MetricValues, PublisherStatus } from '../../../src-shared/domain/index.ts';
import type { ServerFigures } from '../../process/server-contract.ts';

const MINUTE_MS = 60_000;
const MIB = 1024 * 1024;

export interface MetricInput {
  publishers: readonly PublisherStatus[];
  encoder: Pick<EncoderStats, 'cpuPct' | 'rssBytes' | 'framesLate'>;
  engineCpuPct: number;
  engineRssBytes: number;
  /** null: no page, or one that does not tell */
  pageHeapBytes: number | null;
  /** null while the live server is down; another object each time it told something */
  server: ServerFigures | null;
}

export class MetricCollector {
  readonly #dropped = new MinuteCount();
  readonly #late = new MinuteCount();
  readonly #stalls = new MinuteCount();
  readonly #reconnects = new MinuteCount();
  readonly #live = new Map<string, boolean>();
  #server: ServerFigures | null = null;
  #rates: MetricValues = {};

  /** To be called each second. @param nowMs of a clock that does not jump */
  collect(input: MetricInput, nowMs: number): MetricValues {
    const { publishers, encoder, server } = input;
    this.#count(input, nowMs);
    if (server !== this.#server) this.#rates = serverRates(this.#server, server);
    this.#server = server;
    return {
      ...ofServer(server),
      ...this.#rates,
      uplinkKbps: publishers.reduce((sum, { stats }) => sum + stats.bitrateKbps, 0),
      uplinkQueueMs: Math.max(0, ...publishers.map(({ stats }) => stats.queueMs)),
      engineCpuPct: input.engineCpuPct,
      encoderCpuPct: encoder.cpuPct,
      engineMiB: input.engineRssBytes / MIB,
      ...(encoder.rssBytes > 0 && { encoderMiB: encoder.rssBytes / MIB }),
      ...(input.pageHeapBytes !== null && { pageMiB: input.pageHeapBytes / MIB }),
      droppedPerMin: this.#dropped.sum(nowMs),
      latePerMin: this.#late.sum(nowMs),
      stallsPerMin: this.#stalls.sum(nowMs),
      reconnectsPerMin: this.#reconnects.sum(nowMs),
    };
  }

  #count({ publishers, encoder, server }: MetricInput, nowMs: number): void {
    for (const one of publishers) this.#dropped.total(keyOf(one), one.stats.framesDropped, nowMs);
    this.#late.total('encoder', encoder.framesLate, nowMs);
    this.#countReconnects(publishers, nowMs);
    if (!server) return;
    this.#dropped.total('server', server.droppedFrames, nowMs);
    this.#stalls.total('server', server.stalls, nowMs);
    this.#reconnects.total('server', server.reconnects, nowMs);
  }

  /** A connection that was live, and was not, and is again. */
  #countReconnects(publishers: readonly PublisherStatus[], nowMs: number): void {
    const there = new Set(publishers.map(keyOf));
    for (const key of this.#live.keys()) if (!there.has(key)) this.#live.delete(key);
    for (const one of publishers) {
      const key = keyOf(one);
      const isLive = one.state.phase === 'live';
      if (isLive && this.#live.get(key) === false) this.#reconnects.add(1, nowMs);
      if (isLive || this.#live.has(key)) this.#live.set(key, isLive);
    }
  }
}

const keyOf = ({ destinationId, ingest }: PublisherStatus) => `${destinationId}/${ingest}`;

function ofServer(server: ServerFigures | null): MetricValues {
  if (!server) return {};
  const { viewers, qoe } = server;
  return {
    publishers: server.publishers,
    viewers: viewers.flv + viewers.hls + viewers.rtmp,
    viewersFlv: viewers.flv,
    viewersHls: viewers.hls,
    viewersRtmp: viewers.rtmp,
    serverMiB: server.rssBytes / MIB,
    viewerQueueMs: server.viewerQueueMs,
    serverLoopMs: server.loopDelayP99Ms,
    ...(qoe.startupMs && { startupMs: qoe.startupMs.median, startupWorstMs: qoe.startupMs.worst }),
    ...(qoe.glassMs && { glassMs: qoe.glassMs.median, glassWorstMs: qoe.glassMs.worst }),
    ...(qoe.stalledPct && { stalledPct: qoe.stalledPct.median, stalledWorstPct: qoe.stalledPct.worst }),
  };
}

/** Between two words of the same server process. */
function serverRates(before: ServerFigures | null, now: ServerFigures | null): MetricValues {
  const passedMs = before && now ? now.timeMs - before.timeMs : 0;
  if (!before || !now || passedMs <= 0 || now.inBytes < before.inBytes || now.cpuUs < before.cpuUs) return {};
  return {
    serverInKbps: ((now.inBytes - before.inBytes) * 8) / passedMs,
    serverOutKbps: (Math.max(0, now.outBytes - before.outBytes) * 8) / passedMs,
    serverCpuPct: (now.cpuUs - before.cpuUs) / (10 * passedMs),
  };
}

/** How much came within the last minute. */
class MinuteCount {
  readonly #events: { atMs: number; count: number }[] = [];
  readonly #totals = new Map<string, number>();

  add(count: number, nowMs: number): void {
    if (count > 0) this.#events.push({ atMs: nowMs, count });
  }

  /** A counter that only rises; one that fell has begun anew, and what it had at first sight is not news. */
  total(key: string, total: number, nowMs: number): void {
    const before = this.#totals.get(key);
    this.#totals.set(key, total);
    if (before !== undefined) this.add(total >= before ? total - before : total, nowMs);
  }

  sum(nowMs: number): number {
    while (this.#events[0] && nowMs - this.#events[0].atMs >= MINUTE_MS) this.#events.shift();
    return this.#events.reduce((sum, { count }) => sum + count, 0);
  }
}
