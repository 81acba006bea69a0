/** Which tick is next, and how long to sleep for it. */
import { tickToUs, usToTick } from '../../../src-shared/units.ts';

export interface NextTick {
  tick: number;
  waitUs: number;
}

/**
 * @param nowUs engine time
 * @param lastTick the tick announced before, or null at the beginning
 * @returns the tick after the last one; when that is over, the one that is due now at once: what was missed is skipped.
 *   After a step of the clock by more than a second the count begins anew.
 */
export function nextTick(nowUs: number, frameRate: number, lastTick: number | null): NextTick {
  const current = usToTick(nowUs + 1, frameRate); // due times are rounded to whole microseconds
  const stepped = lastTick === null || Math.abs(current - lastTick) > frameRate;
  const tick = stepped ? current + 1 : Math.max(lastTick + 1, current);
  return { tick, waitUs: Math.max(0, tickToUs(tick, frameRate) - nowUs) };
}
