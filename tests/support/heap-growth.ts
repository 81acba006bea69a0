/** Whether something done again and again leaves memory behind: read after all garbage has gone, and judged over several windows. */
import { setTimeout as sleep } from 'node:timers/promises';
import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** What a collection frees, finalizers and closing handles let go of in a later turn: it takes several. */
const COLLECTIONS = 5;
/** V8 goes on compiling what runs for minutes: 5 to 10 KiB a reconnect at first, and nothing with --no-opt --no-sparkplug. */
const COMPILED = /^(code|trusted|read_only)/;

/** Objects and the buffers beside them, without compiled code, in bytes; the least of several looks, as packets come and go. */
export async function liveHeapBytes(): Promise<number> {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  let least = Number.POSITIVE_INFINITY;
  for (let i = 0; i < COLLECTIONS; i += 1) {
    await sleep(10);
    collect();
    const spaces = getHeapSpaceStatistics().filter(({ space_name: name }) => !COMPILED.test(name));
    const objectBytes = spaces.reduce((sum, { space_used_size: bytes }) => sum + bytes, 0);
    least = Math.min(least, objectBytes + process.memoryUsage().arrayBuffers);
  }
  return least;
}

/**
 * The median over the windows between readings: what is compiled or cached once makes one of them grow, a leak all.
 * @param each how often it was done in a window
 * @returns bytes each time
 */
export function growthBytes(readings: readonly number[], each: number): number {
  const steps = readings.slice(1).map((bytes, at) => (bytes - (readings[at] ?? bytes)) / each);
  const [low, high] = [(steps.length - 1) >> 1, steps.length >> 1].map((at) => steps.toSorted((a, b) => a - b)[at] ?? Number.NaN);
  return ((low ?? Number.NaN) + (high ?? Number.NaN)) / 2;
}
