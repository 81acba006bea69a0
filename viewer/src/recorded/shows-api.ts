/** The live server's list of the shows that it keeps. */

export interface KeptShow {
  id: string;
  startedAtMs: number;
  durationMs: number;
  sizeBytes: number;
  /** it is on */
  running: boolean;
  watchPath: string;
  hlsPath: string;
  mp4Path: string;
}

export type ShowList = { kind: 'shows'; shows: KeptShow[] } | { kind: 'unreachable' | 'private' | 'none' };

const TIMEOUT_MS = 4_000;

/** The latest first. @param name of the stream */
export async function loadShows(name: string): Promise<ShowList> {
  try {
    const path = withKey(`/api/streams/${encodeURIComponent(name)}/shows`);
    const response = await fetch(path, { cache: 'no-store', signal: AbortSignal.timeout(TIMEOUT_MS) });
    if (response.ok) return { kind: 'shows', ...((await response.json()) as { shows: KeptShow[] }) };
    if (response.status === 404) return { kind: 'none' };
    return { kind: response.status === 403 || response.status === 429 ? 'private' : 'unreachable' };
  } catch {
    return { kind: 'unreachable' }; // also a time-out, or a body that broke off
  }
}

/** With the key of a private show, as the page's own address has it. */
export function withKey(path: string): string {
  const key = new URLSearchParams(location.search).get('key');
  return key === null ? path : `${path}?key=${encodeURIComponent(key)}`;
}
