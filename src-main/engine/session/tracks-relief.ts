/** Further pictures give way: what a slow way takes is for the first one. They come back when nothing limits that any more. No clock of its own. */
import type { PublisherRate, RateReason } from '../../../src-shared/domain/index.ts';
import { US_PER_S } from '../../../src-shared/units.ts';
import type { Connection } from './publisher-set.ts';

/** of its ceiling: with less, the first picture has lost more than the further ones are worth */
const SCARCE = 0.5;
const SCARCE_US = 5 * US_PER_S;
/** So long nothing limits the first picture before the others are tried again; twice as long each time that was too soon. */
const PLENTY_US = 30 * US_PER_S;
const PLENTY_MAX_US = 480 * US_PER_S;
const SOON_US = 60 * US_PER_S;

const BY_ITS_WAY: ReadonlySet<RateReason> = new Set(['link', 'draining', 'rising']);

export interface TracksReliefOptions {
  connections: () => readonly Connection[];
  rate: (connection: Connection) => PublisherRate;
  pause: (connection: Connection, isPaused: boolean) => void;
  nowUs: () => number;
  /** for the user */
  tell: (connection: Connection, isPaused: boolean) => void;
}

interface Way {
  /** since when it asks for a change; null: it does not */
  sinceUs: number | null;
  resumedUs: number;
  plentyUs: number;
}

export class TracksRelief {
  readonly #options: TracksReliefOptions;
  readonly #ways = new WeakMap<Connection, Way>();

  constructor(options: TracksReliefOptions) {
    this.#options = options;
  }

  tick(): void {
    const atUs = this.#options.nowUs();
    for (const connection of this.#options.connections()) if (connection.tracks.pausable) this.#step(connection, atUs);
  }

  #step(connection: Connection, atUs: number): void {
    const way = this.#wayOf(connection);
    const { isPaused } = connection.tracks;
    if (!this.#asksForChange(connection)) {
      way.sinceUs = null;
      return;
    }
    way.sinceUs ??= atUs;
    if (atUs - way.sinceUs < (isPaused ? way.plentyUs : SCARCE_US)) return;
    if (isPaused) way.resumedUs = atUs;
    else way.plentyUs = atUs - way.resumedUs < SOON_US ? Math.min(way.plentyUs * 2, PLENTY_MAX_US) : PLENTY_US;
    way.sinceUs = null;
    this.#options.pause(connection, !isPaused);
    this.#options.tell(connection, !isPaused);
  }

  #asksForChange(connection: Connection): boolean {
    if (connection.publisher.state.phase !== 'live') return false;
    const { reason, targetKbps, ceilingKbps } = this.#options.rate(connection);
    if (connection.tracks.isPaused) return reason === 'ceiling' || reason === 'shared';
    return reason === 'dropping' || (BY_ITS_WAY.has(reason) && targetKbps < ceilingKbps * SCARCE);
  }

  #wayOf(connection: Connection): Way {
    let way = this.#ways.get(connection);
    if (!way) this.#ways.set(connection, (way = { sinceUs: null, resumedUs: Number.NEGATIVE_INFINITY, plentyUs: PLENTY_US }));
    return way;
  }
}
