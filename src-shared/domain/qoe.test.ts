import { expect, test } from 'vitest';
import { QoeBeacon } from './qoe.ts';

const BEACON: QoeBeacon = {
  viewerId: '0123456789abcdef',
  protocol: 'flv',
  state: 'playing',
  glassMs: 412.5,
  glassFrom: 'stream',
  stagesMs: { encode: 9, buffer: 300 },
  bufferMs: 300,
  startupMs: 180,
  playedMs: 5_000,
  stalls: 0,
  stalledMs: 0,
  reconnects: 0,
  shownFrames: 150,
  droppedFrames: 0,
  bitrateKbps: 2_500,
  widthPx: 1_280,
  heightPx: 720,
};

test('a beacon is what the page sends', () => expect(QoeBeacon.parse(BEACON)).toEqual(BEACON));

test.each([
  ['a stage nobody knows', { stagesMs: { magic: 1 } }],
  ['a negative time', { glassMs: -1 }],
  ['a name', { viewerId: 'Ann' }],
  ['a field more', { cookie: 'x' }],
  ['a fraction of a frame', { shownFrames: 1.5 }],
])('%s is refused', (_what, change) => expect(QoeBeacon.safeParse({ ...BEACON, ...change }).success).toBe(false));
