/**
 * The made-up uplinks that we ship. Each is generated from its seed into resources/links (`node build/links.mjs`), in whole
 * numbers, so that every machine gives the same bytes.
 */
import type { LinkProfileId } from '../../../src-shared/domain/link.ts';
import { type LinkTrace, traceOfRate } from './trace.ts';

export interface LinkProfile {
  seed: number;
  /** each way, without what waits in the buffer */
  delayMs: number;
  /** the link's own buffer; what does not fit is lost */
  bufferBytes: number;
  generate(seed: number): LinkTrace;
}

const DURATION_MS = 60_000;
const MBPS = 1_000;

/** Room for that long at that rate. */
const bufferFor = (ms: number, kbps: number) => (ms * kbps) / 8;
/** an ordinary router */
const ROUTER_BYTES = bufferFor(200, 6 * MBPS);
/** a base station keeps what it cannot send yet */
const RADIO_BYTES = 300_000;

export const LINK_PROFILES: Record<LinkProfileId, LinkProfile> = {
  step: { seed: 1, delayMs: 20, bufferBytes: ROUTER_BYTES, generate: () => step() },
  ramp: { seed: 2, delayMs: 20, bufferBytes: ROUTER_BYTES, generate: () => ramp() },
  sawtooth: { seed: 3, delayMs: 20, bufferBytes: ROUTER_BYTES, generate: () => sawtooth() },
  lte: { seed: 4, delayMs: 30, bufferBytes: RADIO_BYTES, generate: lte },
  outage: { seed: 5, delayMs: 20, bufferBytes: ROUTER_BYTES, generate: () => outage() },
  bufferbloat: { seed: 6, delayMs: 20, bufferBytes: bufferFor(2_000, 3 * MBPS), generate: bufferbloat },
};

/** 20 s each at 6, 1.5 and 6 Mbps. */
function step(): LinkTrace {
  return traceOfRate(DURATION_MS, (atMs) => (atMs <= 20_000 || atMs > 40_000 ? 6 * MBPS : 1_500));
}

/** 6 Mbps falls evenly to 1 in 25 s, and climbs back as slowly. */
function ramp(): LinkTrace {
  return traceOfRate(DURATION_MS, (atMs) => {
    const fromBottomMs = Math.min(25_000, Math.abs(atMs - 30_000));
    return 1 * MBPS + Math.floor((5 * MBPS * fromBottomMs) / 25_000);
  });
}

/** Five times up from 1.5 to 6 Mbps in 12 s, and down at once. */
function sawtooth(): LinkTrace {
  return traceOfRate(DURATION_MS, (atMs) => 1_500 + Math.floor((4_500 * ((atMs - 1) % 12_000)) / 12_000));
}

/** 5 Mbps, gone for 3 s, and later for 1 s. */
function outage(): LinkTrace {
  const isOut = (atMs: number) => (atMs > 15_000 && atMs <= 18_000) || (atMs > 40_000 && atMs <= 41_000);
  return traceOfRate(DURATION_MS, (atMs) => (isOut(atMs) ? 0 : 5 * MBPS));
}

/** About 3 Mbps, wavering by a tenth, behind a buffer of two seconds. */
function bufferbloat(seed: number): LinkTrace {
  const random = randomBelow(seed);
  let kbps = 0;
  return traceOfRate(DURATION_MS, (atMs) => {
    if (atMs % 250 === 1) kbps = 2_700 + random(601);
    return kbps;
  });
}

/** How the sky over a moving phone is: how long it lasts, and the rate that it tends to. */
const SKIES = [
  { chance: 50, minMs: 2_000, maxMs: 6_000, kbps: 4_500 },
  { chance: 35, minMs: 2_000, maxMs: 4_000, kbps: 1_300 },
  { chance: 15, minMs: 200, maxMs: 700, kbps: 0 }, // from one cell to the next
];

/**
 * Like a moving phone: a rate that walks about what the place gives, in grants every few milliseconds, with fades of
 * seconds and short silences.
 */
function lte(seed: number): LinkTrace {
  const random = randomBelow(seed);
  let sky = SKIES[0]!;
  let skyEndsMs = 5_000;
  let kbps = sky.kbps;
  let heldBits = 0;
  return traceOfRate(DURATION_MS, (atMs) => {
    if (atMs > skyEndsMs) {
      const drawn = random(100);
      sky = SKIES.find(({ chance }, index) => drawn < SKIES.slice(0, index).reduce((sum, before) => sum + before.chance, chance))!;
      skyEndsMs = atMs + sky.minMs + random(sky.maxMs - sky.minMs);
    }
    if (atMs % 100 === 1) kbps += Math.floor((sky.kbps - kbps) / 3) + Math.floor(((random(601) - 300) * sky.kbps) / 1_000);
    heldBits += sky.kbps === 0 ? 0 : Math.min(9 * MBPS, Math.max(100, kbps));
    if (atMs % 4 !== 0 || random(100) < 30) return 0;
    const granted = heldBits;
    heldBits = 0;
    return granted;
  });
}

/** Whole numbers from 0 to below `limit`, the same for a seed everywhere: mulberry32, by Tommy Ettinger (public domain). */
function randomBelow(seed: number): (limit: number) => number {
  let state = seed | 0;
  return (limit) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return (((mixed ^ (mixed >>> 14)) >>> 0) % limit) | 0;
  };
}
