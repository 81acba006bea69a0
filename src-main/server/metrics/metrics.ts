/** The figures of the whole server: for Prometheus, and in one message a second for the engine. */
import type { QoeBeacon } from '../../../src-shared/domain/qoe.ts';
import type { ServerFigures } from '../../process/server-contract.ts';
import type { Hub } from '../hub/hub.ts';
import type { ViewerProtocol } from '../hub/viewer-queue.ts';
import type { ServerLimits } from '../limits.ts';
import type { Recorder } from '../record/recorder.ts';
import { ProcessMeter } from './process-meter.ts';
import { PrometheusMetrics } from './prometheus.ts';
import { mergeQoe, QoeBoard, type QoeRefusal } from './qoe-board.ts';
import { Traffic } from './traffic.ts';

export class ServerMetrics {
  readonly traffic = new Traffic();
  readonly prometheus: PrometheusMetrics;
  readonly #hub: Hub;
  readonly #limits: ServerLimits;
  readonly #process = new ProcessMeter();
  readonly #boards = new Map<string, QoeBoard>();
  /** of streams that are served no more: counters of the whole server do not fall */
  readonly #past = { stalls: 0, reconnects: 0 };

  /** @param recorder null: nothing is recorded */
  constructor(hub: Hub, limits: ServerLimits, recorder: Recorder | null) {
    this.#hub = hub;
    this.#limits = limits;
    const board = (stream: string) => this.#boards.get(stream) ?? null;
    this.prometheus = new PrometheusMetrics({ hub, traffic: this.traffic, process: this.#process, board, recorder });
  }

  /** @param stream one that is served: nobody else gets a board @returns null when it was taken */
  beacon(stream: string, beacon: QoeBeacon, address: string): QoeRefusal | null {
    const board = this.#boards.get(stream) ?? new QoeBoard(this.#limits, this.prometheus.observer(stream));
    this.#boards.set(stream, board);
    return board.take(beacon, address, performance.now());
  }

  /** Lets go what is kept of streams that are not among these any more. */
  follow(names: readonly string[]): void {
    for (const [stream, { totals }] of this.#boards) {
      if (names.includes(stream)) continue;
      this.#past.stalls += totals.stalls;
      this.#past.reconnects += totals.reconnects;
      this.#boards.delete(stream);
      this.prometheus.forget(stream);
    }
  }

  figures(): ServerFigures {
    const streams = this.#hub.all;
    const boards = [...this.#boards.values()];
    const bytes = [...this.traffic.totals().values()];
    const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
    const counters = streams.map((one) => one.counters);
    const viewersBy = (protocol: ViewerProtocol) => sum(counters.map((one) => one.viewersBy(protocol)));
    return {
      timeMs: performance.now(),
      publishers: streams.filter(({ publishing }) => publishing).length,
      viewers: { flv: viewersBy('flv') + viewersBy('ws-flv'), hls: viewersBy('hls'), rtmp: viewersBy('rtmp') },
      inBytes: sum(bytes.map(({ inBytes }) => inBytes)),
      outBytes: sum(bytes.map(({ outBytes }) => outBytes)),
      cpuUs: this.#process.cpuUs,
      rssBytes: this.#process.rssBytes,
      loopDelayP99Ms: this.#process.loopDelay.p99Ms,
      viewerQueueMs: Math.max(0, ...counters.map(({ queues }) => queues.longestMs)),
      droppedFrames: sum(counters.map(({ droppedFrames }) => droppedFrames)),
      stalls: this.#past.stalls + sum(boards.map(({ totals }) => totals.stalls)),
      reconnects: this.#past.reconnects + sum(boards.map(({ totals }) => totals.reconnects)),
      qoe: mergeQoe(boards, performance.now()),
    };
  }

  dispose(): void {
    this.#process.dispose();
  }
}
