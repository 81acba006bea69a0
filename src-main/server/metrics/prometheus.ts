/** GET /metrics: everything in Prometheus' text format. No label holds what a client made up. */
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { Hub } from '../hub/hub.ts';
import type { LiveStream } from '../hub/live-stream.ts';
import { VIEWER_PROTOCOLS } from '../hub/viewer-queue.ts';
import type { Recorder } from '../record/recorder.ts';
import type { ProcessMeter } from './process-meter.ts';
import type { QoeBoard, QoeObserver } from './qoe-board.ts';
import type { Traffic } from './traffic.ts';

const S_PER_MS = 0.001;
const S_PER_US = 0.000_001;
/** from a good start-up to one that viewers do not wait for */
const LATENCY_BUCKETS_S = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8, 1, 1.5, 2, 3, 5, 8, 15, 30];

export interface MetricSources {
  hub: Hub;
  traffic: Traffic;
  process: ProcessMeter;
  /** of a stream of this server, what its players told; null before the first did */
  board: (stream: string) => QoeBoard | null;
  /** null: nothing is recorded */
  recorder: Recorder | null;
}

type Value = readonly [labels: Record<string, string>, value: number];

export class PrometheusMetrics {
  readonly #registry = new Registry();
  readonly #startup: Histogram<'stream'>;
  readonly #glass: Histogram<'stream'>;

  constructor(sources: MetricSources) {
    this.#addStreams(sources);
    this.#addPlayers(sources);
    this.#addTraffic(sources);
    this.#addProcess(sources);
    if (sources.recorder) this.#addRecorder(sources.hub, sources.recorder);
    const histogram = (name: string, help: string) =>
      new Histogram({ name, help, labelNames: ['stream'], buckets: LATENCY_BUCKETS_S, registers: [this.#registry] });
    this.#startup = histogram('tidecast_player_startup_seconds', 'From opening the connection to the first picture, told by players.');
    this.#glass = histogram('tidecast_player_glass_to_glass_seconds', 'From the camera to the screen, told by players each few seconds.');
  }

  /** @param stream one that is served: its name becomes a label */
  observer(stream: string): QoeObserver {
    return {
      startup: (ms) => this.#startup.observe({ stream }, ms * S_PER_MS),
      glass: (ms) => this.#glass.observe({ stream }, ms * S_PER_MS),
    };
  }

  /** It is served no more: its name is in no label from now on. */
  forget(stream: string): void {
    this.#startup.remove({ stream });
    this.#glass.remove({ stream });
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  text(): Promise<string> {
    return this.#registry.metrics();
  }

  #addStreams({ hub }: MetricSources): void {
    const each = (value: (stream: LiveStream) => number) => () => hub.all.map((stream): Value => [{ stream: stream.name }, value(stream)]);
    const perStream = ['stream'];
    this.#gauge(
      'tidecast_publishers',
      'Whether the stream is being published.',
      perStream,
      each(({ publishing }) => Number(publishing)),
    );
    this.#gauge('tidecast_viewers', 'Who watches, by protocol.', ['stream', 'protocol'], () =>
      hub.all.flatMap(({ name, counters }) =>
        VIEWER_PROTOCOLS.map((protocol): Value => [{ stream: name, protocol }, counters.viewersBy(protocol)]),
      ),
    );
    const queueHelp = 'Media in the queues of viewers whose network is slower than the stream.';
    this.#gauge('tidecast_viewer_queue_seconds', queueHelp, ['stream', 'viewer'], () =>
      hub.all.flatMap(({ name, counters: { queues } }): Value[] => [
        [{ stream: name, viewer: 'slowest' }, queues.longestMs * S_PER_MS],
        [{ stream: name, viewer: 'mean' }, queues.meanMs * S_PER_MS],
      ]),
    );
    this.#counter(
      'tidecast_dropped_frames_total',
      'Frames that slow viewers went without.',
      perStream,
      each((one) => one.counters.droppedFrames),
    );
    this.#counter(
      'tidecast_idr_requests_total',
      'IDRs that the publisher was asked for.',
      perStream,
      each((one) => one.counters.idrRequests),
    );
    const publications = 'Publishers that came; each after the first is a return or a hand-over.';
    this.#counter(
      'tidecast_publications_total',
      publications,
      perStream,
      each((one) => one.counters.publications),
    );
  }

  #addPlayers({ hub, board }: MetricSources): void {
    const each = (value: (board: QoeBoard) => number) => () =>
      hub.all.flatMap(({ name }): Value[] => {
        const found = board(name);
        return found ? [[{ stream: name }, value(found)]] : [];
      });
    const add = (name: string, help: string, value: (board: QoeBoard) => number) => this.#counter(name, help, ['stream'], each(value));
    add('tidecast_player_beacons_total', 'Words from players that were taken.', ({ totals }) => totals.beacons);
    add(
      'tidecast_player_beacons_refused_total',
      'Words from players that came too often, or from too many.',
      ({ totals }) => totals.refused,
    );
    add('tidecast_player_stalls_total', 'Times that playback stood still.', ({ totals }) => totals.stalls);
    add('tidecast_player_stalled_seconds_total', 'How long it stood still.', ({ totals }) => totals.stalledMs * S_PER_MS);
    add('tidecast_player_reconnects_total', 'Connections that players opened anew.', ({ totals }) => totals.reconnects);
    add('tidecast_player_dropped_frames_total', 'Pictures that players did not show.', ({ totals }) => totals.droppedFrames);
  }

  #addTraffic({ traffic }: MetricSources): void {
    const each = (value: 'inBytes' | 'outBytes') => () =>
      [...traffic.totals()].map(([protocol, counts]): Value => [{ protocol }, counts[value]]);
    this.#counter('tidecast_received_bytes_total', 'Bytes that came in on the connections.', ['protocol'], each('inBytes'));
    this.#counter('tidecast_sent_bytes_total', 'Bytes that the system has taken for the connections.', ['protocol'], each('outBytes'));
  }

  #addRecorder(hub: Hub, recorder: Recorder): void {
    const each = (value: (stream: LiveStream) => number) => () => hub.all.map((stream): Value => [{ stream: stream.name }, value(stream)]);
    const isRecording = each((stream) => Number(recorder.isRecording(stream)));
    this.#gauge('tidecast_recording', 'Whether the stream is being recorded.', ['stream'], isRecording);
    const failures = each(({ name }) => recorder.failures(name));
    this.#counter('tidecast_recording_failures_total', 'Recordings that the disk ended.', ['stream'], failures);
    this.#gauge('tidecast_recording_queue_bytes', 'Media that waits for the disk.', [], () => [[{}, recorder.queueBytes]]);
    this.#gauge('tidecast_recorded_bytes', 'Of all shows that are kept.', [], () => [[{}, recorder.library.sizeBytes]]);
  }

  #addProcess({ process: meter }: MetricSources): void {
    this.#counter('process_cpu_seconds_total', 'CPU time of this process.', [], () => [[{}, meter.cpuUs * S_PER_US]]);
    this.#gauge('process_resident_memory_bytes', 'Memory resident.', [], () => [[{}, meter.rssBytes]]);
    this.#gauge('process_start_time_seconds', 'When it began, Unix time.', [], () => [[{}, meter.startedAtMs * S_PER_MS]]);
    const help = 'How late the event loop was in the last second.';
    this.#gauge('tidecast_event_loop_delay_seconds', help, ['quantile'], () => [
      [{ quantile: '0.5' }, meter.loopDelay.p50Ms * S_PER_MS],
      [{ quantile: '0.99' }, meter.loopDelay.p99Ms * S_PER_MS],
    ]);
  }

  #gauge(name: string, help: string, labelNames: string[], values: () => readonly Value[]): void {
    new Gauge({
      name,
      help,
      labelNames,
      registers: [this.#registry],
      collect() {
        this.reset(); // a stream that is served no more
        for (const [labels, value] of values()) this.set(labels, value);
      },
    });
  }

  #counter(name: string, help: string, labelNames: string[], values: () => readonly Value[]): void {
    new Counter({
      name,
      help,
      labelNames,
      registers: [this.#registry],
      collect() {
        this.reset();
        for (const [labels, value] of values()) this.inc(labels, value);
      },
    });
  }
}
