/** Which words a rate gets. Pure. */
import type { PublisherRate, RateReason } from '../../../src-shared/domain/index.ts';

/** From here on nobody sees the difference. */
const FULL = 0.97;
/** What holds whatever the rate: a fixed one, and pictures that are dropped at the full one. */
const ALWAYS: readonly RateReason[] = ['fixed', 'dropping'];

export function reasonOf({ reason, targetKbps, ceilingKbps }: Pick<PublisherRate, 'reason' | 'targetKbps' | 'ceilingKbps'>): RateReason {
  return !ALWAYS.includes(reason) && targetKbps >= ceilingKbps * FULL ? 'ceiling' : reason;
}
