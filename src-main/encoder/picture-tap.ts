/** For measurements: keeps pictures as they came from the renderer, so that what was sent can be compared with them. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { VideoFrame420 } from '../../src-shared/ipc/media.ts';

export class PictureTap {
  readonly #directory: string;
  readonly #everyTicks: number;

  private constructor(directory: string, everyTicks: number) {
    this.#directory = directory;
    this.#everyTicks = everyTicks;
  }

  /** @returns null unless TIDECAST_TAP_DIR names a directory; TIDECAST_TAP_EVERY says how many ticks apart (default 30) */
  static fromEnvironment(env = process.env): PictureTap | null {
    const directory = env['TIDECAST_TAP_DIR'];
    return directory ? new PictureTap(directory, Number(env['TIDECAST_TAP_EVERY'] ?? 30)) : null;
  }

  /** Writes `<tick>.i420`; a failed write is left out, the show goes on. */
  see({ tick, planes }: VideoFrame420): void {
    if (tick % this.#everyTicks === 0) void writeFile(join(this.#directory, `${tick}.i420`), planes).catch(() => {});
  }
}
