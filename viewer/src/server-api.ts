/** The live server's JSON, as far as the page reads it. */
import { clockOffsetMs, type Ping } from './latency.ts';

export interface StreamStatus {
  publishing: boolean;
  viewers: number;
  bitrateKbps: number;
  /** only this machine can watch */
  rehearsal: boolean;
}

export type Poll = { server: 'reachable'; status: StreamStatus } | { server: 'unreachable' | 'no-stream' };

const TIMEOUT_MS = 4_000;
const PINGS = 5;

export async function pollStream(name: string): Promise<Poll> {
  try {
    const response = await fetch(`/api/streams/${encodeURIComponent(name)}`, {
      cache: 'no-store',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    if (response.status === 404) return { server: 'no-stream' };
    if (!response.ok) return { server: 'unreachable' };
    return { server: 'reachable', status: (await response.json()) as StreamStatus };
  } catch {
    return { server: 'unreachable' }; // also a time-out, or a body that broke off
  }
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
