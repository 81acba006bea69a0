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

/**
 * Pictures that left the encoder between the first and the last that arrived, and did not arrive in any rendition. What an
 * encoder that was behind left out itself is not among them.
 */
export function missedPictures(encoded: readonly EncodedTrail[], received: readonly ReceivedTrail[]): number {
  const pictures = encoded.filter(({ kind }) => kind === 'video');
  const timeOf = ({ dtsMs }: EncodedTrail) => Math.round(dtsMs);
  const arrived = new Set(deliveries(pictures, received).flatMap((delivery) => (delivery.received ? [timeOf(delivery.encoded)] : [])));
  const [firstMs, lastMs] = [Math.min(...arrived), Math.max(...arrived)];
  const missed = pictures.map(timeOf).filter((timeMs) => timeMs > firstMs && timeMs < lastMs && !arrived.has(timeMs));
  return new Set(missed).size;
}

/** Between neighbours; 0 for less than two. */
export function longestStepMs(timesMs: readonly number[]): number {
  return Math.max(0, ...timesMs.slice(1).map((timeMs, at) => timeMs - (timesMs[at] ?? timeMs)));
}

/** Whether decoding times rise within each kind, over all sessions of a stream. */
export function timesRise(received: readonly ReceivedTrail[]): boolean {
  return (['video', 'audio'] as const).every((kind) => {
    const times = received.filter((trail) => trail.kind === kind).map(({ timestampMs }) => timestampMs);
    return times.every((time, at) => at === 0 || time > (times[at - 1] ?? 0));
  });
}

/** Whether nothing of an old session arrived once a newer one had begun to send: else two of one publisher's were on the air. */
export function sessionsTakeTurns(received: readonly ReceivedTrail[]): boolean {
  return received.every(({ session }, at) => at === 0 || session >= (received[at - 1]?.session ?? 0));
}
