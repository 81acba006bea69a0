import { expect, test } from 'vitest';
import { QoeBeacon } from '../../../src-shared/domain/qoe.ts';
import { mergeQoe, QoeBoard } from './qoe-board.ts';

const LIMITS = { qoeViewersMax: 3, qoeViewersPerAddressMax: 2, qoeGoneMs: 30_000, qoeEveryMs: 1_000 };
const id = (n: number) => n.toString(16).padStart(16, '0');

function beacon(n: number, change: Partial<QoeBeacon> = {}): QoeBeacon {
  return QoeBeacon.parse({
    viewerId: id(n),
    protocol: 'flv',
    state: 'playing',
    glassMs: null,
    glassFrom: null,
    stagesMs: null,
    bufferMs: 500,
    startupMs: null,
    playedMs: 0,
    stalls: 0,
    stalledMs: 0,
    reconnects: 0,
    shownFrames: 0,
    droppedFrames: 0,
    bitrateKbps: null,
    widthPx: null,
    heightPx: null,
    ...change,
  });
}

const address = (n: number) => `10.0.0.${n}`;

function setUp() {
  const seen = { startup: [] as number[], glass: [] as number[] };
  const board = new QoeBoard(LIMITS, { startup: (ms) => seen.startup.push(ms), glass: (ms) => seen.glass.push(ms) });
  const take = (one: QoeBeacon, nowMs: number, from = address(Number.parseInt(one.viewerId, 16))) => board.take(one, from, nowMs);
  return { board, seen, take };
}

test('counters of a visit add up once; the time to the first picture is told once', () => {
  const { board, seen, take } = setUp();
  take(beacon(1, { stalls: 1, stalledMs: 200, startupMs: 400, playedMs: 1_800 }), 0);
  take(beacon(1, { stalls: 3, stalledMs: 900, startupMs: 400, playedMs: 3_600, glassMs: 700, reconnects: 1 }), 5_000);
  take(beacon(2, { stalls: 1, stalledMs: 0, startupMs: 600, playedMs: 1_000, droppedFrames: 4 }), 5_000);
  expect(board.totals).toEqual({ beacons: 3, refused: 0, stalls: 4, stalledMs: 900, reconnects: 1, droppedFrames: 4 });
  expect(seen).toEqual({ startup: [400, 600], glass: [700] });
  expect(mergeQoe([board], 6_000)).toEqual({
    players: 2,
    startupMs: { median: 500, worst: 600 },
    glassMs: { median: 700, worst: 700 },
    stalledPct: { median: 10, worst: 20 },
  });
});

test('a page that was reloaded begins anew; nobody stands still longer than time passes', () => {
  const { board, take } = setUp();
  take(beacon(1, { stalls: 5, stalledMs: 2_000 }), 0);
  take(beacon(1, { stalls: 1, stalledMs: 80_000_000 }), 4_000);
  expect(board.totals).toMatchObject({ stalls: 6, stalledMs: 6_000 });
});

test('a player that talks too much is not heard, and there is room for so many', () => {
  const { board, take } = setUp();
  expect(take(beacon(1), 0)).toBeNull();
  expect(take(beacon(1, { stalls: 9 }), 500)).toBe('too-often');
  take(beacon(2), 500);
  take(beacon(3), 500);
  expect(take(beacon(4), 600)).toBe('full');
  expect(board.totals).toMatchObject({ beacons: 3, refused: 2, stalls: 0 });
  expect(take(beacon(4), 30_100)).toBeNull(); // the first has gone
});

test('one address cannot fill the board', () => {
  const { take } = setUp();
  expect([1, 2, 3].map((n) => take(beacon(n), 0, address(1)))).toEqual([null, null, 'full']);
  expect(take(beacon(4), 0, address(2))).toBeNull();
});

test('who has left is in the totals, not in the figures', () => {
  const { board, take } = setUp();
  take(beacon(1, { glassMs: 500, stalls: 2 }), 0);
  take(beacon(2, { glassMs: 900, state: 'ended' }), 0);
  expect(mergeQoe([board], 0)).toMatchObject({ players: 1, glassMs: { worst: 500 } });
  expect(mergeQoe([board], 40_000)).toEqual({ players: 0, startupMs: null, glassMs: null, stalledPct: null });
  expect(board.totals.stalls).toBe(2);
});
