/** A process that ends by a mistake of ours says which, whatever its parent does with it. */
import { writeSync } from 'node:fs';

/** Synchronously, since nothing asynchronous is written any more. The process ends as it would have. */
export function nameCrash(part: string): void {
  process.on('uncaughtExceptionMonitor', (error, origin) => {
    try {
      writeSync(2, `${part}: ${origin}: ${error instanceof Error ? error.stack : String(error)}\n`);
    } catch {
      // whoever read it is gone
    }
  });
}
