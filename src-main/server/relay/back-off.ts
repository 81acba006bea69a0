/** How long to wait before the next attempt: twice as long each time, up to 15 s, and short again after one that lasted. Pure. */

const FIRST_MS = 500;
const MOST_MS = 15_000;
/** what held for so long was no failed attempt */
const LASTING_MS = 10_000;

/**
 * @param failures attempts in a row that did not last
 * @param lastedMs how long the one that just ended carried media; 0: none came
 */
export function nextAttempt(failures: number, lastedMs: number): { failures: number; waitMs: number } {
  const counted = lastedMs >= LASTING_MS ? 0 : failures;
  return { failures: counted + 1, waitMs: Math.min(MOST_MS, FIRST_MS * 2 ** counted) };
}
