import { expect, test } from 'vitest';
import type { PictureTimes } from '../../src-shared/picture-times.ts';
import { stagesOf } from './glass.ts';

const times: PictureTimes = {
  epochUnixUs: 1_000_000_000,
  captureUs: 0,
  composeUs: 20_000,
  encodeInUs: 25_000,
  encodeOutUs: 35_000,
  sendUs: 36_000,
};
const picture = { times, sentMs: 1_000_040, arrivedMs: 1_000_050, shownMs: 1_000_420, decodeMs: 4, renderMs: 16 };

test('each stage has its share, and together they are the whole way', () => {
  const stages = stagesOf(picture);
  expect(stages).toEqual({ capture: 20, compose: 5, encode: 10, publish: 1, server: 4, network: 10, buffer: 350, decode: 4, render: 16 });
  expect(Object.values(stages).reduce((sum, ms) => sum + ms, 0)).toBe(420);
});

test.each([
  ['without a camera the way begins when the picture was composed', { times: { ...times, captureUs: null } }, { capture: undefined }, 400],
  ['what the server does not tell of is part of the network', { sentMs: null }, { server: undefined, network: 14 }, 420],
  ['what a ladder took is apart from the server', { times: { ...times, ladderUs: 3_000 } }, { ladder: 3, server: 1 }, 420],
  ['or from the network, over HLS', { times: { ...times, ladderUs: 3_000 }, sentMs: null }, { ladder: 3, network: 11 }, 420],
  ['and is never more than what it is in', { times: { ...times, ladderUs: 9_000 } }, { ladder: 4, server: 0 }, 420],
  ['what the browser does not tell of is part of the buffer', { decodeMs: null }, { decode: undefined, buffer: 354 }, 420],
])('%s', (_what, change, expected, wholeMs) => {
  const stages = stagesOf({ ...picture, ...change });
  expect(stages).toMatchObject(Object.fromEntries(Object.entries(expected).filter(([, value]) => value !== undefined)));
  for (const [stage, value] of Object.entries(expected)) if (value === undefined) expect(stages).not.toHaveProperty(stage);
  expect(Object.values(stages).reduce((sum, ms) => sum + ms, 0)).toBe(wholeMs);
});

test('a stage that the clocks make negative took nothing', () => {
  expect(stagesOf({ ...picture, sentMs: 1_000_030 }).server).toBe(0);
});
