/** HEVC, AV1 and Opus in a recording, while it grows and once it is closed, as ffprobe, ffmpeg and mediabunny read them. */
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EncodedPacketSink, FilePathSource, Input, MP4 } from 'mediabunny';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { RecordingFile } from '../../src-main/engine/record/recording-file.ts';
import { recoverRecording } from '../../src-main/engine/record/recover.ts';
import type { MediaPacket, VideoHeader } from '../../src-main/process/packet.ts';
import { makeCodedClip } from '../support/coded-feed.ts';
import type { Clip } from '../support/h264-feed.ts';
import { later } from './record-feed.ts';
import { decodeErrors, hashOf, packetsOf, recordedHash } from './record-probe.ts';

let folder: string;
beforeAll(() => void (folder = mkdtempSync(join(tmpdir(), 'tidecast-codecs-'))));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const SAMPLE_S = 1 / 48_000;

/** The sound before the second IDR leads into a film that begins there. */
function fromSecondIdr({ packets }: Clip): { written: MediaPacket[]; startUs: number } {
  const keys = packets.filter((packet) => packet.kind === 'video' && packet.key);
  const start = keys[1];
  if (start?.kind !== 'video') throw new Error('no second IDR');
  const written = packets.filter((packet) => packet.kind === 'audio' || packet.dtsUs >= start.dtsUs);
  return { written, startUs: start.ptsUs };
}

async function expectReadable(
  path: string,
  header: VideoHeader,
  { written, startUs }: { written: readonly MediaPacket[]; startUs: number },
  codecs: { video: RegExp; audio: RegExp },
) {
  expect(decodeErrors(path)).toBe('');
  const pictures = written.filter((packet) => packet.kind === 'video');
  const video = packetsOf(path, 'v');
  expect(video.map(({ dataHash }) => dataHash)).toEqual(pictures.map((picture) => recordedHash(picture, header)));
  pictures.forEach(({ ptsUs, key }, i) => {
    expect(video[i]?.key).toBe(key);
    expect(Math.abs((video[i]?.ptsS ?? -1) - (ptsUs - startUs) / 1e6)).toBeLessThan(2e-6);
  });
  const sounds = written.filter((packet) => packet.kind === 'audio' && packet.ptsUs > startUs - 2);
  const audio = packetsOf(path, 'a');
  expect(audio.map(({ dataHash }) => dataHash)).toEqual(sounds.map(({ data }) => hashOf(data)));
  sounds.forEach(({ ptsUs }, i) => expect(Math.abs((audio[i]?.ptsS ?? -1) - (ptsUs - startUs) / 1e6)).toBeLessThan(SAMPLE_S));

  const input = new Input({ formats: [MP4], source: new FilePathSource(path) });
  const [picture, sound] = [await input.getPrimaryVideoTrack(), await input.getPrimaryAudioTrack()];
  if (!picture || !sound) throw new Error('a track is missing');
  expect((await picture.getDecoderConfig())?.codec).toMatch(codecs.video);
  expect((await sound.getDecoderConfig())?.codec).toMatch(codecs.audio);
  expect(await picture.getColorSpace()).toMatchObject({ primaries: 'bt709', matrix: 'bt709', fullRange: false });
  let count = 0;
  for await (const _ of new EncodedPacketSink(picture).packets()) count += 1;
  expect(count).toBe(pictures.length);
  input.dispose();
}

test.each([
  ['HEVC with B-frames and AAC', { video: 'hevc', audio: 'aac', bFrames: 2 }, { video: /^h[ev][vc]1\.1\.6\.L60/, audio: /^mp4a\.40\.2$/ }],
  ['AV1 and Opus', { video: 'av1', audio: 'opus' }, { video: /^av01\.0\.00M\.08/, audio: /^opus$/ }],
] as const)(
  '%s: every whole fragment plays, and so does the closed file',
  async (_, wanted, codecs) => {
    const clip = await makeCodedClip(wanted);
    const { written, startUs } = fromSecondIdr(clip);
    const path = join(folder, `${wanted.video}.mp4`);
    const recording = await RecordingFile.create(path, {
      ...clip,
      requestIdr: () => {},
      onFailure: (error) => {
        throw error;
      },
    });
    for (const packet of written) recording.write(packet);
    await vi.waitFor(() => expect(recording.stats.queueBytes).toBe(0), { timeout: 10_000 });
    const grown = join(folder, `${wanted.video}-grown.mp4`);
    copyFileSync(path, grown);
    expect(await recoverRecording(grown)).toMatchObject({ playable: true, widthPx: 192, heightPx: 108, trimmedBytes: 0 });
    expect(decodeErrors(grown)).toBe('');
    expect((await recording.close()).failure).toBeNull();
    await expectReadable(path, clip.video, { written, startUs }, codecs);
  },
  30_000,
);

test.each(['hevc', 'av1'] as const)(
  '%s from an encoder that was started anew goes on in the same file',
  async (video) => {
    const clip = await makeCodedClip({ video, audio: 'aac' });
    const path = join(folder, `${video}-anew.mp4`);
    const recording = await RecordingFile.create(path, { ...clip, requestIdr: () => {}, onFailure: () => {} });
    for (const packet of clip.packets) recording.write(packet);
    const other = clip.video.config.slice(); // other parameters that change nothing: HEVC's frame rate, AV1's delay
    if (video === 'hevc') other[20] = 30;
    else other[3] = 0x10;
    recording.setHeader({ ...clip.video, config: other });
    for (const packet of later(clip.packets, clip.durationUs)) recording.write(packet);
    expect((await recording.close()).failure).toBeNull();
    expect(decodeErrors(path)).toBe('');
    expect(packetsOf(path, 'v')).toHaveLength(2 * clip.packets.filter(({ kind }) => kind === 'video').length);
  },
  30_000,
);

test('another codec ends a recording, and what there is stays whole', async () => {
  const [hevc, h264] = [await makeCodedClip({ video: 'hevc', audio: 'aac' }), await makeCodedClip({ video: 'h264', audio: 'aac' })];
  const path = join(folder, 'other.mp4');
  const failures: string[] = [];
  const recording = await RecordingFile.create(path, { ...hevc, requestIdr: () => {}, onFailure: ({ message }) => failures.push(message) });
  for (const packet of hevc.packets) recording.write(packet);
  recording.setHeader(h264.video);
  expect((await recording.close()).failure).toMatchObject({ code: 'record.io' });
  expect(failures[0]).toMatch(/codec from hevc to h264/);
  expect(decodeErrors(path)).toBe('');
}, 30_000);
