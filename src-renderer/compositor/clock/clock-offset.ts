/** Finds the offset between local and engine time from ping round trips, and follows it without jumps. */
import { US_PER_S } from '../../../src-shared/units.ts';

const STEP_ABOVE_US = 20_000;
/** 500 ppm: a picture or a sample never notices */
const SLEW_US_PER_S = 500;

export interface PingSample {
  sentUs: number;
  receivedUs: number;
  /** engine time when the far side answered */
  engineUs: number;
}

/** The offset of the sample with the shortest round trip: it had the least room for asymmetry. */
export function bestOffsetUs(samples: readonly PingSample[]): number | null {
  let best: PingSample | null = null;
  for (const sample of samples) if (!best || roundTripUs(sample) < roundTripUs(best)) best = sample;
  return best && best.engineUs - (best.sentUs + best.receivedUs) / 2;
}

/**
 * Where the clock is to go by some pings. A clock within what the best of them leaves open stays as it is: on a busy
 * machine round trips are long, and say little.
 */
export function targetOffsetUs(currentUs: number, samples: readonly PingSample[]): number | null {
  const bestUs = bestOffsetUs(samples);
  if (bestUs === null) return null;
  const openUs = Math.min(...samples.map(roundTripUs)) / 2;
  return Math.abs(bestUs - currentUs) <= openUs ? currentUs : bestUs;
}

function roundTripUs({ sentUs, receivedUs }: PingSample): number {
  return receivedUs - sentUs;
}

/** @returns the offset to use now: a step for a new epoch, else a slow approach to the target */
export function approachOffsetUs(currentUs: number, targetUs: number, elapsedUs: number): number {
  const errorUs = targetUs - currentUs;
  if (Math.abs(errorUs) > STEP_ABOVE_US) return targetUs;
  const limitUs = (SLEW_US_PER_S * elapsedUs) / US_PER_S;
  return currentUs + Math.max(-limitUs, Math.min(limitUs, errorUs));
}
