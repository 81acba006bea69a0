import { expect, test } from 'vitest';
import { findPictureTimes, type PictureTimes } from '../../../src-shared/picture-times.ts';
import { joinAvcc, splitAvcc } from '../../wire/nal.ts';
import { withLadderTimes } from './rung-times.ts';

const TIMES: PictureTimes = {
  epochUnixUs: 1_700_000_000_000_000,
  captureUs: null,
  composeUs: 1_000_000,
  encodeInUs: 1_004_000,
  encodeOutUs: 1_013_000,
  sendUs: 1_014_500,
};

test("the source's times are before the first slice of the rung's picture, with what the ladder took", () => {
  const units = [Uint8Array.of(0x67, 1), Uint8Array.of(0x68, 2), Uint8Array.of(0x65, 3)];
  const picture = withLadderTimes(joinAvcc(units), TIMES, 42);
  expect(findPictureTimes(picture, 'h264')).toEqual({ ...TIMES, ladderUs: 42_000 });
  const after = splitAvcc(picture);
  expect(after.map(([head]) => head)).toEqual([0x67, 0x68, 0x06, 0x65]);
  expect(joinAvcc(after.filter(([head]) => head !== 0x06))).toEqual(joinAvcc(units));
});
