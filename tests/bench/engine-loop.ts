/**
 * How late the event loop of the browser host is: engine, publishers, recording and HTTP of a show. Loaded into it before
 * its own code (`--import`), so that the product has no probe for this.
 *
 * SIGUSR2 writes what has been since the last one into TIDECAST_LOOP_FILE.
 */
import { renameSync, writeFileSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';

export interface LoopDelay {
  /** 99th percentile of the delays between two of the watch's own wake-ups, a millisecond apart */
  p99Ms: number;
  maxMs: number;
}

const RESOLUTION_MS = 1;

const file = process.env['TIDECAST_LOOP_FILE'];
// what it starts inherits its options
if (file !== undefined && process.argv[1]?.endsWith('headless/main.ts')) {
  const watch = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  watch.enable();
  process.on('SIGUSR2', () => {
    // the histogram counts from one of its own wake-ups to the next
    const delay: LoopDelay = { p99Ms: watch.percentile(99) / 1e6 - RESOLUTION_MS, maxMs: watch.max / 1e6 - RESOLUTION_MS };
    writeFileSync(`${file}.new`, JSON.stringify(delay));
    renameSync(`${file}.new`, file);
    watch.reset();
  });
}
