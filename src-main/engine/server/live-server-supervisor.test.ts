import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Emitter } from '../../../src-shared/disposable.ts';
import { monotonicClock } from '../../process/clock.ts';
import type { FromServer, ServerFigures } from '../../process/server-contract.ts';
import type { ServiceHost } from '../../process/service.ts';
import type { Log } from '../log.ts';
import { LiveServerSupervisor } from './live-server-supervisor.ts';

const log: Log = { debug() {}, info() {}, warn() {}, error() {} };
const READY: FromServer = { type: 'ready', rtmpUrl: 'rtmp://127.0.0.1:2/live', httpUrl: 'http://127.0.0.1:3', pid: 1 };

const FIGURES: ServerFigures = {
  publishers: 0,
  viewers: { flv: 0, hls: 0, rtmp: 0 },
  inBytes: 0,
  outBytes: 0,
  cpuUs: 0,
  rssBytes: 0,
  loopDelayP99Ms: 0,
  viewerQueueMs: 0,
  droppedFrames: 0,
  stalls: 0,
  reconnects: 0,
  qoe: { players: 0, startupMs: null, glassMs: null, stalledPct: null },
};

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** Processes that say what they are told to and end by SIGKILL only. */
function setUp() {
  const lives: Emitter<FromServer>[] = [];
  const start = () => {
    const messages = new Emitter<FromServer>();
    const exits = new Emitter<{ code: number | null; signal: string | null }>();
    lives.push(messages);
    const kill = (signal: string) => void (signal === 'SIGKILL' && exits.emit({ code: null, signal }));
    return { pid: 1, send() {}, kill, onMessage: messages.on.bind(messages), onExit: exits.on.bind(exits) };
  };
  const services = { start } as unknown as ServiceHost;
  const server = new LiveServerSupervisor({ services, clock: monotonicClock(), ports: { rtmp: null, http: null }, log });
  server.start();
  return { server, lives };
}

test('a server that does not get ready is replaced', async () => {
  const { lives } = setUp();
  await vi.advanceTimersByTimeAsync(9_900);
  expect(lives).toHaveLength(1);
  await vi.advanceTimersByTimeAsync(200);
  expect(lives).toHaveLength(2);
});

test('a server that falls silent is replaced, one that goes on with its figures is not', async () => {
  const { server, lives } = setUp();
  lives[0]?.emit(READY);
  for (let second = 0; second < 30; second += 1) {
    await vi.advanceTimersByTimeAsync(1_000);
    lives[0]?.emit({ type: 'stats', streams: [], figures: FIGURES });
  }
  expect(lives).toHaveLength(1);
  await vi.advanceTimersByTimeAsync(10_100);
  expect(lives).toHaveLength(2);
  expect(server.running).toBeNull();
});
