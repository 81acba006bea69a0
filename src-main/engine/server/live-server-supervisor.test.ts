import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Emitter } from '../../../src-shared/disposable.ts';
import { monotonicClock } from '../../process/clock.ts';
import type { FromServer, ServerFigures, ToServer } from '../../process/server-contract.ts';
import type { ServiceHost } from '../../process/service.ts';
import type { Log } from '../log.ts';
import { type LiveServerOptions, LiveServerSupervisor } from './live-server-supervisor.ts';

const log: Log = { debug() {}, info() {}, warn() {}, error() {} };
const READY: FromServer = { type: 'ready', rtmpUrl: 'rtmp://127.0.0.1:2/live', httpUrl: 'http://127.0.0.1:3', pid: 1 };

const FIGURES: ServerFigures = {
  timeMs: 0,
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
function setUp(more: Partial<LiveServerOptions> = {}) {
  const lives: Emitter<FromServer>[] = [];
  const sent: ToServer[] = [];
  const start = () => {
    const messages = new Emitter<FromServer>();
    const exits = new Emitter<{ code: number | null; signal: string | null }>();
    lives.push(messages);
    const kill = (signal: string) => void (signal === 'SIGKILL' && exits.emit({ code: null, signal }));
    return {
      pid: 1,
      send: (message: ToServer) => void sent.push(message),
      kill,
      onMessage: messages.on.bind(messages),
      onExit: exits.on.bind(exits),
    };
  };
  const services = { start } as unknown as ServiceHost;
  const server = new LiveServerSupervisor({ services, clock: monotonicClock(), ports: { rtmp: null, http: null }, log, ...more });
  server.start();
  return { server, lives, sent };
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

test('a server that records gets the time that a slow disk needs, and not for ever', async () => {
  const { server, lives, sent } = setUp({ shows: { record: { directory: '/shows' }, on: true } });
  lives[0]?.emit(READY);
  server.setKeepsShows(false); // the one that runs still records
  await vi.advanceTimersByTimeAsync(9_500);
  expect(lives).toHaveLength(1);
  await vi.advanceTimersByTimeAsync(600);
  expect(sent.at(-1)).toMatchObject({ type: 'start', options: { record: null } });
  server.setLan(true);
  await vi.advanceTimersByTimeAsync(2_100);
  expect(lives).toHaveLength(3);
});

test('opened to the network it starts anew at the same ports, on all addresses, and nobody is alarmed', async () => {
  const { server, lives, sent } = setUp();
  const incidents: unknown[] = [];
  server.incidents.on((failure) => incidents.push(failure));
  lives[0]?.emit(READY);
  expect(sent[0]).toMatchObject({ type: 'start', options: { host: '127.0.0.1' } });
  server.setLan(true);
  expect(sent[1]).toEqual({ type: 'stop' });
  await vi.advanceTimersByTimeAsync(2_100); // this one does not end by itself
  expect(sent[2]).toMatchObject({ type: 'start', options: { host: '0.0.0.0', rtmpPort: 2, httpPort: 3 } });
  server.setLan(true);
  expect(sent).toHaveLength(3);
  expect(incidents).toEqual([]);
});
