/**
 * Whether the encodes that go out as tracks of one connection have their IDRs at the same pictures: a player that
 * changes between them needs that. They begin so, and a bitrate that reopens an encoder undoes it. No clock of its own.
 */
import type { RenditionId } from '../../../src-shared/domain/index.ts';
import type { VideoPacket } from '../../process/packet.ts';

/** One IDR apart from the others may be one that somebody has asked for: the others' is on its way. */
const APART_MAX = 2;

interface Last {
  ptsUs: number;
  /** of the IDR before it */
  beforeUs: number;
  apart: number;
}

export class IdrAlignment {
  readonly #last = new Map<RenditionId, Last>();

  /**
   * @param together with which it is to have its IDRs, itself included
   * @returns whether an IDR for all of them is due
   */
  idr({ renditionId, ptsUs, durationUs }: VideoPacket, together: readonly RenditionId[]): boolean {
    const before = this.#last.get(renditionId);
    const now: Last = { ptsUs, beforeUs: before?.ptsUs ?? Number.NEGATIVE_INFINITY, apart: 0 };
    this.#last.set(renditionId, now);
    // another one's is either at the same picture or, while that is still in its encoder, where the one before was
    const isWith = (otherUs: number) => [now.ptsUs, now.beforeUs].some((us) => Math.abs(otherUs - us) < durationUs);
    const others = together.filter((id) => id !== renditionId).flatMap((id) => this.#last.get(id) ?? []);
    if (others.every((other) => isWith(other.ptsUs))) return false;
    now.apart = (before?.apart ?? 0) + 1;
    if (now.apart < APART_MAX) return false;
    now.apart = 0;
    return true;
  }

  /** For a new show. */
  forget(): void {
    this.#last.clear();
  }
}
