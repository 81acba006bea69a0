/** Records the streams that the operator wants kept, and removes what is too old or too much. */
import type { StudioError } from '../../../src-shared/errors.ts';
import type { RecordOptions } from '../../process/server-contract.ts';
import type { Hub } from '../hub/hub.ts';
import type { LiveStream } from '../hub/live-stream.ts';
import type { ServerLimits } from '../limits.ts';
import { diskHangs } from './errors.ts';
import { ShowLibrary } from './library.ts';
import type { Retention } from './retention.ts';
import { ShowRecording } from './show-recording.ts';

export interface RecorderSurroundings {
  hub: Hub;
  limits: ServerLimits;
  /** whether somebody publishes it here: what is fetched from elsewhere is kept there */
  isPublished: (stream: string) => boolean;
  log: (line: string) => void;
  /** a recording stopped; the show goes on */
  onIncident: (failure: StudioError) => void;
}

const TICK_MS = 1_000;
const REMOVE_EVERY_MS = 60_000;
const MS_PER_DAY = 86_400_000;
/** of all that may be kept: so that there is always something that may be removed */
const SHOW_SHARE = 1 / 3;

export class Recorder {
  readonly library: ShowLibrary;
  readonly #options: RecordOptions;
  readonly #surroundings: RecorderSurroundings;
  readonly #retention: Retention;
  readonly #recordings = new Map<LiveStream, ShowRecording>();
  readonly #endings = new Set<Promise<void>>();
  /** streams whose recording failed, until when they rest; and what was wrong, which is told once */
  readonly #resting = new Map<string, { untilMs: number; code: string }>();
  readonly #failures = new Map<string, number>();
  readonly #told = new WeakSet<ShowRecording>();
  readonly #ticker: NodeJS.Timeout;
  #removedAtMs = Number.NEGATIVE_INFINITY;
  #removing: Promise<void>;
  #closed = false;

  constructor(options: RecordOptions, surroundings: RecorderSurroundings) {
    this.#options = options;
    this.#surroundings = surroundings;
    const { maxBytes = null, keepDays } = options;
    this.#retention = { bytesMax: maxBytes, keepMs: keepDays === undefined ? null : keepDays * MS_PER_DAY };
    this.library = new ShowLibrary(options.directory, surroundings.log);
    this.#removing = this.library.scan();
    this.#ticker = setInterval(() => this.#tick(), TICK_MS);
    this.follow();
  }

  isRecording(stream: LiveStream): boolean {
    return (this.#recordings.get(stream)?.show ?? null) !== null;
  }

  /** of this stream since the server began */
  failures(stream: string): number {
    return this.#failures.get(stream) ?? 0;
  }

  /** media that waits for the disk */
  get queueBytes(): number {
    return [...this.#recordings.values()].reduce((sum, { queueBytes }) => sum + queueBytes, 0);
  }

  /** Other streams are served now. */
  follow(): void {
    const { hub, isPublished } = this.#surroundings;
    for (const stream of this.#closed ? [] : hub.all) {
      const isWanted = this.#options.streams?.includes(stream.name) ?? isPublished(stream.name);
      if (isWanted && !this.#recordings.has(stream) && !this.#rests(stream.name)) this.#record(stream);
    }
  }

  /**
   * Resolves when all that came is on the disk.
   * @throws StudioError server.record-too-slow when the disk does not take it in time: what it has can be watched
   */
  async close(): Promise<void> {
    this.#closed = true;
    clearInterval(this.#ticker);
    for (const recording of [...this.#recordings.values()]) void recording.finish();
    const { recordCloseMs } = this.#surroundings.limits;
    const timer = Promise.withResolvers<never>();
    const late = setTimeout(() => timer.reject(diskHangs(this.#options.directory, recordCloseMs)), recordCloseMs);
    const ended = Promise.all(this.#endings).then(() => this.#removing);
    await Promise.race([ended, timer.promise]).finally(() => clearTimeout(late));
  }

  #record(stream: LiveStream): void {
    const { limits, log } = this.#surroundings;
    const { directory } = this.#options;
    const recording: ShowRecording = new ShowRecording({
      stream,
      directory,
      limits,
      bytesMax: (this.#retention.bytesMax ?? Number.POSITIVE_INFINITY) * SHOW_SHARE,
      onShow: (show) => {
        this.library.add(show);
        this.#resting.delete(stream.name);
        log(`record: ${stream.name} into ${show.folder}`);
      },
      onFailure: (failure) => this.#noteFailure(stream.name, failure),
      onEnd: () => {
        this.#recordings.delete(stream);
        this.#settleLater(recording);
      },
    });
    this.#recordings.set(stream, recording);
  }

  #settleLater(recording: ShowRecording): void {
    const ending = Promise.resolve()
      .then(() => recording.finish())
      .then(() => {
        if (recording.show) this.library.settle(recording.show);
        this.#endings.delete(ending);
        this.#removedAtMs = Number.NEGATIVE_INFINITY;
      });
    this.#endings.add(ending);
  }

  #noteFailure(stream: string, failure: StudioError): void {
    const { limits, log, onIncident } = this.#surroundings;
    this.#failures.set(stream, this.failures(stream) + 1);
    const isKnown = this.#resting.get(stream)?.code === failure.code;
    this.#resting.set(stream, { untilMs: performance.now() + limits.recordRetryMs, code: failure.code });
    if (isKnown) return;
    log(`record: ${failure.code}: ${failure.message}`);
    onIncident(failure);
  }

  #rests(stream: string): boolean {
    return performance.now() < (this.#resting.get(stream)?.untilMs ?? 0);
  }

  /** A codec that has no place in the files: nothing is wrong with the server, and the show goes on. */
  #tellProblem({ name, publishing }: LiveStream, recording: ShowRecording): void {
    if (recording.problem === null || !publishing || this.#told.has(recording)) return;
    this.#told.add(recording);
    this.#surroundings.log(`record: ${name} is not recorded: ${recording.problem}`);
  }

  #tick(): void {
    const nowMs = performance.now();
    for (const [stream, recording] of [...this.#recordings]) {
      this.#tellProblem(stream, recording);
      recording.tick(nowMs);
    }
    this.follow();
    if (nowMs - this.#removedAtMs < REMOVE_EVERY_MS) return;
    this.#removedAtMs = nowMs;
    this.#removing = this.#removing.then(() => this.library.removeExpired(this.#retention, Date.now()));
  }
}
