import { expect, test } from 'vitest';
import { StudioStats } from '../../../src-shared/domain/index.ts';
import { statusOf } from './status.ts';

const encoder = {
  framesNew: 0,
  framesRepeated: 0,
  framesLate: 0,
  silenceMs: 0,
  audioRebases: 0,
  encodeP50Ms: 0,
  encodeP95Ms: 0,
  cpuPct: 0,
  rssBytes: 0,
  restarts: 0,
};
const calm = { bitrateKbps: 2_500, queueMs: 20, queueBytes: 0, framesSent: 0, framesDropped: 0, bytesSent: 0 };
const failure = { code: 'rtmp.rejected', message: 'The server refused the key.' };
const live = { phase: 'live', sinceUs: 0, reconnects: 0 };
const waiting = { phase: 'waiting', attempt: 1, dueUs: 0, failure };
const onAir = { phase: 'on-air', sinceUs: 0, live: true };
const idle = { phase: 'idle', failure: null };

const statusWith = (session: object, recorder: object, states: [object, object?][] = []) =>
  statusOf(
    StudioStats.parse({
      timeUs: 0,
      session,
      recorder,
      publishers: states.map(([state, stats = calm], index) => ({ destinationId: `d${index}`, state, stats })),
      encoder,
      compositor: null,
      latency: { packetP50Ms: 0, packetP95Ms: 0, publishP50Ms: 0, publishP95Ms: 0, totalP95Ms: 0 },
      engineCpuPct: 0,
      freeDiskBytes: 0,
    }),
  );

test.each([
  ['nothing runs', statusWith({ phase: 'idle' }, idle), 'calm', 'ready'],
  ['a rehearsal', statusWith({ ...onAir, live: false }, idle, [[live]]), 'calm', 'rehearsing'],
  ['all is well', statusWith(onAir, idle, [[live]]), 'calm', 'live'],
  ['a queue of over a second', statusWith(onAir, idle, [[live, { ...calm, queueMs: 1_500 }]]), 'warning', 'slow'],
  ['one of two dropped', statusWith(onAir, idle, [[live], [waiting]]), 'warning', 'reconnecting'],
  ['a full disk is told even off air', statusWith({ phase: 'idle' }, { phase: 'idle', failure }), 'error', 'failed'],
])('%s', (_name, status, level, key) => {
  expect(status).toMatchObject({ level, key });
});

test('a refused key says whose it is', () => {
  expect(statusWith(onAir, idle, [[live], [{ phase: 'stopped', failure }]])).toMatchObject({
    level: 'error',
    failure,
    destinationId: 'd1',
  });
});
