import { AV_TEST_PULSE_MS, US_PER_MS } from '../../src-shared/units.ts';

/** Whether the flash and the beep of an A/V test are on, by engine time. */
export function isPulse(timeUs: number, periodMs: number): boolean {
  return timeUs % (periodMs * US_PER_MS) < AV_TEST_PULSE_MS * US_PER_MS;
}
