/** What a rate controller is: a pure function of samples and time, the same in the product, the simulator and the tests. */
import type { RateReason } from '../../../src-shared/domain/index.ts';
import type { Pressure } from './pressure.ts';

/** All of the video; re-read at every step, since the user may edit them while live. */
export interface RateLimits {
  floorKbps: number;
  ceilingKbps: number;
  /** what sound and packaging take beside the video */
  otherKbps: number;
}

export interface RateDecision {
  /** floorKbps to ceilingKbps */
  videoKbps: number;
  reason: RateReason;
  /** the rate alone cannot hold the bound: drop what waits, to the next IDR */
  dropToIdr: boolean;
}

export interface RateController<State> {
  /** for a fresh connection. @param startKbps where the rate stands now, as after a reconnect; else the ceiling */
  initial(limits: RateLimits, nowUs: number, startKbps?: number): State;
  step(state: State, sample: Pressure, limits: RateLimits): { state: State; decision: RateDecision };
}
