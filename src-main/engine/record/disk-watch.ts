/** Watches the free space of a folder while a recording grows in it. */
import { statfs } from 'node:fs/promises';

const CHECK_EVERY_MS = 5_000;

/** Bytes that this user may still write to the folder's file system. */
async function freeBytes(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}

export interface DiskWatch {
  folder: string;
  lowMinutes: number;
  bytesPerSecond: () => number;
  /** once each time that the free space falls below `lowMinutes` */
  onLow: (space: { minutesLeft: number; freeBytes: number }) => void;
}

/** @returns a function that ends the watch */
export function watchDisk({ folder, lowMinutes, bytesPerSecond, onLow }: DiskWatch): () => void {
  let low = false;
  const check = async () => {
    const free = await freeBytes(folder).catch(() => Number.POSITIVE_INFINITY); // a vanished disk fails the next write
    const minutesLeft = free / Math.max(1, bytesPerSecond()) / 60;
    if (minutesLeft < lowMinutes && !low) onLow({ minutesLeft, freeBytes: free });
    low = minutesLeft < lowMinutes;
  };
  void check();
  const timer = setInterval(() => void check(), CHECK_EVERY_MS);
  timer.unref();
  return () => clearInterval(timer);
}
