import { expect, test } from 'vitest';
import type { StudioStats } from '../../../src-shared/domain/index.ts';
import { nextRun, type Run } from './run.ts';

interface Second {
  phase?: 'on-air' | 'stopping' | 'idle';
  link?: object | null;
  state?: object;
  stats?: object;
}

const second = (timeUs: number, { phase = 'on-air', link, state, stats }: Second = {}) =>
  ({
    timeUs,
    session: { phase },
    link: link === null ? null : { profile: 'step', capacityKbps: 6_000, bufferedMs: 100, ...link },
    publishers: [
      {
        destinationId: 'rehearsal',
        state: state ?? { phase: 'live', reconnects: 0 },
        stats: { bitrateKbps: 2_600, queueMs: 50, evidence: 'ack', framesSent: 0, framesDropped: 0, ...stats },
        rate: { targetKbps: 2_500, ceilingKbps: 2_500, heightPx: 720 },
      },
    ],
  }) as unknown as StudioStats;

const play = (...seconds: StudioStats[]) => seconds.reduce<Run | null>((run, stats) => nextRun(run, stats), null);

test('counters become figures of each second', () => {
  const run = play(second(1), second(2, { stats: { framesSent: 30 } }), second(3, { stats: { framesSent: 45, framesDropped: 12 } }));
  expect(run?.samples.map(({ sent, dropped }) => [sent, dropped])).toEqual([
    [0, 0],
    [30, 0],
    [15, 12],
  ]);
});

test('a window that is opened in mid-run counts from then on', () => {
  const run = play(
    second(900, { stats: { framesSent: 9_000, framesDropped: 300 } }),
    second(901, { stats: { framesSent: 9_028, framesDropped: 302 } }),
  );
  expect(run?.samples.map(({ sent, dropped }) => [sent, dropped])).toEqual([
    [0, 0],
    [28, 2],
  ]);
});

test('the delay counts the link’s buffer once, whoever knows of it', () => {
  const run = play(second(1), second(2, { stats: { evidence: 'tcp' } }));
  expect(run?.samples.map(({ delayMs }) => delayMs)).toEqual([50, 150]);
});

test('reconnects are kept while there is no connection', () => {
  const run = play(second(1, { state: { phase: 'live', reconnects: 2 } }), second(2, { state: { phase: 'waiting' } }));
  expect(run?.samples.map(({ isLive, reconnects }) => [isLive, reconnects])).toEqual([
    [true, 2],
    [false, 2],
  ]);
});

test('a show without a made-up link is no run', () => {
  expect(play(second(1, { link: null }), second(2, { phase: 'idle' }))).toBeNull();
});

test('a run that is over stays until the next begins', () => {
  const over = play(second(1), second(2), second(3, { phase: 'stopping' }), second(4, { phase: 'idle', link: null }));
  expect(over).toMatchObject({ isOver: true, link: 'step' });
  expect(over?.samples).toHaveLength(2);
  const next = nextRun(over, second(9, { link: { profile: 'lte' } }));
  expect(next).toMatchObject({ isOver: false, link: 'lte' });
  expect(next?.samples).toHaveLength(1);
});
