/**
 * What has been handed to a connection and is not known to have arrived: how old it is, and whether more may follow.
 * What is on its way can no longer be dropped, so while the way is slow no more of it is let out than passes in a
 * sixth of a second, and the rest waits in our queue. Pure.
 */
import { US_PER_MS, US_PER_S } from '../../../src-shared/units.ts';
import { KINDS, type MediaKind } from './media-queue.ts';

/** A way that takes longer than this even when it is empty is congested, whatever it seems. */
const FLOOR_MAX_US = 500 * US_PER_MS;
/** media on a way that seems free, beyond the way's own time */
const FREE_MAX_US = 400 * US_PER_MS;
/** a packet that has been on its way for so long beyond the way's own time shows that it is slow … */
const LATE_US = 150 * US_PER_MS;
/** … and it is taken to be slow for so long after that */
const SLOW_US = US_PER_S;
/** what a slow way may hold beyond its own time … */
const SLOW_MAX_US = 150 * US_PER_MS;
/** … and at least: without a few packets under way there is nothing to measure by */
const SLOW_MIN_BYTES = 16 * 1_024;
/** how far back the pace is measured */
const PACE_US = 600 * US_PER_MS;

interface Item {
  kind: MediaKind;
  /** decoding time */
  timeUs: number;
  /** position on the connection after which it has arrived */
  endByte: number;
  handedUs: number;
}

export class InFlight {
  #items: Item[] = [];
  #floorUs: number | null = null;
  readonly #passed: { atUs: number; bytes: number }[] = [];
  #lateUs = Number.NEGATIVE_INFINITY;

  /** @param handedUs not after it was: a later time would make the way seem quicker than it is */
  add(kind: MediaKind, timeUs: number, endByte: number, handedUs: number): void {
    this.#items.push({ kind, timeUs, endByte, handedUs });
  }

  /** Forgets what has arrived. */
  settle(deliveredBytes: number, nowUs: number): void {
    const first = this.#items.findIndex(({ endByte }) => endByte > deliveredBytes);
    const arrived = first < 0 ? this.#items.length : first;
    const last = this.#items[arrived - 1];
    if (!last) return;
    this.#floorUs = Math.min(this.#floorUs ?? Number.POSITIVE_INFINITY, nowUs - last.handedUs);
    this.#items = this.#items.slice(arrived);
  }

  /**
   * Whether what follows had better wait; after `settle`.
   * @param way.heldBytes what is on its way, by whoever sees it most closely
   * @param way.passedBytes what was handed over less that
   * @param way.totalKbps the rate asked for: it falls with the link, long before the encoder does
   */
  isFull(nowUs: number, way: { heldBytes: number; passedBytes: number; totalKbps: number }): boolean {
    this.#measure(way.passedBytes, nowUs);
    const [oldest] = this.#items;
    if (!oldest) return false;
    const { floorUs } = this;
    if (nowUs - oldest.handedUs > floorUs + LATE_US) this.#lateUs = nowUs;
    const askedBytes = (way.totalKbps * (floorUs + FREE_MAX_US)) / US_PER_MS / 8;
    if (this.spanUs >= floorUs + FREE_MAX_US || way.heldBytes >= askedBytes) return true;
    const isSlow = nowUs - this.#lateUs <= SLOW_US;
    return isSlow && way.heldBytes >= Math.max(SLOW_MIN_BYTES, this.#bytesIn(floorUs + SLOW_MAX_US, nowUs));
  }

  /** Decoding time of the oldest of a kind; null: there is none. */
  oldestUs(kind: MediaKind): number | null {
    return this.#items.find((item) => item.kind === kind)?.timeUs ?? null;
  }

  /** Decoding time from the first to the last of a kind, of the kind with more. */
  get spanUs(): number {
    const spans = KINDS.map((kind) => {
      const last = this.#items.findLast((item) => item.kind === kind);
      return last ? last.timeUs - (this.oldestUs(kind) ?? last.timeUs) : 0;
    });
    return Math.max(...spans);
  }

  /** The least that the way has taken: the round trip where the evidence of arrival includes it. Nobody can be blamed for it. */
  get floorUs(): number {
    return Math.min(FLOOR_MAX_US, this.#floorUs ?? 0);
  }

  /** What passes in so long, at the pace of the last while. */
  #bytesIn(durationUs: number, nowUs: number): number {
    const first = this.#passed[0];
    const last = this.#passed.at(-1);
    return first && last && nowUs > first.atUs ? ((last.bytes - first.bytes) / (nowUs - first.atUs)) * durationUs : 0;
  }

  #measure(bytes: number, atUs: number): void {
    this.#passed.push({ atUs, bytes });
    // the newest of those before the while is where it begins
    while (this.#passed[1] && this.#passed[1].atUs <= atUs - PACE_US) this.#passed.shift();
  }
}
