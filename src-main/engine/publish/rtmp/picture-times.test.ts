import { expect, test } from 'vitest';
import { findPictureTimes } from '../../../../src-shared/picture-times.ts';
import type { VideoPacket } from '../../../process/packet.ts';
import { concat } from '../../../wire/bytes.ts';
import { joinAvcc } from '../../../wire/nal.ts';
import { withTimes } from './picture-times.ts';

const way = { cameraUs: 1_000, encoderInUs: 40_000, encoderOutUs: 52_000 };
const packet = (unit: number[], known = true) =>
  ({ kind: 'video', captureTimeUs: 33_000, data: joinAvcc([Uint8Array.from(unit)]), ...(known && { way }) }) as VideoPacket;

test.each([
  ['h264', [0x65, 0x88]],
  ['hevc', [0x26, 0x01, 0x88]],
] as const)('%s: a viewer finds the times of the picture, by the clock on the wall', (codec, unit) => {
  const parts = withTimes(packet([...unit]), codec, 60_000);
  const found = findPictureTimes(concat(parts ?? []), codec);
  expect(found).toMatchObject({ captureUs: 1_000, composeUs: 33_000, encodeInUs: 40_000, encodeOutUs: 52_000, sendUs: 60_000 });
  expect(Math.abs(((found?.epochUnixUs ?? 0) + 60_000) / 1_000 - Date.now())).toBeLessThan(1_000);
});

test('the clock on the wall is the server’s, where that is known', () => {
  const parts = withTimes(packet([0x65, 0x88]), 'h264', 60_000, -3_600_000);
  const unixUs = findPictureTimes(concat(parts ?? []), 'h264')?.epochUnixUs ?? 0;
  expect(Math.abs((unixUs + 60_000) / 1_000 + 3_600_000 - Date.now())).toBeLessThan(1_000);
});

test('AV1 has no place for them, and what is not known is not told', () => {
  expect(withTimes(packet([0x65]), 'av1', 0)).toBeNull();
  expect(withTimes(packet([0x65], false), 'h264', 0)).toBeNull();
});
