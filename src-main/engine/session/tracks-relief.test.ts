import { expect, test } from 'vitest';
import type { PublisherRate } from '../../../src-shared/domain/index.ts';
import { US_PER_S } from '../../../src-shared/units.ts';
import type { Connection } from './publisher-set.ts';
import { TracksRelief } from './tracks-relief.ts';

type Rate = Pick<PublisherRate, 'reason' | 'targetKbps'>;
const [PLENTY, SCARCE] = [
  { reason: 'ceiling', targetKbps: 6_000 },
  { reason: 'link', targetKbps: 2_000 },
] as const;

/** @param rateAt of the first picture, by the second; its ceiling is 6,000 kbps @returns when the others go and come back, in seconds */
function play(seconds: number, rateAt: (second: number, isPaused: boolean) => Rate, phase = 'live'): string[] {
  const tracks = { pausable: true, isPaused: false };
  const connection = { publisher: { state: { phase } }, tracks } as unknown as Connection;
  const told: string[] = [];
  let second = 0;
  const relief = new TracksRelief({
    connections: () => [connection],
    rate: () => ({ ceilingKbps: 6_000, ...rateAt(second, tracks.isPaused) }) as PublisherRate,
    pause: (_, isPaused) => void (tracks.isPaused = isPaused),
    nowUs: () => second * US_PER_S,
    tell: (_, isPaused) => void told.push(`${isPaused ? 'go' : 'back'} at ${second}`),
  });
  for (second = 0; second < seconds; second += 1) relief.tick();
  return told;
}

test.each<[string, string[], (second: number) => Rate]>([
  ['a way that takes all', [], () => PLENTY],
  ['one that takes more than half', [], () => ({ reason: 'link', targetKbps: 3_500 })],
  ['a drop of four seconds', [], (second) => (second % 20 < 4 ? SCARCE : PLENTY)],
  ['less than half for five seconds', ['go at 15'], (second) => (second < 10 ? PLENTY : SCARCE)],
  ['an encode that others need at more', ['go at 5'], () => ({ reason: 'dropping', targetKbps: 6_000 })],
  ['others that need the shared encode at less', [], () => ({ reason: 'shared', targetKbps: 1_000 })],
  ['a rate that the user has fixed', [], () => ({ reason: 'fixed', targetKbps: 6_000 })],
  ['scarce for twenty seconds, then plenty', ['go at 5', 'back at 50'], (second) => (second < 20 ? SCARCE : PLENTY)],
])('%s: %j', (_, expected, rateAt) => expect(play(100, rateAt)).toEqual(expected));

test('what comes back too soon waits twice as long the next time', () => {
  expect(play(240, (_, isPaused) => (isPaused ? PLENTY : SCARCE))).toEqual([
    'go at 5',
    'back at 36',
    'go at 42',
    'back at 103',
    'go at 109',
    'back at 230',
    'go at 236',
  ]);
});

test('a connection that is away changes nothing', () => expect(play(60, () => SCARCE, 'waiting')).toEqual([]));
