/**
 * Writes one show: its media behind a queue of its own, so that a slow disk slows nobody, and its index behind its media.
 * A folder has 1.mp4, 2.mp4 … (each an initialization section and movie fragments: playable up to where it reaches, at
 * any time) and index.jsonl.
 */
import { mkdir, open, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import type { StudioError } from '../../../src-shared/errors.ts';
import { AppendFile } from '../../process/append-file.ts';
import type { ServerLimits } from '../limits.ts';
import { diskNearlyFull, diskTooSlow, recordingStopped } from './errors.ts';
import { INDEX_FILE, mediaFileName, Show } from './show.ts';
import { endLine, fileLine, headLine, type ShowFile, type ShowHead, type ShowSegment, segmentLine, showId } from './show-index.ts';

export interface NewSegment extends Pick<ShowSegment, 'durationMs' | 'atMs' | 'pictures' | 'gap'> {
  pieces: readonly Uint8Array[];
}

export interface NewFile extends Omit<ShowFile, 'initBytes'> {
  init: Uint8Array;
}

export interface ShowWriterOptions {
  /** of all shows */
  directory: string;
  stream: string;
  limits: Pick<ServerLimits, 'recordQueueBytes' | 'recordFreeBytesMin'>;
  /** its folder is there, and readers may have it */
  onShow: (show: Show) => void;
  /** once; what was written before stays */
  onFailure: (failure: StudioError) => void;
}

type Item = { file: NewFile } | { segment: NewSegment; targetDurationS: number };

const SPACE_CHECK_EVERY_MS = 5_000;
const NAMES_TRIED = 100;

export class ShowWriter {
  readonly #options: ShowWriterOptions;
  readonly #queue: Item[] = [];
  #queueBytes = 0;
  #writing: Promise<void> = Promise.resolve();
  #busy = false;
  #failed = false;
  #closed = false;
  #show: Show | null = null;
  #index: AppendFile | null = null;
  #media: AppendFile | null = null;
  /** announced, and not begun: it begins with its first segment, and with it the show */
  #nextFile: NewFile | null = null;
  #spaceCheckedAtMs = Number.NEGATIVE_INFINITY;

  constructor(options: ShowWriterOptions) {
    this.#options = options;
  }

  get show(): Show | null {
    return this.#show;
  }

  /** of media that waits for the disk */
  get queueBytes(): number {
    return this.#queueBytes;
  }

  /** What follows is of another format. */
  beginFile(file: NewFile): void {
    this.#enqueue({ file });
  }

  write(segment: NewSegment, targetDurationS: number): void {
    this.#enqueue({ segment, targetDurationS });
  }

  /** What is queued is still written. Never fails. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#writing;
    const { totals } = this.#show ?? {};
    if (totals && !this.#failed) await this.#index?.append(Buffer.from(endLine(totals))).catch(() => {}); // a reader counts what is there
    await this.#index?.sync().catch(() => {});
    await this.#media?.close().catch(() => {});
    await this.#index?.close().catch(() => {});
    this.#show?.end();
  }

  #enqueue(item: Item): void {
    if (this.#failed || this.#closed) return;
    this.#queue.push(item);
    this.#queueBytes += sizeOf(item);
    const { recordQueueBytes } = this.#options.limits;
    if (this.#queueBytes > recordQueueBytes) {
      const { stream, directory } = this.#options;
      return this.#fail(diskTooSlow(stream, directory, this.#queueBytes));
    }
    if (!this.#busy) this.#writing = this.#drain();
  }

  async #drain(): Promise<void> {
    this.#busy = true;
    try {
      for (let next = this.#queue.shift(); next && !this.#failed; next = this.#queue.shift()) {
        if ('file' in next) this.#nextFile = next.file;
        else await this.#writeSegment(next.segment, next.targetDurationS);
        if (!this.#failed) this.#queueBytes -= sizeOf(next); // else nothing is counted any more
      }
    } catch (error) {
      const { stream, directory } = this.#options;
      this.#fail(recordingStopped(stream, directory, error));
    } finally {
      this.#busy = false;
    }
  }

  async #writeSegment(segment: NewSegment, targetDurationS: number): Promise<void> {
    await this.#checkSpace();
    const { show, index } = await this.#opened(segment.atMs, targetDurationS);
    const begun = await this.#begunFile(show);
    const media = this.#media as AppendFile;
    const { pieces, ...told } = segment;
    const at = await media.append(Buffer.concat(pieces));
    await media.sync(); // before the index says that it is there
    const file = show.files.length - (begun ? 0 : 1);
    const stored: ShowSegment = { ...told, file, at, bytes: media.sizeBytes - at };
    await index.append(Buffer.from((begun ? fileLine(begun) : '') + segmentLine(stored)));
    await index.sync();
    if (begun) show.addFile(begun);
    show.addSegment(stored);
    if (show.segments.length === 1) this.#options.onShow(show);
  }

  /** A folder with an index that says what show it is. */
  async #opened(startedAtMs: number, targetDurationS: number): Promise<{ show: Show; index: AppendFile }> {
    if (this.#show && this.#index) return { show: this.#show, index: this.#index };
    const { directory, stream } = this.#options;
    await mkdir(directory, { recursive: true });
    const { id, folder } = await newFolder(directory, stream, Math.round(startedAtMs));
    const head: ShowHead = { id, stream, startedAtMs: Math.round(startedAtMs), targetDurationS };
    const index = await AppendFile.create(join(folder, INDEX_FILE));
    this.#index = index;
    await index.append(Buffer.from(headLine(head)));
    await index.sync();
    await syncFolder(folder);
    await syncFolder(directory);
    this.#show = new Show(folder, head, true);
    return { show: this.#show, index };
  }

  /** @returns the file that was begun; null when the last one goes on */
  async #begunFile(show: Show): Promise<ShowFile | null> {
    if (!this.#nextFile) return null;
    const { init, codecs, picture } = this.#nextFile;
    await this.#media?.close();
    this.#media = await AppendFile.create(join(show.folder, mediaFileName(show.files.length)));
    await this.#media.append(init);
    await syncFolder(show.folder);
    this.#nextFile = null;
    return { initBytes: init.length, codecs, picture };
  }

  async #checkSpace(): Promise<void> {
    const nowMs = performance.now();
    if (nowMs - this.#spaceCheckedAtMs < SPACE_CHECK_EVERY_MS) return;
    this.#spaceCheckedAtMs = nowMs;
    const { directory, stream, limits } = this.#options;
    const space = await statfs(directory).catch(() => null); // not there yet, or no file system that can tell
    const freeBytes = space ? space.bavail * space.bsize : Number.POSITIVE_INFINITY;
    if (freeBytes < limits.recordFreeBytesMin) throw diskNearlyFull(stream, directory, freeBytes, limits.recordFreeBytesMin);
  }

  #fail(failure: StudioError): void {
    if (this.#failed) return;
    this.#failed = true;
    this.#queue.length = 0;
    this.#queueBytes = 0;
    this.#options.onFailure(failure);
  }
}

/** Of a time that no show of the stream has: two servers, or two shows in a millisecond. */
async function newFolder(directory: string, stream: string, startedAtMs: number): Promise<{ id: string; folder: string }> {
  for (let attempt = 0; ; attempt += 1) {
    const id = showId(startedAtMs + attempt);
    const folder = join(directory, `${stream}-${id}`);
    try {
      await mkdir(folder);
      return { id, folder };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST' || attempt === NAMES_TRIED) throw error;
    }
  }
}

/** A file's name outlives a power cut, too. Windows opens no folders, and needs none of it. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r').catch(() => null);
  await handle?.sync().catch(() => {});
  await handle?.close();
}

function sizeOf(item: Item): number {
  return 'file' in item ? item.file.init.length : item.segment.pieces.reduce((sum, { length }) => sum + length, 0);
}
