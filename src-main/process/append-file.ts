/** A file that only grows, in whole pieces: a piece that does not fit leaves no trace. */
import { type FileHandle, open } from 'node:fs/promises';

export class AppendFile {
  readonly #handle: FileHandle;
  #sizeBytes = 0;

  private constructor(handle: FileHandle) {
    this.#handle = handle;
  }

  /** @throws EEXIST when there is such a file: nothing is ever overwritten */
  static async create(path: string): Promise<AppendFile> {
    return new AppendFile(await open(path, 'wx', 0o644));
  }

  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  /** @returns where the bytes begin; on an error the file is as before */
  async append(bytes: Uint8Array): Promise<number> {
    const start = this.#sizeBytes;
    try {
      for (let done = 0; done < bytes.length; ) {
        const { bytesWritten } = await this.#handle.write(bytes, done, bytes.length - done, start + done);
        done += bytesWritten;
      }
    } catch (error) {
      await this.#handle.truncate(start).catch(() => {}); // else a reader trims the tail
      throw error;
    }
    this.#sizeBytes += bytes.length;
    return start;
  }

  /** A single small write in place; a kill leaves either the old bytes or the new. */
  async overwrite(at: number, bytes: Uint8Array): Promise<void> {
    await this.#handle.write(bytes, 0, bytes.length, at);
  }

  /** Media and sizes are on the disk, not merely in the system's cache: they outlive a power cut. */
  sync(): Promise<void> {
    return this.#handle.datasync();
  }

  close(): Promise<void> {
    return this.#handle.close();
  }
}
