/** What is thrown where nobody catches it: mistakes of ours. */
import { writeSync } from 'node:fs';

/** So many in so long a time are no slip any more, and a fresh process does better than this one. */
const OUTLIVED_MAX = 20;
const OUTLIVED_WITHIN_MS = 10_000;

/** A process that ends by a mistake says which, whatever its parent does with it: synchronously, as nothing else is written then. */
export function nameCrash(part: string): void {
  process.on('uncaughtExceptionMonitor', (error, origin) => write(`${part}: ${origin}: ${text(error)}`));
}

/**
 * From now on a mistake is told and outlived: a show must not end with the listener that failed. (Left alone, Node ends the
 * process.) Too many of them end it all the same.
 */
export function outliveMistakes(tell: (error: unknown) => void): void {
  let recentMs: number[] = [];
  process.on('uncaughtException', (error) => {
    const nowMs = performance.now();
    recentMs = [...recentMs.filter((atMs) => nowMs - atMs < OUTLIVED_WITHIN_MS), nowMs];
    if (recentMs.length > OUTLIVED_MAX) {
      write(`${OUTLIVED_MAX} mistakes within ${OUTLIVED_WITHIN_MS / 1_000} s: this process ends`);
      process.exit(1);
    }
    try {
      tell(error);
    } catch (another) {
      write(text(another));
    }
  });
}

const text = (error: unknown) => (error instanceof Error && error.stack) || String(error);

function write(line: string): void {
  try {
    writeSync(2, `${line}\n`);
  } catch {
    // whoever read it is gone
  }
}
