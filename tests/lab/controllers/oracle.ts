/**
 * Knows the link, also a moment ahead, as long as the encoder takes to follow: what could be had at best. It gives up what
 * is needed to send off what waits within a second.
 */
import type { LinkTrace } from '../../../src-main/engine/link/trace.ts';
import type { RateController } from '../../../src-main/engine/rate-control/controller.ts';
import { capacityKbps } from '../judge.ts';
import { WARM_UP_MS } from '../sim/simulate.ts';

const AHEAD_MS = 1_500;
const USE = 0.99;
/** always on its way */
const USUAL_MS = 100;
const DROP_MS = 1_200;

export function oracle(link: LinkTrace): RateController<null> {
  const capacity = (fromMs: number, toMs: number) => (fromMs < 0 ? Number.POSITIVE_INFINITY : capacityKbps(link, fromMs, toMs));
  return {
    initial: () => null,
    step(state, { atUs, delayMs }, limits) {
      const atMs = atUs / 1_000 - WARM_UP_MS;
      const soonKbps = capacity(atMs, atMs + AHEAD_MS / 2);
      const thenKbps = capacity(atMs + AHEAD_MS / 2, atMs + AHEAD_MS);
      const waiting = Math.max(0, delayMs - USUAL_MS) / 1_000;
      const totalKbps = Math.min(soonKbps, thenKbps) * Math.max(0.3, USE - waiting / 2);
      const videoKbps = Math.min(limits.ceilingKbps, Math.max(limits.floorKbps, totalKbps - limits.otherKbps));
      const reason = videoKbps < limits.ceilingKbps ? 'link' : 'ceiling';
      return { state, decision: { videoKbps, reason, dropToIdr: delayMs > DROP_MS } };
    },
  };
}
