/** Which shows are to go. Pure. */

export interface KeptShow {
  startedAtMs: number;
  durationMs: number;
  sizeBytes: number;
  running: boolean;
}

export interface Retention {
  /** of all together; null: no bound */
  bytesMax: number | null;
  /** after a show's end; null: for good */
  keepMs: number | null;
}

/** @returns the oldest first; never one that is running */
export function expired<S extends KeptShow>(shows: readonly S[], { bytesMax, keepMs }: Retention, nowMs: number): S[] {
  let bytes = shows.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  const gone: S[] = [];
  for (const show of shows.toSorted((a, b) => a.startedAtMs - b.startedAtMs)) {
    if (show.running) continue;
    const isOld = keepMs !== null && nowMs - (show.startedAtMs + show.durationMs) > keepMs;
    const isTooMuch = bytesMax !== null && bytes > bytesMax;
    const isEmpty = show.durationMs === 0; // cut off before its first segment was whole
    if (!isOld && !isTooMuch && !isEmpty) continue;
    gone.push(show);
    bytes -= show.sizeBytes;
  }
  return gone;
}
