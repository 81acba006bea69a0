/** A recorded show as its readers know it: grows while it is being recorded. */
import { join } from 'node:path';
import type { ParsedShow, ShowFile, ShowHead, ShowSegment, ShowTotals } from './show-index.ts';

export class Show {
  readonly head: ShowHead;
  readonly folder: string;
  readonly files: ShowFile[] = [];
  readonly segments: ShowSegment[] = [];
  #running: boolean;
  #durationMs = 0;
  #pictures = 0;
  #peakBps = 0;
  readonly #fileEnds: number[] = [];

  constructor(folder: string, head: ShowHead, running: boolean) {
    this.folder = folder;
    this.head = head;
    this.#running = running;
  }

  /** @param fileSizes of what is on the disk: a segment that reaches beyond it is not there, nor is what follows it */
  static of(folder: string, { head, files, segments }: ParsedShow, fileSizes: readonly number[]): Show {
    const show = new Show(folder, head, false);
    const isThere = ({ file, at, bytes }: ShowSegment) => at + bytes <= (fileSizes[file] ?? 0);
    const missing = segments.findIndex((segment) => !isThere(segment));
    const whole = missing < 0 ? segments : segments.slice(0, missing);
    const last = whole.at(-1)?.file ?? -1;
    files.slice(0, last + 1).forEach((file) => void show.addFile(file));
    for (const segment of whole) show.addSegment(segment);
    return show;
  }

  /** something may still be added */
  get running(): boolean {
    return this.#running;
  }

  get totals(): ShowTotals {
    return { durationMs: Math.round(this.#durationMs), sizeBytes: this.#fileEnds.reduce((sum, end) => sum + end, 0) };
  }

  get pictures(): number {
    return this.#pictures;
  }

  /** of the heaviest segment */
  get peakBps(): number {
    return this.#peakBps;
  }

  /** where the last whole segment of a file ends: what is behind it is not to be read */
  fileBytes(file: number): number {
    return this.#fileEnds[file] ?? 0;
  }

  filePath(file: number): string {
    return join(this.folder, mediaFileName(file));
  }

  addFile(file: ShowFile): void {
    this.files.push(file);
    this.#fileEnds.push(file.initBytes);
  }

  addSegment(segment: ShowSegment): void {
    this.segments.push(segment);
    this.#durationMs += segment.durationMs;
    this.#pictures += segment.pictures;
    this.#peakBps = Math.max(this.#peakBps, (segment.bytes * 8_000) / Math.max(1, segment.durationMs));
    this.#fileEnds[segment.file] = segment.at + segment.bytes;
  }

  end(): void {
    this.#running = false;
  }
}

export const INDEX_FILE = 'index.jsonl';

/** @param file its place, from 0 */
export const mediaFileName = (file: number) => `${file + 1}.mp4`;
