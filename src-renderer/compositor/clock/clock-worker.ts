/**
 * Announces ticks on a port. It sleeps in Atomics.wait, since timers of pages and workers are delayed in hidden tabs
 * and under load. It never returns to its event loop, and ends by `terminate`.
 */
import { MediaClock } from './media-clock.ts';
import { nextTick } from './tick-schedule.ts';

export interface ClockWorkerInit {
  memory: SharedArrayBuffer;
  port: MessagePort;
}

self.onmessage = ({ data }: MessageEvent<ClockWorkerInit>) => run(new MediaClock(data.memory), data.port);

function run(clock: MediaClock, port: MessagePort): never {
  let lastTick: number | null = null;
  let frameRate = clock.frameRate;
  for (;;) {
    if (frameRate !== clock.frameRate) lastTick = null;
    frameRate = clock.frameRate;
    const { tick, waitUs } = nextTick(clock.nowUs(), frameRate, lastTick);
    if (waitUs > 0 && clock.sleep(waitUs / 1_000) === 'changed') continue;
    lastTick = tick;
    port.postMessage(tick);
  }
}
