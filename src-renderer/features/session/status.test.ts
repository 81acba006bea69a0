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
const calm = {
  bitrateKbps: 2_500,
  queueMs: 20,
  queueBytes: 0,
  congestion: 0,
  evidence: 'ack',
  rttMs: null,
  retransmittedPackets: null,
  framesSent: 0,
  framesDropped: 0,
  bytesSent: 0,
  clockJumps: 0,
};
const full = {
  targetKbps: 2_500,
  floorKbps: 300,
  ceilingKbps: 2_500,
  reason: 'ceiling',
  renditionId: 'stream',
  widthPx: 1280,
  heightPx: 720,
  frameRate: 30,
};
const failure = { code: 'rtmp.rejected', message: 'The server refused the key.' };
const live = { phase: 'live', sinceUs: 0, reconnects: 0, ingest: 'primary' };
const waiting = { phase: 'waiting', attempt: 1, dueUs: 0, failure, ingest: 'primary', graceUntilUs: null };
const failingOver = { phase: 'failing-over', attempt: 1, failure, ingest: 'backup', graceUntilUs: 1 };
const onAir = { phase: 'on-air', sinceUs: 0, live: true };
const idle = { phase: 'idle', failure: null };

const statusWith = (session: object, recorder: object, states: { state: object; stats?: object; rate?: object }[] = []) =>
  statusOf(
    StudioStats.parse({
      timeUs: 0,
      session,
      recorder,
      publishers: states.map(({ state, stats, rate }, index) => ({
        destinationId: `d${index}`,
        ingest: 'primary',
        state,
        stats: { ...calm, ...stats },
        rate: { ...full, ...rate },
      })),
      link: null,
      encoder,
      compositor: null,
      latency: { packetP50Ms: 0, packetP95Ms: 0, publishP50Ms: 0, publishP95Ms: 0, totalP95Ms: 0 },
      engineCpuPct: 0,
      metrics: {},
      freeDiskBytes: 0,
    }),
  );

test.each([
  ['nothing runs', statusWith({ phase: 'idle' }, idle), 'calm', 'ready'],
  ['a show is over, its encoder not yet', statusWith({ phase: 'idle', finishing: true }, idle), 'calm', 'finishing'],
  ['a rehearsal', statusWith({ ...onAir, live: false }, idle, [{ state: live }]), 'calm', 'rehearsing'],
  ['all is well', statusWith(onAir, idle, [{ state: live }]), 'calm', 'live'],
  ['a queue of over a second', statusWith(onAir, idle, [{ state: live, stats: { queueMs: 1_500 } }]), 'warning', 'slow'],
  ['pictures are dropped', statusWith(onAir, idle, [{ state: live, stats: { queueMs: 1_500, congestion: 1 } }]), 'warning', 'dropping'],
  ['a fixed rate is never lowered', statusWith(onAir, idle, [{ state: live, rate: { targetKbps: 300, reason: 'fixed' } }]), 'calm', 'live'],
  ['one of two dropped', statusWith(onAir, idle, [{ state: live }, { state: waiting }]), 'warning', 'reconnecting'],
  ['one goes over to its backup', statusWith(onAir, idle, [{ state: failingOver }]), 'warning', 'reconnecting'],
  ['a full disk is told even off air', statusWith({ phase: 'idle' }, { phase: 'idle', failure }), 'error', 'failed'],
])('%s', (_name, status, level, key) => {
  expect(status).toMatchObject({ level, key });
});

test('a lowered rate names the least of them', () => {
  const rates = [{ targetKbps: 1_800, reason: 'link' }, { targetKbps: 1_200, reason: 'rising' }, {}];
  const status = statusWith(
    onAir,
    idle,
    rates.map((rate) => ({ state: live, rate })),
  );
  expect(status).toMatchObject({ level: 'calm', key: 'lowered', kbps: 1_200 });
});

test('a refused key says whose it is', () => {
  expect(statusWith(onAir, idle, [{ state: live }, { state: { phase: 'stopped', failure } }])).toMatchObject({
    level: 'error',
    failure,
    destinationId: 'd1',
  });
});
