/** A ladder comes after the others. */
import { readdirSync } from 'node:fs';
import { setPriority } from 'node:os';

/**
 * Not before the first picture: with a processor that others keep busy, a process that is nice from its beginning needs seconds
 * to load its libraries. Where threads have priorities of their own (Linux), each that is there gets it, and hands it on to those
 * that it starts: decoding and encoding run on threads that are older than this.
 */
export function yieldToOthers(niceness: number): void {
  for (const thread of process.platform === 'linux' ? threads() : [0]) {
    try {
      setPriority(thread, niceness);
    } catch {
      // it has ended meanwhile, or not everyone may be nice here
    }
  }
}

function threads(): number[] {
  try {
    return readdirSync('/proc/self/task').map(Number);
  } catch {
    return [0];
  }
}
