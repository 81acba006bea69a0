import { expect, test } from 'vitest';
import type { AudioHeader, MediaHeader, VideoHeader } from '../../../process/packet.ts';
import type { CodecRefusal } from '../publisher.ts';
import { CodecHold } from './codec-hold.ts';
import type { Refusal } from './rtmp-sender.ts';

const header = (kind: MediaHeader['kind'], codec: string) => ({ kind, codec }) as VideoHeader | AudioHeader;
const [HEVC, H264, OPUS] = [header('video', 'hevc'), header('video', 'h264'), header('audio', 'opus')];
const refuses =
  (track: number, ...codecs: MediaHeader['codec'][]) =>
  ({ codec }: MediaHeader): Refusal | null =>
    codecs.includes(codec) ? { codec, track, why: 'server-lacks-it' } : null;

function holdOf() {
  const told: CodecRefusal[] = [];
  return { hold: new CodecHold('example.org', (refusal) => told.push(refusal)), told };
}

test('a show without its picture is held, told once, and free with another codec', () => {
  const { hold, told } = holdOf();
  expect(hold.judge([HEVC, OPUS], refuses(0, 'hevc'), 0, true)).toBe(true);
  expect(hold.judge([HEVC, OPUS], refuses(0, 'hevc'), 1_000_000, true)).toBe(true);
  expect(told.map(({ codec, failure }) => [codec, failure.code])).toEqual([['hevc', 'rtmp.codec']]);
  expect(told[0]?.failure.message).toBe('example.org does not take HEVC: it needs H.264.');
  expect(hold.judge([H264, OPUS], refuses(0, 'hevc'), 2_000_000, true)).toBe(false);
  expect(hold.overdue(60_000_000)).toBeNull();
});

test('both kinds are told, and another connection tells them anew', () => {
  const { hold, told } = holdOf();
  hold.judge([HEVC, OPUS], refuses(0, 'hevc', 'opus'), 0, true);
  expect(told.map(({ kind }) => kind)).toEqual(['video', 'audio']);
  hold.reset();
  hold.judge([HEVC, OPUS], refuses(0, 'hevc', 'opus'), 0, true);
  expect(told).toHaveLength(4);
});

test('ten seconds without another codec are too long', () => {
  const { hold } = holdOf();
  hold.judge([HEVC], refuses(0, 'hevc'), 1_000_000, true);
  expect(hold.overdue(11_000_000)).toBeNull();
  expect(hold.overdue(11_000_001)).toMatchObject({ code: 'rtmp.codec' });
});

test('a further track is left out, and holds nothing', () => {
  const { hold, told } = holdOf();
  expect(hold.judge([H264], refuses(1, 'h264'), 0, true)).toBe(false);
  expect(told).toMatchObject([{ track: 1, codec: 'h264' }]);
});

test('before the server was asked nobody is told', () => {
  const { hold, told } = holdOf();
  expect(hold.judge([HEVC], refuses(0, 'hevc'), 0, false)).toBe(true);
  expect(told).toEqual([]);
});
