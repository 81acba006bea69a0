/** No adaptation: always the ceiling. What does not fit is dropped by the queue. */
import type { RateController } from '../../../src-main/engine/rate-control/controller.ts';

export const fixed: RateController<null> = {
  initial: () => null,
  step: (_state, _sample, limits) => ({ state: null, decision: { videoKbps: limits.ceilingKbps, reason: 'fixed', dropToIdr: false } }),
};
