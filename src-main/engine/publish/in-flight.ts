/** What has been handed to a connection and is not known to have arrived. Pure. */
import { US_PER_S } from '../../../src-shared/units.ts';

/** A way that takes longer than this even when it is empty is congested, whatever it seems. */
const FLOOR_MAX_US = US_PER_S / 2;

interface Item {
  /** decoding time */
  timeUs: number;
  /** position on the connection after which it has arrived */
  endByte: number;
  handedUs: number;
}

export class InFlight {
  #items: Item[] = [];
  #floorUs: number | null = null;

  add(timeUs: number, endByte: number, nowUs: number): void {
    this.#items.push({ timeUs, endByte, handedUs: nowUs });
  }

  /** Forgets what has arrived. */
  settle(deliveredBytes: number, nowUs: number): void {
    const first = this.#items.findIndex(({ endByte }) => endByte > deliveredBytes);
    const arrived = first < 0 ? this.#items.length : first;
    if (arrived === 0) return;
    const tookUs = nowUs - (this.#items[arrived - 1] as Item).handedUs;
    this.#floorUs = Math.min(this.#floorUs ?? Number.POSITIVE_INFINITY, tookUs);
    this.#items = this.#items.slice(arrived);
  }

  get oldestUs(): number | null {
    return this.#items[0]?.timeUs ?? null;
  }

  /** decoding time from the first to the last */
  get spanUs(): number {
    const [first] = this.#items;
    return first ? Math.max(0, (this.#items.at(-1) as Item).timeUs - first.timeUs) : 0;
  }

  /** The least that the way has taken: the round trip where the evidence of arrival includes it. Nobody can be blamed for it. */
  get floorUs(): number {
    return Math.min(FLOOR_MAX_US, this.#floorUs ?? 0);
  }
}
