/**
 * What viewers' players tell of themselves, for one stream. They may tell anything: every figure is bounded, nobody is kept
 * by a name of their own choosing for long, and one address cannot fill the board.
 */
import type { QoeBeacon } from '../../../src-shared/domain/qoe.ts';
import type { QoeFigures, Spread } from '../../process/server-contract.ts';
import { median } from './median.ts';

export interface QoeLimits {
  /** players kept at a time, of one stream */
  qoeViewersMax: number;
  /** of these, from one address: many may share one, behind a router */
  qoeViewersPerAddressMax: number;
  /** one that tells nothing for so long has gone */
  qoeGoneMs: number;
  /** a player is heard no more often */
  qoeEveryMs: number;
}

/** Why a beacon was not taken. */
export type QoeRefusal = 'too-often' | 'full';

export interface QoeTotals {
  beacons: number;
  refused: number;
  stalls: number;
  stalledMs: number;
  reconnects: number;
  droppedFrames: number;
}

/** Told of each figure that is worth a histogram. */
export interface QoeObserver {
  startup(ms: number): void;
  glass(ms: number): void;
}

interface Player {
  beacon: QoeBeacon;
  address: string;
  heardAtMs: number;
}

/** more in one beacon is not believed */
const COUNT_STEP_MAX = 1_000;

export class QoeBoard {
  readonly totals: QoeTotals = { beacons: 0, refused: 0, stalls: 0, stalledMs: 0, reconnects: 0, droppedFrames: 0 };
  readonly #limits: QoeLimits;
  readonly #observer: QoeObserver;
  /** the one heard of longest ago first */
  readonly #players = new Map<string, Player>();

  constructor(limits: QoeLimits, observer: QoeObserver) {
    this.#limits = limits;
    this.#observer = observer;
  }

  /** @returns null when it was taken */
  take(beacon: QoeBeacon, address: string, nowMs: number): QoeRefusal | null {
    const known = this.#players.get(beacon.viewerId);
    const refusal = this.#refusal(known, address, nowMs);
    if (refusal) {
      this.totals.refused += 1;
      return refusal;
    }
    this.totals.beacons += 1;
    this.#count(beacon, known, nowMs);
    if (beacon.startupMs !== null && (known?.beacon.startupMs ?? null) === null) this.#observer.startup(beacon.startupMs);
    if (beacon.glassMs !== null) this.#observer.glass(beacon.glassMs);
    this.#players.delete(beacon.viewerId);
    this.#players.set(beacon.viewerId, { beacon, address, heardAtMs: nowMs });
    return null;
  }

  /** the newest word of each player that is there */
  players(nowMs: number): QoeBeacon[] {
    this.#prune(nowMs);
    return [...this.#players.values()].map(({ beacon }) => beacon).filter(({ state }) => state !== 'ended');
  }

  #refusal(known: Player | undefined, address: string, nowMs: number): QoeRefusal | null {
    const { qoeEveryMs, qoeViewersMax, qoeViewersPerAddressMax } = this.#limits;
    if (known) return nowMs - known.heardAtMs < qoeEveryMs ? 'too-often' : null;
    this.#prune(nowMs);
    if (this.#players.size >= qoeViewersMax) return 'full';
    const ofAddress = [...this.#players.values()].filter((player) => player.address === address).length;
    return ofAddress >= qoeViewersPerAddressMax ? 'full' : null;
  }

  /** Its counters rise as long as the visit lasts; who lets them fall has begun anew. Nobody stands still longer than time passes. */
  #count(beacon: QoeBeacon, known: Player | undefined, nowMs: number): void {
    const passedMs = known ? nowMs - known.heardAtMs : this.#limits.qoeGoneMs;
    const risen = (now: number, before = 0) => (now >= before ? now - before : now);
    const before = known?.beacon;
    this.totals.stalls += Math.min(risen(beacon.stalls, before?.stalls), COUNT_STEP_MAX);
    this.totals.stalledMs += Math.min(risen(beacon.stalledMs, before?.stalledMs), passedMs);
    this.totals.reconnects += Math.min(risen(beacon.reconnects, before?.reconnects), COUNT_STEP_MAX);
    this.totals.droppedFrames += Math.min(risen(beacon.droppedFrames, before?.droppedFrames), COUNT_STEP_MAX);
  }

  #prune(nowMs: number): void {
    for (const [id, { heardAtMs }] of this.#players) {
      if (nowMs - heardAtMs <= this.#limits.qoeGoneMs) return;
      this.#players.delete(id);
    }
  }
}

/** How the players of all these boards fare now. */
export function mergeQoe(boards: readonly QoeBoard[], nowMs: number): QoeFigures {
  const players = boards.flatMap((board) => board.players(nowMs));
  const stalledPct = players.flatMap(({ playedMs, stalledMs }) => {
    const wholeMs = playedMs + stalledMs;
    return wholeMs > 0 ? [(100 * stalledMs) / wholeMs] : [];
  });
  return {
    players: players.length,
    startupMs: spread(players.flatMap(({ startupMs }) => startupMs ?? [])),
    glassMs: spread(players.flatMap(({ glassMs }) => glassMs ?? [])),
    stalledPct: spread(stalledPct),
  };
}

function spread(values: number[]): Spread | null {
  return values.length > 0 ? { median: median(values), worst: Math.max(...values) } : null;
}
