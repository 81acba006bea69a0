/**
 * The rule that one would write first: what waits above half of the buffer, the rate × 0.8; below a tenth, up. It is kind to
 * it to let it see what our own pressure shows, acknowledgements included, and not only its own queue. How often it acts and
 * how far it goes up are not told: once a second, so that a change can show, and by 5 %.
 */
import type { RateController } from '../../../src-main/engine/rate-control/controller.ts';

/** the buffer that the rule speaks of */
export const BUFFER_MS = 2_000;
const HIGH = 0.5;
const LOW = 0.1;
const FALL = 0.8;
const RISE = 1.05;
const EVERY_US = 1_000_000;

interface State {
  kbps: number;
  actedUs: number;
}

export const seedRule: RateController<State> = {
  initial: (limits, nowUs, startKbps) => ({ kbps: startKbps ?? limits.ceilingKbps, actedUs: nowUs }),
  step(state, { atUs, delayMs }, limits) {
    let { kbps, actedUs } = state;
    if (atUs - actedUs >= EVERY_US) {
      const fill = delayMs / BUFFER_MS;
      if (fill > HIGH) kbps *= FALL;
      else if (fill < LOW) kbps *= RISE;
      kbps = Math.min(limits.ceilingKbps, Math.max(limits.floorKbps, kbps));
      if (kbps !== state.kbps) actedUs = atUs;
    }
    const reason = kbps < limits.ceilingKbps ? 'link' : 'ceiling';
    return { state: { kbps, actedUs }, decision: { videoKbps: kbps, reason, dropToIdr: false } };
  },
};
