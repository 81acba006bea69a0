/** The live server passes on HEVC, AV1, VP9 and Opus: FFmpeg 8 and our own publisher send them, FFmpeg 8 plays them. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AV_CODEC_ID_AAC, AV_CODEC_ID_AV1, AV_CODEC_ID_H264, AV_CODEC_ID_HEVC, AV_CODEC_ID_OPUS, AV_CODEC_ID_VP9 } from 'node-av/constants';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { FlvReader, TAG } from '../../src-main/wire/flv.ts';
import { type ExAudioBody, parseExAudioBody } from '../../src-main/wire/flv-extended-audio.ts';
import { type ExVideoBody, parseExVideoBody } from '../../src-main/wire/flv-extended-video.ts';
import { makeCodedClip } from '../support/coded-feed.ts';
import { type DecodedTrack, playWithFfmpeg8, publishWithFfmpeg8 } from '../support/ffmpeg8-receiver.ts';
import { startRig } from '../support/publish-harness.ts';
import { KEY, RawRtmp, runTool, startServer, type TestServer, until } from './server-support.ts';

const GOP_FRAMES = 60;
const SECONDS = 6;
let folder: string;
let server: TestServer;
const open: { dispose(): Promise<unknown> }[] = [];
beforeAll(() => void (folder = mkdtempSync(join(tmpdir(), 'tidecast-enhanced-'))));
beforeEach(async () => void (server = await startServer()));
afterEach(async () => {
  await server.close();
  await Promise.all(open.splice(0).map((one) => one.dispose()));
});
afterAll(() => rmSync(folder, { recursive: true }));

const kept = <P extends { dispose(): Promise<unknown> }>(peer: P): P => {
  open.push(peer);
  return peer;
};

const VIDEO = {
  hevc: ['libx265', '-preset', 'ultrafast', '-x265-params', 'log-level=none:pools=none:scenecut=0:open-gop=0'],
  av1: ['libsvtav1', '-preset', '12', '-svtav1-params', 'lp=1:scd=0'],
  vp9: ['libvpx-vp9', '-deadline', 'realtime', '-cpu-used', '8'],
};

/** A moving picture with a tone. */
async function makeFile(video: keyof typeof VIDEO, audio: 'aac' | 'libopus'): Promise<string> {
  const file = join(folder, `${video}-${audio}.mkv`);
  const sources = ['-f', 'lavfi', '-i', 'testsrc2=s=320x180:r=30', '-f', 'lavfi', '-i', 'sine=r=48000', '-t', `${SECONDS}`];
  const coded = ['-pix_fmt', 'yuv420p', '-b:v', '500k', '-g', `${GOP_FRAMES}`, '-c:a', audio, '-ac', '2'];
  const { code, errors } = await runTool('ffmpeg', ['-v', 'error', '-y', ...sources, '-c:v', ...VIDEO[video], ...coded, file]);
  if (code !== 0) throw new Error(errors);
  return file;
}

const flvUrl = () => `${server.httpUrl}/live/live.flv`;

/** The first tags of HTTP-FLV, as they are, to a player that has told the server nothing of itself. */
async function firstTags(count: number): Promise<{ type: number; timestampMs: number; data: Uint8Array }[]> {
  const { body } = await fetch(flvUrl());
  const reader = new FlvReader();
  const tags = [];
  for await (const bytes of body!) {
    tags.push(...reader.feed(bytes));
    if (tags.length >= count) break;
  }
  return tags;
}

function expectPlayed(tracks: DecodedTrack[], video: number, audio: number): void {
  expect(tracks.map(({ codecId }) => codecId).sort()).toEqual([video, audio].sort());
  const [picture, sound] = [tracks.find(({ isVideo }) => isVideo)!, tracks.find(({ isVideo }) => !isVideo)!];
  expect(picture.ptsMs.length).toBeGreaterThan(GOP_FRAMES);
  const steps = picture.ptsMs.slice(1, -4).map((ptsMs, i) => ptsMs - picture.ptsMs[i]!);
  expect(Math.min(...steps)).toBeGreaterThanOrEqual(32); // every picture, in its order
  expect(Math.max(...steps)).toBeLessThanOrEqual(35);
  expect(sound.samples).toBeGreaterThan((picture.ptsMs.length / 30) * 48_000 * 0.8);
}

test.each([
  ['HEVC and Opus', 'hevc', 'libopus', { fourCc: 'hvc1', video: AV_CODEC_ID_HEVC, audio: AV_CODEC_ID_OPUS }],
  ['AV1 and AAC', 'av1', 'aac', { fourCc: 'av01', video: AV_CODEC_ID_AV1, audio: AV_CODEC_ID_AAC }],
  ['VP9 and Opus', 'vp9', 'libopus', { fourCc: 'vp09', video: AV_CODEC_ID_VP9, audio: AV_CODEC_ID_OPUS }],
] as const)(
  '%s of FFmpeg 8 reach its players over RTMP and HTTP-FLV; who joins late gets headers and the GOP so far',
  async (_, video, audio, codecs) => {
    const file = await makeFile(video, audio);
    kept(publishWithFfmpeg8(file, `${server.rtmpUrl}/live?key=${KEY}`));
    await until(() => (server.stats()[0]?.gopCacheMs ?? 0) > 1_000);
    const tags = await firstTags(20);
    const videos = tags
      .filter(({ type }) => type === TAG.video)
      .map((tag) => ({ ...tag, body: parseExVideoBody(tag.data) as ExVideoBody }));
    expect(videos[0]?.body).toMatchObject({ packet: 'header', tracks: [{ fourCc: codecs.fourCc }] });
    expect(videos[1]).toMatchObject({ timestampMs: 0, body: { packet: 'nalu', key: true } });
    expect(videos[2]?.body).toMatchObject({ packet: 'nalu', key: false });
    if (audio === 'libopus') {
      const [header, frame] = tags.filter(({ type }) => type === TAG.audio).map(({ data }) => parseExAudioBody(data) as ExAudioBody);
      expect([header, frame]).toMatchObject([
        { packet: 'header', tracks: [{ fourCc: 'Opus' }] },
        { packet: 'frame', tracks: [{ fourCc: 'Opus' }] },
      ]);
    }
    const players = [playWithFfmpeg8(flvUrl()), playWithFfmpeg8(`${server.rtmpUrl}/live`)].map(kept);
    await until(() => server.stats()[0]?.viewers === 2);
    await until(() => server.stats()[0]?.publishing === false); // the file has ended
    await server.close();
    for (const player of players) expectPlayed(await player.decoded(), codecs.video, codecs.audio);
  },
  40_000,
);

test('several tracks of FFmpeg 8: players get the default ones, and others where they ask for them', async () => {
  const file = join(folder, 'tracks.mkv');
  const sources = ['testsrc2=s=320x180:r=30', 'testsrc2=s=160x90:r=30', 'sine=r=48000', 'sine=f=880:r=48000'];
  const maps = sources.flatMap((_, i) => ['-map', `${i}`]);
  const inputs = sources.flatMap((source) => ['-f', 'lavfi', '-t', '4', '-i', source]);
  const coded = [
    '-pix_fmt',
    'yuv420p',
    '-c:v',
    'libx264',
    '-preset',
    'ultrafast',
    '-g',
    '30',
    '-c:a:0',
    'aac',
    '-c:a:1',
    'libopus',
    '-ac',
    '2',
  ];
  const { code, errors } = await runTool('ffmpeg', ['-v', 'error', '-y', ...inputs, ...maps, ...coded, file]);
  expect([code, errors]).toEqual([0, '']);
  kept(publishWithFfmpeg8(file, `${server.rtmpUrl}/live?key=${KEY}`));
  await until(() => (server.stats()[0]?.gopCacheMs ?? 0) > 300);
  const told = (await (await fetch(`${server.httpUrl}/api/streams/live`)).json()) as { tracks: object };
  expect(told.tracks).toEqual({ video: [0, 1], audio: [0, 1] });
  expect((await fetch(`${flvUrl()}?video=2`)).status).toBe(404);
  const players = [flvUrl(), `${flvUrl()}?video=1&audio=1`, `${server.rtmpUrl}/live?video=1`].map((url) => kept(playWithFfmpeg8(url)));
  await until(() => server.stats()[0]?.viewers === 3);
  await until(() => server.stats()[0]?.publishing === false); // the file has ended
  await server.close();
  const played = await Promise.all(players.map((player) => player.decoded()));
  const [first, others, small] = played.map((tracks) => tracks.map(({ codecId, sizes }) => [codecId, ...sizes]));
  expect(first).toEqual(expect.arrayContaining([[AV_CODEC_ID_H264, '320x180'], [AV_CODEC_ID_AAC]]));
  expect(others).toEqual(expect.arrayContaining([[AV_CODEC_ID_H264, '160x90'], [AV_CODEC_ID_OPUS]]));
  expect(small).toEqual(expect.arrayContaining([[AV_CODEC_ID_H264, '160x90'], [AV_CODEC_ID_AAC]]));
  expect(played.map(({ length }) => length)).toEqual([2, 2, 2]);
  for (const tracks of played)
    for (const { isVideo, ptsMs, samples } of tracks) expect(isVideo ? ptsMs.length : samples / 1_600).toBeGreaterThan(30);
}, 40_000);

test('our own publisher is told, and sends HEVC with B-frames and Opus without having been set to', async () => {
  const [hevc, opus] = [
    await makeCodedClip({ video: 'hevc', audio: 'aac', bFrames: 2 }),
    await makeCodedClip({ video: 'h264', audio: 'opus' }),
  ];
  const packets = [...hevc.packets.filter(({ kind }) => kind === 'video'), ...opus.packets.filter(({ kind }) => kind === 'audio')];
  packets.sort((a, b) => (a.kind === 'video' ? a.dtsUs : a.ptsUs) - (b.kind === 'video' ? b.dtsUs : b.ptsUs));
  const rig = startRig({ ...hevc, audio: opus.audio, packets }, { url: server.rtmpUrl, streamKey: KEY });
  kept({ dispose: () => rig.stop() });
  const player = kept(playWithFfmpeg8(flvUrl()));
  await until(() => rig.publisher.stats.framesSent > 100);
  expect([rig.refusals, rig.publisher.state]).toMatchObject([[], { phase: 'live', reconnects: 0 }]);
  await rig.stop();
  await server.close();
  expectPlayed(await player.decoded(), AV_CODEC_ID_HEVC, AV_CODEC_ID_OPUS);
}, 30_000);

test('a client that knows nothing of it hears nothing of it', async () => {
  const replyTo = async (more: object) => {
    const client = new RawRtmp(server.rtmpPort);
    await client.shakeHands();
    client.command('connect', { app: 'live', ...more });
    await until(() => client.codes.length > 0);
    client.socket.destroy();
    const result = client.bodies.find((body) => body.kind === 'command');
    return result?.kind === 'command' ? result.command.object : null;
  };
  expect(await replyTo({ capsEx: 1 })).toEqual({ fmsVer: 'FMS/3,0,1,123', capabilities: 31 });
  expect(await replyTo({ fourCcList: ['hvc1'] })).toMatchObject({
    capsEx: 6,
    fourCcList: ['avc1', 'hvc1', 'av01', 'vp09', 'mp4a', 'Opus'],
    videoFourCcInfoMap: { hvc1: 4, av01: 4, vp09: 4 },
    audioFourCcInfoMap: { Opus: 4 },
  });
});
