import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { RecordingOptions } from '../../src-main/engine/record/recording.ts';
import { RecordingFile } from '../../src-main/engine/record/recording-file.ts';
import type { MediaPacket, VideoPacket } from '../../src-main/process/packet.ts';
import { type Feed, later, makeFeed } from './record-feed.ts';
import { decodeErrors, hashOf, packetsOf, readByMediabunny, recordedHash } from './record-probe.ts';

const FRAME_S = 1 / 30;
const SAMPLE_S = 1 / 48_000;
const HOUR_US = 3_600_000_000;

let folder: string;
let plain: Feed;
let withBFrames: Feed;
let count = 0;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tidecast-record-'));
  plain = await makeFeed(join(folder, 'plain.mp4'), { seconds: 6 });
  withBFrames = await makeFeed(join(folder, 'b.mp4'), { seconds: 6, bFrames: 2 });
}, 60_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const newPath = () => join(folder, `recording-${++count}.mp4`);
const options = (feed: Feed, changes: Partial<RecordingOptions> = {}): RecordingOptions => ({
  video: feed.video,
  audio: feed.audio,
  requestIdr: () => {},
  onFailure: (error) => {
    throw error;
  },
  ...changes,
});
const pictures = (packets: readonly MediaPacket[]) => packets.filter((packet): packet is VideoPacket => packet.kind === 'video');

/** Writes, and lets the disk have its turn. */
async function writeAll(recording: RecordingFile, packets: readonly MediaPacket[]): Promise<void> {
  for (const packet of packets) recording.write(packet);
  await vi.waitFor(() => expect(recording.stats.queueBytes).toBe(0), { timeout: 10_000 });
}

/** Plain pictures, and others from a time on, in one file, which decodes while it is open and when it is closed. */
async function goOnWith(other: Feed, fromUs: number): Promise<{ path: string; durationMs: number }> {
  const [path, copy] = [newPath(), newPath()];
  const recording = await RecordingFile.create(path, options(plain));
  await writeAll(recording, plain.packets);
  recording.setHeader(other.video);
  await writeAll(
    recording,
    later(other.packets, fromUs).filter((packet) => packet.ptsUs >= fromUs),
  );
  copyFileSync(path, copy);
  const { durationMs } = await recording.close();
  for (const file of [path, copy]) expect(decodeErrors(file)).toBe('');
  return { path, durationMs };
}

/** Every picture and sound of the packets is in the file, at its own time. */
function expectSame(path: string, packets: readonly MediaPacket[], header = plain.video): void {
  const first = pictures(packets)[0];
  if (!first) throw new Error('no picture');
  const video = packetsOf(path, 'v');
  expect(video.map(({ dataHash }) => dataHash)).toEqual(pictures(packets).map((packet) => recordedHash(packet, header)));
  expect(video.map(({ key }) => key)).toEqual(pictures(packets).map(({ key }) => key));
  pictures(packets).forEach((packet, index) => {
    expect(Math.abs((video[index]?.ptsS ?? -1) - (packet.ptsUs - first.ptsUs) / 1e6)).toBeLessThan(2e-6);
    expect(Math.abs((video[index]?.dtsS ?? -1) - (packet.dtsUs - first.ptsUs) / 1e6)).toBeLessThan(2e-6);
  });
  const sounds = packets.filter((packet) => packet.kind === 'audio' && packet.ptsUs > first.ptsUs - 2);
  const audio = packetsOf(path, 'a');
  expect(audio.map(({ dataHash }) => dataHash)).toEqual(sounds.map(({ data }) => hashOf(data)));
  sounds.forEach((packet, index) => {
    expect(Math.abs((audio[index]?.ptsS ?? -1) - (packet.ptsUs - first.ptsUs) / 1e6)).toBeLessThan(SAMPLE_S);
  });
}

describe.each([
  ['no B-frames', () => plain],
  ['two B-frames', () => withBFrames],
])('with %s', (_, feed) => {
  test('a closed recording is a plain file with every packet at its time', async () => {
    const path = newPath();
    const recording = await RecordingFile.create(path, options(feed()));
    await writeAll(recording, feed().packets);
    const result = await recording.close();
    expect(result).toMatchObject({
      path,
      widthPx: 320,
      heightPx: 180,
      framesWritten: 180,
      framesDropped: 0,
      failure: null,
      sizeBytes: statSync(path).size,
    });
    expect(result.durationMs).toBeCloseTo(6_000, 0);
    expectSame(path, feed().packets, feed().video);
    expect(decodeErrors(path)).toBe('');
    const read = await readByMediabunny(path);
    expect(read.durationS).toBeCloseTo(6, 2);
    expect(read.videoPtsS).toHaveLength(180);
    expect(readFileSync(path).includes('moof')).toBe(true); // still inside the mdat, unseen
  });

  test('the same file in mid-recording plays up to half a second ago', async () => {
    const [path, copy] = [newPath(), newPath()];
    const recording = await RecordingFile.create(path, options(feed()));
    const half = feed().packets.filter((packet) => packet.ptsUs < 3_200_000);
    await writeAll(recording, half);
    copyFileSync(path, copy);
    await recording.close();
    const written = packetsOf(copy, 'v').length;
    expect(written).toBeGreaterThan(pictures(half).length - 15);
    expect(decodeErrors(copy)).toBe('');
    const read = await readByMediabunny(copy);
    expect(read.videoPtsS).toHaveLength(written);
    expect(read.videoPtsS[0]).toBe(0);
  });
});

test('begins with the first IDR, asks for one, and keeps picture and sound together', async () => {
  const requestIdr = vi.fn();
  const path = newPath();
  const recording = await RecordingFile.create(path, options(withBFrames, { requestIdr }));
  expect(requestIdr).toHaveBeenCalledTimes(1);
  const joined = later(withBFrames.packets, HOUR_US).filter((packet) => packet.ptsUs > HOUR_US + 500_000);
  await writeAll(recording, joined);
  await recording.close();
  const idr = joined.findIndex((packet) => packet.kind === 'video' && packet.key);
  expect(idr).toBeGreaterThan(10);
  const kept = joined.filter((packet, index) => packet.kind === 'audio' || index >= idr);
  expectSame(path, kept, withBFrames.video);
  const [video, audio] = [packetsOf(path, 'v'), packetsOf(path, 'a')];
  expect(video[0]?.ptsS).toBe(0);
  expect(Math.abs((audio[0]?.ptsS ?? 9) - (video[0]?.ptsS ?? 0))).toBeLessThanOrEqual(FRAME_S);
  const read = await readByMediabunny(path);
  expect(read.videoPtsS[0]).toBe(0);
  expect(read.audioStartS).toBeLessThanOrEqual(0); // it shows the pre-roll too: up to two AAC frames, before time 0
  expect(read.audioStartS).toBeGreaterThanOrEqual(-2_048 * SAMPLE_S);
});

test('sound that comes late starts late, in the growing and in the closed file', async () => {
  const [path, copy] = [newPath(), newPath()];
  const recording = await RecordingFile.create(path, options(plain));
  const packets = plain.packets.filter((packet) => packet.kind === 'video' || packet.ptsUs > 1_000_000);
  await writeAll(recording, packets);
  copyFileSync(path, copy);
  await recording.close();
  expectSame(path, packets);
  const firstSound = packets.find((packet) => packet.kind === 'audio');
  for (const file of [path, copy]) expect(packetsOf(file, 'a')[0]?.ptsS).toBeCloseTo((firstSound?.ptsUs ?? 0) / 1e6, 4);
});

test('an encoder restart goes on in the same file, and its gap stays a gap', async () => {
  const [path, copy] = [newPath(), newPath()];
  const recording = await RecordingFile.create(path, options(plain));
  const gapUs = 1_400_000;
  const both = [...plain.packets, ...later(plain.packets, 6_000_000 + gapUs).filter((packet) => packet.ptsUs >= 6_000_000 + gapUs)];
  await writeAll(recording, plain.packets);
  recording.setHeader(plain.video);
  recording.setHeader(plain.audio);
  await writeAll(recording, both.slice(plain.packets.length));
  copyFileSync(path, copy);
  const { durationMs } = await recording.close();
  expect(durationMs).toBeCloseTo(12_000 + gapUs / 1_000, 0);
  expectSame(path, both);
  const before = packetsOf(copy, 'v')[179]?.ptsS ?? 0;
  expect((packetsOf(copy, 'v')[180]?.ptsS ?? 0) - before).toBeCloseTo(gapUs / 1e6 + FRAME_S, 4);
  expect(decodeErrors(path) + decodeErrors(copy)).toBe('');
});

test('other parameter sets of the same size go on in the same file and decode', { timeout: 30_000 }, async () => {
  const other = await makeFeed(join(folder, 'other.mp4'), { seconds: 3, bFrames: 2, x264: 'cabac=1:ref=4:8x8dct=1' });
  expect(other.video.config).not.toEqual(plain.video.config);
  const { path } = await goOnWith(other, 6_500_000);
  expect(packetsOf(path, 'v')).toHaveLength(180 + 90);
  expect((await readByMediabunny(path)).videoPtsS).toHaveLength(180 + 90);
});

test('another size and frame rate go on in the same file, whose descriptions tell both, and decode', { timeout: 30_000 }, async () => {
  const size = { widthPx: 640, heightPx: 360 };
  const other = await makeFeed(join(folder, 'larger.mp4'), { seconds: 2, size, frameRate: 25, bFrames: 2 });
  const { path, durationMs } = await goOnWith(other, 6_000_000);
  expect(durationMs).toBeCloseTo(8_000, 0);
  expect(packetsOf(path, 'v')).toHaveLength(180 + 50);
  const entry = (at: number) => [readFileSync(path).readUInt16BE(at + 28), readFileSync(path).readUInt16BE(at + 30)]; // after 'avc1'
  const moov = readFileSync(path).lastIndexOf('moov');
  const first = readFileSync(path).indexOf('avc1', moov);
  expect([entry(first), entry(readFileSync(path).indexOf('avc1', first + 4))]).toEqual([
    [320, 180],
    [640, 360],
  ]);
  // every picture is seen in its own size
  const sizes = execFileSync('ffprobe', ['-v', 'error', '-select_streams', 'v', '-show_entries', 'frame=width', '-of', 'csv=p=0', path]);
  expect(
    sizes
      .toString()
      .split('\n')
      .filter((line) => line.startsWith('640')),
  ).toHaveLength(50);
});

test('another codec ends the recording with a clear message, and the file is whole', async () => {
  const path = newPath();
  const onFailure = vi.fn();
  const recording = await RecordingFile.create(path, options(plain, { onFailure }));
  await writeAll(recording, plain.packets);
  recording.setHeader({ ...plain.video, codec: 'hevc' });
  recording.write(plain.packets[0] as MediaPacket);
  await vi.waitFor(() => expect(onFailure).toHaveBeenCalledTimes(1));
  expect(onFailure.mock.calls[0]?.[0]).toMatchObject({ code: 'record.io', message: expect.stringContaining('from h264 to hevc') });
  expect(await recording.close()).toMatchObject({ framesWritten: 180, failure: { code: 'record.io' } });
  expectSame(path, plain.packets);
});

/** of a packet that a mistake of our own has spoilt */
const NO_DATA = null as unknown as Uint8Array;

test('a packet that fits no file ends the recording, coded, and what came before it is whole', async () => {
  const path = newPath();
  const onFailure = vi.fn();
  const recording = await RecordingFile.create(path, options(plain, { onFailure }));
  const [start, rest] = [plain.packets.filter(({ ptsUs }) => ptsUs < 3_000_000), plain.packets.filter(({ ptsUs }) => ptsUs >= 3_000_000)];
  await writeAll(recording, start);
  for (const packet of rest) recording.write({ ...packet, data: NO_DATA });
  await vi.waitFor(() => expect(onFailure).toHaveBeenCalledTimes(1));
  expect(onFailure.mock.calls[0]?.[0]).toMatchObject({ code: 'record.io' });
  const { framesWritten, failure } = await recording.close();
  expect(failure).toMatchObject({ code: 'record.io' });
  expect(framesWritten).toBeGreaterThanOrEqual(75); // up to the last whole fragment
  expect(decodeErrors(path)).toBe('');
  expect(packetsOf(path, 'v')).toHaveLength(framesWritten);
});

test('a packet that shows only at the end to fit no file does not keep it from closing', async () => {
  const recording = await RecordingFile.create(newPath(), options(plain));
  await writeAll(recording, plain.packets.slice(0, 200));
  const last = pictures(plain.packets.slice(0, 200)).at(-1) as VideoPacket;
  recording.write({ ...last, ptsUs: last.ptsUs + 33_333, dtsUs: last.dtsUs + 33_333, key: false, data: NO_DATA });
  expect(await recording.close()).toMatchObject({ failure: { code: 'record.io' } });
});

test('a disk that does not follow costs pictures up to the next IDR, never memory, and time stays true', { timeout: 60_000 }, async () => {
  const heavy = await makeFeed(join(folder, 'heavy.mp4'), { seconds: 6, bitrateKbps: 30_000, size: { widthPx: 1280, heightPx: 720 } });
  const path = newPath();
  const recording = await RecordingFile.create(path, options(heavy));
  const rounds = Array.from({ length: 4 }, (_, round) => later(heavy.packets, round * 6_000_000));
  for (const packet of rounds.flat()) recording.write(packet); // the disk never has its turn
  const { framesDropped } = recording.stats;
  expect(framesDropped).toBeGreaterThan(0);
  expect(recording.stats.queueBytes).toBeLessThan(48 * 1024 * 1024);
  await vi.waitFor(() => expect(recording.stats.queueBytes).toBe(0), { timeout: 30_000 });
  await writeAll(recording, later(heavy.packets, 24_000_000));
  const { framesWritten, durationMs } = await recording.close();
  expect(framesWritten).toBeLessThan(30 * 30);
  expect(framesWritten + framesDropped).toBe(30 * 30); // pictures only, no sound among them
  expect(durationMs).toBeCloseTo(30_000, 0);
  const pts = packetsOf(path, 'v').map(({ ptsS }) => ptsS);
  expect(pts.at(-180)).toBeCloseTo(24, 3);
  expect(decodeErrors(path)).toBe('');
});

test('a recording without a picture leaves no file', async () => {
  const path = newPath();
  const recording = await RecordingFile.create(path, options(plain));
  recording.write(plain.packets.find((packet) => packet.kind === 'audio') as MediaPacket);
  expect(await recording.close()).toMatchObject({ framesWritten: 0, durationMs: 0 });
  expect(() => statSync(path)).toThrow('ENOENT');
});

describe('folder', () => {
  test('one that is missing is told by name', async () => {
    const missing = join(folder, 'missing');
    await expect(RecordingFile.createIn(missing, options(plain))).rejects.toMatchObject({
      code: 'record.folder',
      message: expect.stringContaining(missing),
    });
  });

  test('no file is ever overwritten', async () => {
    const startedAt = new Date(2026, 0, 31, 20, 5, 9);
    writeFileSync(join(folder, 'Tidecast 2026-01-31 20-05-09.mp4'), 'mine');
    await using recording = await RecordingFile.createIn(folder, options(plain), startedAt);
    expect(recording.path).toBe(join(folder, 'Tidecast 2026-01-31 20-05-09 (2).mp4'));
    expect(readFileSync(join(folder, 'Tidecast 2026-01-31 20-05-09.mp4'), 'utf8')).toBe('mine');
    expect(readdirSync(folder)).toContain('Tidecast 2026-01-31 20-05-09 (2).mp4');
  });

  test('little space left is told once', async () => {
    const onDiskLow = vi.fn();
    await using recording = await RecordingFile.create(newPath(), options(plain, { onDiskLow, lowDiskMinutes: 1e12 }));
    await vi.waitFor(() => expect(onDiskLow).toHaveBeenCalledTimes(1));
    expect(onDiskLow.mock.calls[0]?.[0].freeBytes).toBeGreaterThan(0);
    expect(recording.stats.framesWritten).toBe(0);
  });
});
