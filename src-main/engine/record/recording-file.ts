import { unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import { StudioError } from '../../../src-shared/errors.ts';
import { AppendFile } from '../../process/append-file.ts';
import type { AudioHeader, MediaPacket, VideoHeader } from '../../process/packet.ts';
import { watchDisk } from './disk-watch.ts';
import { recordError } from './errors.ts';
import { Fragmenter, type RecordedFragment } from './fragmenter.ts';
import { PLACEHOLDER_AT, RecordingIndex, recordingHead, wholeMdatHeader } from './layout.ts';
import { recordingPath } from './naming.ts';
import type { ActiveRecording, RecordingOptions, RecordingResult, RecordingStats } from './recording.ts';

/** Media that may wait for a slow disk: at 8 Mbit/s, half a minute. */
const QUEUE_BYTES_MAX = 32 * 1024 * 1024;
const SYNC_EVERY_MS = 1_000;
/** A lost IDR request is repeated. */
const IDR_REQUEST_EVERY_MS = 1_000;
const LOW_DISK_MINUTES = 5;
const NAMES_TRIED = 100;

/** A crash-safe MP4: see layout.ts for the file, fragmenter.ts for the times. */
export class RecordingFile implements ActiveRecording {
  readonly path: string;
  readonly #file: AppendFile;
  readonly #options: RecordingOptions;
  readonly #fragmenter: Fragmenter;
  readonly #index = new RecordingIndex();
  readonly #createdAtMs = Date.now();
  readonly #unwatch: () => void;
  readonly #queue: RecordedFragment[] = [];
  #queueBytes = 0;
  #writing: Promise<void> = Promise.resolve();
  #busy = false;
  #writeFailed = false;
  #headWritten = false;
  #syncing: Promise<void> | null = null;
  #lastSyncMs = 0;
  #dropping = false;
  #idrAskedMs = Number.NEGATIVE_INFINITY;
  #framesDropped = 0;
  #failure: StudioError | null = null;
  #closed: Promise<RecordingResult> | null = null;

  private constructor(path: string, file: AppendFile, options: RecordingOptions) {
    this.path = path;
    this.#file = file;
    this.#options = options;
    this.#fragmenter = new Fragmenter(options);
    this.#unwatch = watchDisk({
      folder: dirname(path),
      lowMinutes: options.lowDiskMinutes ?? LOW_DISK_MINUTES,
      bytesPerSecond: () => this.#bytesPerSecond(),
      onLow: (space) => options.onDiskLow?.(space),
    });
    this.#askForIdr();
  }

  /** @throws record.folder, record.disk-full or record.io; an existing file is record.io and stays as it is */
  static async create(path: string, options: RecordingOptions): Promise<RecordingFile> {
    try {
      return new RecordingFile(path, await AppendFile.create(path), options);
    } catch (error) {
      throw recordError(error, path);
    }
  }

  /** A new file named by the time; the folder must exist. */
  static async createIn(folder: string, options: RecordingOptions, startedAt = new Date()): Promise<RecordingFile> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await RecordingFile.create(recordingPath(folder, startedAt, attempt), options);
      } catch (error) {
        const taken =
          error instanceof StudioError && error.cause instanceof Error && 'code' in error.cause && error.cause.code === 'EEXIST';
        if (!taken || attempt === NAMES_TRIED) throw error;
      }
    }
  }

  get stats(): RecordingStats {
    return {
      path: this.path,
      sizeBytes: this.#file.sizeBytes + this.#queueBytes,
      durationMs: this.#fragmenter.durationUs / 1_000,
      queueBytes: this.#queueBytes,
      framesWritten: this.#index.pictures,
      framesDropped: this.#framesDropped,
    };
  }

  setHeader(header: VideoHeader | AudioHeader): void {
    if (this.#ended) return;
    try {
      if (header.kind === 'video') {
        const { codec } = this.#options.video;
        if (header.codec !== codec) throw this.#changed(`the picture’s codec from ${codec} to ${header.codec}`);
        this.#fragmenter.setVideo(header);
      } else if (
        this.#options.audio &&
        (header.sampleRateHz !== this.#options.audio.sampleRateHz ||
          header.channels !== this.#options.audio.channels ||
          header.codec !== this.#options.audio.codec)
      ) {
        throw this.#changed('the sound');
      }
    } catch (error) {
      this.#fail(error);
    }
  }

  write(packet: MediaPacket): void {
    if (this.#ended) return;
    if (!this.#fragmenter.started || this.#dropping) {
      if (this.#dropping && this.#queueBytes < QUEUE_BYTES_MAX / 2 && packet.kind === 'video' && packet.key) this.#dropping = false;
      else this.#askForIdr();
    }
    if (this.#dropping) {
      if (packet.kind === 'video') this.#framesDropped += 1;
      return;
    }
    this.#take(() => this.#fragmenter.push(packet));
  }

  close(): Promise<RecordingResult> {
    this.#closed ??= this.#finish();
    return this.#closed;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  get #ended(): boolean {
    return this.#closed !== null || this.#failure !== null;
  }

  /** A packet that fits no file costs the fragment that it is in, and ends the recording. */
  #take(make: () => RecordedFragment[]): void {
    try {
      for (const fragment of make()) this.#enqueue(fragment);
    } catch (error) {
      this.#fail(error);
    }
  }

  #enqueue(fragment: RecordedFragment): void {
    this.#queue.push(fragment);
    this.#queueBytes += fragment.bytes.length;
    if (this.#queueBytes > QUEUE_BYTES_MAX && !this.#dropping) {
      this.#dropping = true;
      this.#options.log?.(`record: the disk does not follow: ${this.#queueBytes} bytes wait; leaving out pictures up to the next IDR`);
    }
    if (!this.#busy) this.#writing = this.#drain();
  }

  async #drain(): Promise<void> {
    this.#busy = true;
    try {
      for (let next = this.#queue.shift(); next; next = this.#queue.shift()) {
        await this.#writeFragment(next);
        this.#queueBytes -= next.bytes.length;
      }
    } catch (error) {
      this.#writeFailed = true;
      this.#queue.length = 0;
      this.#queueBytes = 0;
      this.#fail(error);
    } finally {
      this.#busy = false;
    }
  }

  async #writeFragment(fragment: RecordedFragment): Promise<void> {
    if (!this.#headWritten) await this.#file.append(recordingHead(this.#fragmenter, this.#createdAtMs));
    this.#headWritten = true;
    this.#index.add(fragment, await this.#file.append(fragment.bytes));
    this.#syncSoon();
  }

  /** Beside the writes, since a busy disk can take a second for it: a kill must not find them waiting. */
  #syncSoon(): void {
    const nowMs = performance.now();
    if (this.#syncing || nowMs - this.#lastSyncMs < SYNC_EVERY_MS) return;
    this.#lastSyncMs = nowMs;
    this.#syncing = this.#file
      .sync()
      .catch((error) => this.#fail(error))
      .finally(() => (this.#syncing = null));
  }

  async #finish(): Promise<RecordingResult> {
    this.#unwatch();
    await this.#writing;
    if (!this.#writeFailed) this.#take(() => this.#fragmenter.flush());
    await this.#writing;
    await this.#syncing;
    await this.#makePlain().catch((error) => this.#options.log?.(`record: ${this.path} stays fragmented: ${String(error)}`));
    await this.#file.close().catch((error) => this.#fail(error));
    if (this.#index.pictures === 0) await unlink(this.path).catch(() => {}); // no picture came: no file is left behind
    const { widthPx, heightPx } = this.#options.video;
    return { ...this.stats, widthPx, heightPx, failure: this.#failure };
  }

  /** See layout.ts for why the order keeps the file playable at each step. */
  async #makePlain(): Promise<void> {
    if (this.#index.pictures === 0) return;
    const mediaEnd = this.#file.sizeBytes;
    await this.#file.append(this.#index.moov(this.#fragmenter, this.#createdAtMs));
    await this.#file.sync();
    await this.#file.overwrite(PLACEHOLDER_AT, wholeMdatHeader(mediaEnd));
    await this.#file.sync();
  }

  #fail(cause: unknown): void {
    if (this.#failure) return;
    this.#failure = recordError(cause, this.path);
    const failure = this.#failure;
    if (!this.#closed) void this.close().then(() => this.#options.onFailure(failure));
  }

  #changed(what: string): StudioError {
    return new StudioError(
      'record.io',
      `The encoder changed ${what}: the recording was closed and is whole. Record again to go on in a new file.`,
    );
  }

  #askForIdr(): void {
    const nowMs = performance.now();
    if (nowMs - this.#idrAskedMs < IDR_REQUEST_EVERY_MS) return;
    this.#idrAskedMs = nowMs;
    this.#options.requestIdr();
  }

  #bytesPerSecond(): number {
    const { sizeBytes, durationMs } = this.stats;
    const kbps = this.#options.video.bitrateKbps + (this.#options.audio?.bitrateKbps ?? 0);
    return durationMs > 10_000 ? (sizeBytes * 1_000) / durationMs : (kbps * 1_000) / 8;
  }
}
