/** The live server's JSON, as far as the page reads it. */
import { clockOffsetMs, type Ping } from './latency.ts';
import { type Rung, SOURCE } from './rungs.ts';

export interface StreamStatus {
  publishing: boolean;
  viewers: number;
  bitrateKbps: number;
  /** only this machine can watch */
  rehearsal: boolean;
  /** addresses of this server for other machines in the network, such as http://192.168.1.5:7421; the first is the best guess */
  addresses: string[];
  /** of those that the server keeps: the one that is on, or else was last; null: there is none */
  latestShow: { watchPath: string; running: boolean } | null;
  /** with the source among them */
  rungs: Rung[];
}

export type Poll = { server: 'reachable'; status: StreamStatus } | { server: 'unreachable' | 'no-stream' | 'private' };

const TIMEOUT_MS = 4_000;
const PINGS = 5;

/** With the key of a private show, as the page's own address has it. @param what below /api/streams/NAME, with its query */
function streamPath(name: string, what = '', query: Record<string, string> = {}): string {
  const key = new URLSearchParams(location.search).get('key');
  const asked = new URLSearchParams(key === null ? query : { ...query, key }).toString();
  return `/api/streams/${encodeURIComponent(name)}${what}${asked && `?${asked}`}`;
}

export async function pollStream(name: string): Promise<Poll> {
  try {
    const response = await fetch(streamPath(name), { cache: 'no-store', signal: AbortSignal.timeout(TIMEOUT_MS) });
    if (response.status === 404) return { server: 'no-stream' };
    if (response.status === 403 || response.status === 429) return { server: 'private' }; // 429: too many wrong keys from here
    if (!response.ok) return { server: 'unreachable' };
    return { server: 'reachable', status: parseStatus(await response.json()) };
  } catch {
    return { server: 'unreachable' }; // also a time-out, or a body that broke off
  }
}

interface RawRung {
  name: string;
  /** null: sound alone */
  widthPx: number | null;
  heightPx: number | null;
  bitrateKbps: number;
  /** as in RFC 6381 */
  codecs: string[];
}

type RawStatus = Omit<StreamStatus, 'rungs' | 'addresses' | 'latestShow'> & {
  rungs?: RawRung[];
  addresses?: string[];
  latestShow?: StreamStatus['latestShow'];
};

/** A server without a ladder tells of no rungs: there is the source then. */
function parseStatus(status: RawStatus): StreamStatus {
  const { publishing, viewers, bitrateKbps, rehearsal, addresses = [], latestShow = null, rungs: raw = [] } = status;
  const rungs = raw.map((rung) => ({
    name: rung.name,
    widthPx: rung.widthPx ?? 0,
    heightPx: rung.heightPx ?? 0,
    bitrateKbps: rung.bitrateKbps,
    codecs: rung.codecs.join(','),
  }));
  const hasSource = rungs.some(({ name }) => name === SOURCE);
  if (!hasSource) rungs.unshift({ name: SOURCE, widthPx: 0, heightPx: 0, bitrateKbps, codecs: '' });
  return { publishing, viewers, bitrateKbps, rehearsal, addresses, latestShow, rungs };
}

/** The picture is broken here: the server asks the encoder for a fresh one, together with whoever else asks. */
/** @param rung null: not known, so the source */
export async function requestKeyframe(name: string, rung: string | null): Promise<void> {
  await fetch(streamPath(name, '/keyframe', { rung: rung ?? SOURCE }), {
    method: 'POST',
    signal: AbortSignal.timeout(TIMEOUT_MS),
  }).catch(() => {}); // a new connection comes next
}

/** @returns false where the server takes none */
export async function sendBeacon(name: string, beacon: object): Promise<boolean> {
  try {
    const headers = { 'content-type': 'application/json' };
    const body = JSON.stringify(beacon);
    const response = await fetch(streamPath(name, '/qoe'), { method: 'POST', headers, body, signal: AbortSignal.timeout(TIMEOUT_MS) });
    return response.status !== 404 && response.status !== 405;
  } catch {
    return true; // the server is away for now
  }
}

/** The page is being left: the browser sends it when it can. */
export function sendLastBeacon(name: string, beacon: object): void {
  navigator.sendBeacon(streamPath(name, '/qoe'), new Blob([JSON.stringify(beacon)], { type: 'application/json' }));
}

const PROBE_MS = 1_000;
const PROBE_BYTES = 256 * 1_024;

/**
 * What the network brings beside the show, by this page's own code loaded once more: for a second at the longest.
 * @returns kbit/s, null when nothing came
 */
export async function measureBandwidthKbps(url: string = import.meta.url): Promise<number | null> {
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), PROBE_MS);
  let bytes = 0;
  let fromMs: number | null = null;
  let kbps: number | null = null;
  try {
    const response = await fetch(url, { cache: 'no-store', signal: stop.signal });
    const reader = response.body?.getReader();
    for (let chunk = await reader?.read(); chunk?.value; chunk = await reader?.read()) {
      const nowMs = performance.now();
      if (fromMs === null)
        fromMs = nowMs; // what came with the first piece came before we looked
      else bytes += chunk.value.length;
      if (nowMs > fromMs) kbps = (bytes * 8) / (nowMs - fromMs);
      if (bytes > PROBE_BYTES) break;
    }
  } catch {
    // the second is over, or the server is away: what came counts
  } finally {
    clearTimeout(timer);
    stop.abort();
  }
  return kbps;
}

/** @returns what to add to our clock to get the server's; null when it does not answer */
export async function measureClockOffset(): Promise<number | null> {
  const pings: Ping[] = [];
  for (let i = 0; i < PINGS; i += 1) {
    const sentAtMs = performance.timeOrigin + performance.now();
    try {
      const response = await fetch('/api/time', { cache: 'no-store', signal: AbortSignal.timeout(TIMEOUT_MS) });
      const receivedAtMs = performance.timeOrigin + performance.now(); // when the head came: the body is read later
      const { serverTimeMs } = (await response.json()) as { serverTimeMs: number };
      pings.push({ sentAtMs, receivedAtMs, serverTimeMs });
    } catch {
      break;
    }
  }
  return clockOffsetMs(pings);
}
