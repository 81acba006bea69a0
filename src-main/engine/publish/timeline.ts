/** Stream times of one publisher's life: engine times less the first packet's, strictly rising across reconnects. */
import { US_PER_MS } from '../../../src-shared/units.ts';
import type { MediaPacket } from '../../process/packet.ts';
import { timeUs } from './media-queue.ts';

const NS_PER_MS = 1_000_000;

export interface StreamTime {
  dtsMs: number;
  /** what the exact time lies behind `dtsMs`, below a millisecond; null when it was rounded instead */
  nanos: number | null;
  compositionMs: number;
}

export interface Placing {
  /** of several pictures or sounds, each with times of its own */
  track?: number;
  /** whole milliseconds are rounded down, and the rest is told */
  exact?: boolean;
}

export class Timeline {
  #baseUs: number | null = null;
  readonly #lastMs = { video: new Map<number, number>(), audio: new Map<number, number>() };

  /** @returns null for a packet from before the beginning, which cannot be sent: there is no negative time in RTMP */
  place(packet: MediaPacket, { track = 0, exact = false }: Placing = {}): StreamTime | null {
    this.#baseUs ??= timeUs(packet);
    const exactMs = (timeUs(packet) - this.#baseUs) / US_PER_MS;
    if (exactMs < -0.5) return null;
    const earliestMs = (this.#lastMs[packet.kind].get(track) ?? -1) + 1;
    const wholeMs = exact ? Math.floor(exactMs) : Math.round(exactMs);
    const dtsMs = Math.max(earliestMs, wholeMs);
    this.#lastMs[packet.kind].set(track, dtsMs);
    const nanos = exact ? (dtsMs === wholeMs ? Math.min(NS_PER_MS - 1, Math.round((exactMs - wholeMs) * NS_PER_MS)) : 0) : null;
    const ptsMs = exact ? dtsMs + (packet.ptsUs - timeUs(packet)) / US_PER_MS : (packet.ptsUs - this.#baseUs) / US_PER_MS;
    const compositionMs = packet.kind === 'video' ? Math.max(0, Math.round(ptsMs) - dtsMs) : 0;
    return { dtsMs, nanos, compositionMs };
  }

  /** The time of the last packet of a kind, which a header that follows it takes. */
  lastMs(kind: MediaPacket['kind'], track = 0): number {
    return Math.max(0, this.#lastMs[kind].get(track) ?? 0);
  }
}
