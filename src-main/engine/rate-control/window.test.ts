import { expect, test } from 'vitest';
import type { RateLimits } from './controller.ts';
import type { Pressure } from './pressure.ts';
import { tidecast } from './tidecast.ts';
import { beginWindow, extendWindow } from './window.ts';

const LIMITS: RateLimits = { floorKbps: 300, ceilingKbps: 4_500, otherKbps: 180 };
const STEP_S = 0.1;
/** of the rate asked for */
const LUMP_S = 0.2;
const TCP = { rttMs: 2, minRttMs: 2, deliveryRateKbps: 90_000, appLimited: true, retransmittedPackets: 0 };

interface Way {
  /** what the server receives, in kbps */
  linkKbps: (atS: number) => number;
  /** TCP ends at the next machine, which takes all there is and queues it itself */
  isProxied: boolean;
}

/** An even stream over a way whose server acknowledges each lump. @returns the rate, second by second */
function play({ linkKbps, isProxied }: Way, seconds = 30): number[] {
  let state = tidecast.initial(LIMITS, 0);
  let videoKbps = LIMITS.ceilingKbps;
  let [offered, received, acked] = [0, 0, 0];
  const rates: number[] = [];
  for (let step = 1; step <= seconds / STEP_S; step += 1) {
    const atS = step * STEP_S;
    offered += (videoKbps + LIMITS.otherKbps) * 125 * STEP_S;
    received = Math.min(offered, received + linkKbps(atS) * 125 * STEP_S);
    const lumpBytes = (videoKbps + LIMITS.otherKbps) * 125 * LUMP_S;
    acked += Math.floor((received - acked) / lumpBytes) * lumpBytes;
    const inFlightBytes = isProxied ? 0 : offered - received;
    const isOverdue = offered - acked > lumpBytes;
    const sample: Pressure = {
      atUs: atS * 1_000_000,
      offeredBytes: offered,
      deliveredBytes: Math.min(offered - inFlightBytes, isOverdue ? acked : offered),
      evidence: 'ack',
      delayMs: 30,
      queueMs: 0,
      queueBytes: 0,
      unackedBytes: offered - acked,
      unsentBytes: 0,
      tcp: { ...TCP, inFlightBytes },
      way: null,
    };
    const stepped = tidecast.step(state, sample, LIMITS);
    ({ state } = stepped);
    ({ videoKbps } = stepped.decision);
    if (step % 10 === 0) rates.push(videoKbps);
  }
  return rates;
}

const fallsAt = (atS: number) => (nowS: number) => (nowS < atS ? 8_000 : 1_500);

test('acknowledgements that fall behind count, though TCP says that all is well: a proxy takes everything', () => {
  const rates = play({ linkKbps: fallsAt(10), isProxied: true });
  expect(rates[8]).toBe(LIMITS.ceilingKbps);
  expect(Math.min(...rates.slice(10, 13))).toBeLessThanOrEqual(1_500);
  const later = rates.slice(12);
  expect(later.reduce((sum, kbps) => sum + kbps, 0) / later.length).toBeLessThanOrEqual(1_500);
});

test.each([true, false])('acknowledgements in lumps are no sign of a slow way (behind a proxy: %s)', (isProxied) => {
  expect(new Set(play({ linkKbps: () => 8_000, isProxied }))).toEqual(new Set([LIMITS.ceilingKbps]));
});

test('after a raise, what is on its way at the new rate is no queue, though it is more than the link was known to take', () => {
  const [knownKbps, raisedKbps, raisedAtS, wayS] = [3_000, 4_500, 2, 0.04];
  const offeredAt = (atS: number) => (Math.min(atS, raisedAtS) * knownKbps + Math.max(0, atS - raisedAtS) * raisedKbps) * 125;
  /** a picture has just been handed over */
  const pictureBytes = (raisedKbps * 125) / 30;
  const sampleAt = (atS: number): Pressure => {
    const inFlightBytes = offeredAt(atS) - offeredAt(atS - wayS) + pictureBytes;
    const offeredBytes = offeredAt(atS) + pictureBytes;
    return {
      atUs: atS * 1_000_000,
      offeredBytes,
      deliveredBytes: offeredBytes - inFlightBytes,
      evidence: 'tcp',
      delayMs: wayS * 1_000,
      queueMs: 0,
      queueBytes: 0,
      unackedBytes: null,
      unsentBytes: 0,
      tcp: { ...TCP, rttMs: wayS * 1_000, minRttMs: wayS * 1_000, inFlightBytes },
      way: null,
    };
  };
  let window = beginWindow(sampleAt(STEP_S), wayS * 1_000);
  const waiting: number[] = [];
  for (let step = 2; step <= 30; step += 1) {
    window = extendWindow(window, sampleAt(step * STEP_S), knownKbps);
    waiting.push(Math.round(window.marks.at(-1)?.waitingBytes ?? 0));
  }
  const half = Math.round((raisedAtS + 0.5) / STEP_S);
  expect(waiting.slice(half)).toEqual(waiting.slice(half).fill(0));
});
