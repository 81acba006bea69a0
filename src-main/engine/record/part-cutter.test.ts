import { expect, test } from 'vitest';
import { RenditionId } from '../../../src-shared/domain/index.ts';
import type { AudioHeader, AudioPacket, MediaPacket, VideoHeader, VideoPacket } from '../../process/packet.ts';
import { PartCutter } from './part-cutter.ts';
import type { RecordingHeaders } from './recording.ts';

const renditionId = RenditionId.parse('r');
const H264: VideoHeader = {
  kind: 'video',
  renditionId,
  codec: 'h264',
  widthPx: 64,
  heightPx: 64,
  frameRate: 30,
  bitrateKbps: 100,
  config: Uint8Array.of(1),
};
const HEVC: VideoHeader = { ...H264, codec: 'hevc' };
const AAC: AudioHeader = { kind: 'audio', codec: 'aac', sampleRateHz: 48_000, channels: 2, bitrateKbps: 96, config: Uint8Array.of(1) };
const OPUS: AudioHeader = { ...AAC, codec: 'opus' };

const picture = (tick: number, key = false): VideoPacket => ({
  kind: 'video',
  renditionId,
  ptsUs: tick * 40_000,
  dtsUs: tick * 40_000,
  durationUs: 40_000,
  key,
  data: new Uint8Array(),
  tick,
  captureTimeUs: 0,
  repeated: false,
});
const sound = (ptsUs: number): AudioPacket => ({ kind: 'audio', ptsUs, durationUs: 20_000, data: new Uint8Array() });

/** What a part gets, in words. */
function part() {
  const got: string[] = [];
  return {
    got,
    setHeader: (header: VideoHeader | AudioHeader) => void got.push(`${header.codec} header`),
    write: (packet: MediaPacket) => void got.push(packet.kind === 'audio' ? `sound ${packet.ptsUs}` : `picture ${packet.tick}`),
  };
}

function setUp() {
  const first = part();
  const cuts: RecordingHeaders[] = [];
  let idrs = 0;
  const said: string[] = [];
  const cutter = new PartCutter(
    first,
    { video: H264, audio: AAC },
    { onCut: (next) => cuts.push(next), requestIdr: () => (idrs += 1), log: (line) => said.push(line) },
  );
  return { first, cuts, cutter, said, idrs: () => idrs };
}

test('another size goes on in the same part', () => {
  const { first, cuts, cutter } = setUp();
  cutter.write(picture(0, true));
  cutter.setHeader({ ...H264, widthPx: 32, config: Uint8Array.of(2) });
  cutter.setHeader({ ...AAC, bitrateKbps: 64 });
  cutter.write(picture(1, true));
  expect(first.got).toEqual(['picture 0', 'h264 header', 'aac header', 'picture 1']);
  expect(cuts).toEqual([]);
});

test('another codec ends the part before its IDR; the sound to it goes into both, and what comes meanwhile waits', () => {
  const { first, cuts, cutter } = setUp();
  for (const packet of [picture(0, true), sound(0), sound(20_000)]) cutter.write(packet);
  cutter.setHeader(HEVC);
  for (const packet of [sound(40_000), picture(1, true), sound(60_000), picture(2)]) cutter.write(packet);
  expect(first.got).toEqual(['picture 0', 'sound 0', 'sound 20000', 'sound 40000']);
  expect(cuts).toEqual([{ video: HEVC, audio: AAC }]);
  const second = part();
  cutter.adopt(second);
  cutter.write(picture(3));
  expect(second.got).toEqual(['sound 0', 'sound 20000', 'sound 40000', 'picture 1', 'sound 60000', 'picture 2', 'picture 3']);
  expect(first.got).toHaveLength(4);
});

test('with another format of sound the pictures go on up to the next IDR, which is asked for', () => {
  const { first, cuts, cutter, idrs } = setUp();
  cutter.write(picture(0, true));
  cutter.write(sound(0));
  cutter.setHeader(OPUS);
  expect(idrs()).toBe(1);
  for (const packet of [sound(20_000), picture(1), picture(2, true)]) cutter.write(packet);
  expect(first.got).toEqual(['picture 0', 'sound 0', 'picture 1']);
  const second = part();
  cutter.adopt(second);
  expect(cuts).toEqual([{ video: H264, audio: OPUS }]);
  expect(second.got).toEqual(['sound 20000', 'picture 2']);
});

test('a codec that comes and goes while a part is being made has a part of its own', () => {
  const { cuts, cutter } = setUp();
  cutter.write(picture(0, true));
  cutter.setHeader(HEVC);
  cutter.write(picture(1, true));
  cutter.setHeader(H264);
  cutter.write(picture(2, true));
  const [second, third] = [part(), part()];
  cutter.adopt(second);
  expect(second.got).toEqual(['picture 1']);
  expect(cuts.map(({ video }) => video.codec)).toEqual(['hevc', 'h264']);
  cutter.adopt(third);
  cutter.write(picture(3));
  expect(third.got).toEqual(['picture 2', 'picture 3']);
});

test('of the sound no more is kept than a part may need', () => {
  const { cutter } = setUp();
  for (let n = 0; n < 1_000; n += 1) cutter.write(sound(n * 20_000));
  cutter.setHeader(HEVC);
  cutter.write(picture(500, true));
  const second = part();
  cutter.adopt(second);
  expect(second.got).toHaveLength(252); // 5 s of 20 ms, and the IDR
});

test('what waits for a part that is late has a bound: pictures are left out up to an IDR, which is asked for', () => {
  const { cutter, said, idrs } = setUp();
  const large = (tick: number, key = false) => ({ ...picture(tick, key), data: new Uint8Array(8 * 1024 * 1024) });
  cutter.write(picture(0, true));
  cutter.setHeader(HEVC);
  for (let tick = 1; tick <= 4; tick += 1) cutter.write(large(tick, tick === 1));
  expect([said, idrs()]).toEqual([[], 1]);
  cutter.write(large(5)); // more than 32 MiB
  expect(said).toEqual([expect.stringContaining('the disk does not follow')]);
  for (const packet of [large(6), large(7, true), sound(280_000), large(8)]) cutter.write(packet); // nothing takes them: left out
  const second = part();
  cutter.adopt(second);
  expect(idrs()).toBe(2);
  for (const packet of [picture(9), sound(360_000), picture(10, true), sound(400_000), picture(11)]) cutter.write(packet);
  expect(second.got).toEqual([...[1, 2, 3, 4, 5].map((tick) => `picture ${tick}`), 'picture 10', 'sound 400000', 'picture 11']);
  expect(said).toHaveLength(1);
});
