/** How long to wait before a crashed process is started again. Pure. */

const WINDOW_US = 60_000_000;
const DELAYS_MS = [0, 0, 250, 500, 1_000, 2_000];
const LONGEST_MS = 5_000;

/**
 * The first crashes are answered at once, since the show waits; one that keeps crashing must not eat the machine.
 * @param crashesUs times of the crashes so far, the last one included
 */
export function restartDelayMs(crashesUs: readonly number[], nowUs: number): number {
  const recent = crashesUs.filter((atUs) => nowUs - atUs <= WINDOW_US).length;
  return DELAYS_MS[Math.max(0, recent - 1)] ?? LONGEST_MS;
}
