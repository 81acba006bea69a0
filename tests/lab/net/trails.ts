/** Finds each packet that left the encoder again among what arrived. Pure. */
import type { EncodedTrail, ReceivedTrail } from './protocol.ts';

export interface Delivery {
  encoded: EncodedTrail;
  /** the first that came of it; null: it was dropped */
  received: ReceivedTrail | null;
}

/**
 * Pairs by content. Equal contents are told apart by their times: the stream's differ from the engine's by what is the
 * same for all, until a correction of the clock.
 * @param encoded of one rendition and the sound
 */
export function deliveries(encoded: readonly EncodedTrail[], received: readonly ReceivedTrail[]): Delivery[] {
  const all: Delivery[] = encoded.map((trail) => ({ encoded: trail, received: null }));
  const byContent = Map.groupBy(all, ({ encoded: { kind, bytes, crc } }) => `${kind} ${bytes} ${crc}`);
  let offsetMs: number | null = null;
  for (const trail of received) {
    const candidates = (byContent.get(`${trail.kind} ${trail.bytes} ${trail.crc}`) ?? []).filter((delivery) => delivery.received === null);
    const strangeness = ({ encoded: { dtsMs } }: Delivery) => (offsetMs === null ? 0 : Math.abs(dtsMs - trail.timestampMs - offsetMs));
    const [best] = candidates.toSorted((a, b) => strangeness(a) - strangeness(b));
    if (!best) continue; // from before the log began
    best.received = trail;
    offsetMs = best.encoded.dtsMs - trail.timestampMs;
  }
  return all;
}

/** Whether decoding times rise within each kind, over all sessions of a stream. */
export function timesRise(received: readonly ReceivedTrail[]): boolean {
  return (['video', 'audio'] as const).every((kind) => {
    const times = received.filter((trail) => trail.kind === kind).map(({ timestampMs }) => timestampMs);
    return times.every((time, at) => at === 0 || time > (times[at - 1] ?? 0));
  });
}

/** How long the receiver got no picture at a time, between two instants. */
export function longestGapMs(received: readonly ReceivedTrail[], fromMs: number, toMs: number): number {
  const pictures = received.filter(({ kind, atMs }) => kind === 'video' && atMs >= fromMs && atMs <= toMs).map(({ atMs }) => atMs);
  const marks = [fromMs, ...pictures, toMs];
  return Math.max(...marks.slice(1).map((atMs, at) => atMs - (marks[at] ?? atMs)));
}

/** Whether nothing of an old session arrived once a newer one had begun to send: else two of one publisher's were on the air. */
export function sessionsTakeTurns(received: readonly ReceivedTrail[]): boolean {
  return received.every(({ session }, at) => at === 0 || session >= (received[at - 1]?.session ?? 0));
}
