/** Stream times of one publisher's life: engine times less the first packet's, strictly rising across reconnects. */
import { US_PER_MS } from '../../../src-shared/units.ts';
import type { MediaPacket } from '../../process/packet.ts';
import { timeUs } from './media-queue.ts';

export interface StreamTime {
  dtsMs: number;
  compositionMs: number;
}

export class Timeline {
  #baseUs: number | null = null;
  readonly #lastMs = { video: -1, audio: -1 };

  /** @returns null for a packet from before the beginning, which cannot be sent: there is no negative time in RTMP */
  place(packet: MediaPacket): StreamTime | null {
    this.#baseUs ??= timeUs(packet);
    const exactMs = (timeUs(packet) - this.#baseUs) / US_PER_MS;
    if (exactMs < -0.5) return null;
    const dtsMs = Math.max(this.#lastMs[packet.kind] + 1, Math.round(exactMs));
    this.#lastMs[packet.kind] = dtsMs;
    const ptsMs = Math.round((packet.ptsUs - this.#baseUs) / US_PER_MS);
    return { dtsMs, compositionMs: packet.kind === 'video' ? Math.max(0, ptsMs - dtsMs) : 0 };
  }

  /** The time of the last packet of a kind, which a header that follows it takes. */
  lastMs(kind: MediaPacket['kind']): number {
    return Math.max(0, this.#lastMs[kind]);
  }
}
