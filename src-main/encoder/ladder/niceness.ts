/** A ladder comes after the studio's own encoder, and after the server itself. */
import { readdirSync } from 'node:fs';
import { setPriority } from 'node:os';

const NICENESS = 10;

/**
 * Not before the first picture: with a processor that others keep busy, a process that is nice from its beginning needs seconds
 * to load its libraries. Where threads have priorities of their own (Linux), each that is there gets it, and hands it on to those
 * that it starts: decoding and encoding run on threads that are older than this.
 */
export function yieldToOthers(): void {
  for (const thread of process.platform === 'linux' ? threads() : [0]) {
    try {
      setPriority(thread, NICENESS);
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
