/** HEVC, AV1, Opus and several tracks, to servers that take them, say so, are silent, or say no. */
import { setTimeout as sleep } from 'node:timers/promises';
import { AV_CODEC_ID_AAC, AV_CODEC_ID_AV1, AV_CODEC_ID_H264, AV_CODEC_ID_HEVC, AV_CODEC_ID_OPUS } from 'node-av/constants';
import { afterEach, beforeAll, expect, test } from 'vitest';
import type { MediaPacket } from '../../src-main/process/packet.ts';
import type { AmfObject } from '../../src-main/wire/amf0.ts';
import { RenditionId } from '../../src-shared/domain/index.ts';
import { makeCodedClip } from '../support/coded-feed.ts';
import { startFfmpeg8 } from '../support/ffmpeg8-receiver.ts';
import { type Clip, probePackets } from '../support/h264-feed.ts';
import { type Rig, type RigOptions, startRig, waitFor } from '../support/publish-harness.ts';
import { hasNginxRtmp, startNginxRtmp, startNodeMediaServer } from '../support/rtmp-peers.ts';
import { type Received, RtmpReceiver } from '../support/rtmp-receiver.ts';

const SHOW_MS = 2_500;
const nginx = hasNginxRtmp();
if (!nginx) console.warn('left out: nginx-rtmp is not installed (Debian: libnginx-mod-rtmp)');

let ordinary: Clip;
let hevc: Clip;
let av1: Clip;
/** the second track of either kind */
let small: Clip;
beforeAll(async () => {
  ordinary = await makeCodedClip({ video: 'h264', audio: 'aac' });
  hevc = await makeCodedClip({ video: 'hevc', audio: 'aac', bFrames: 2 });
  av1 = await makeCodedClip({ video: 'av1', audio: 'opus' });
  const renditionId = RenditionId.parse('small');
  const coded = await makeCodedClip({ video: 'h264', audio: 'opus', widthPx: 96, heightPx: 64, renditionId });
  const track = 1;
  small = {
    ...coded,
    video: { ...coded.video, track },
    audio: { ...coded.audio, track },
    packets: coded.packets.map((packet) => ({ ...packet, track })),
  };
}, 60_000);

const open: { dispose(): Promise<unknown> }[] = [];
afterEach(() => Promise.all(open.splice(0).map((one) => one.dispose())));

function rigOf(clip: Clip, options: RigOptions): Rig {
  const rig = startRig(clip, options);
  open.push({ dispose: () => rig.stop() });
  return rig;
}

const kept = <P extends { dispose(): Promise<void> }>(peer: P): P => {
  open.push(peer);
  return peer;
};

async function receiverOf(announces: AmfObject): Promise<RtmpReceiver> {
  const receiver = new RtmpReceiver();
  receiver.behaviour = { announces };
  await receiver.listen();
  open.push({ dispose: () => receiver.kill() });
  return receiver;
}

const of = <K extends Received['kind']>(receiver: RtmpReceiver, kind: K) =>
  (receiver.last?.received ?? []).filter((item): item is Extract<Received, { kind: K }> => item.kind === kind);

/** Two pictures and two sounds: as an encoder gives them, tick by tick. */
function merged(a: Clip, b: Clip): Clip {
  const timeUs = (packet: MediaPacket) => (packet.kind === 'video' ? packet.dtsUs : packet.ptsUs);
  return { ...a, packets: [...a.packets, ...b.packets].sort((x, y) => timeUs(x) - timeUs(y)) };
}

function bothTracks(options: RigOptions): Rig {
  const rig = rigOf(merged(ordinary, small), { ...options, multitrack: true });
  for (const header of [small.video, small.audio]) rig.publisher.setHeader(header);
  return rig;
}

test.each([
  ['HEVC with B-frames and AAC', () => hevc, { video: AV_CODEC_ID_HEVC, audio: AV_CODEC_ID_AAC }],
  ['AV1 and Opus', () => av1, { video: AV_CODEC_ID_AV1, audio: AV_CODEC_ID_OPUS }],
])(
  'FFmpeg 8 takes %s, and decodes every picture',
  async (_, clip, codecs) => {
    const peer = kept(await startFfmpeg8());
    const rig = rigOf(clip(), { url: peer.url, streamKey: peer.streamKey, takesEnhanced: true });
    await rig.until('live');
    await sleep(SHOW_MS);
    const sent = rig.publisher.stats.framesSent;
    await rig.stop();
    const tracks = await peer.decoded();
    const [video, audio] = [tracks.find(({ isVideo }) => isVideo), tracks.find(({ isVideo }) => !isVideo)];
    expect([video?.codecId, audio?.codecId]).toEqual([codecs.video, codecs.audio]);
    expect(video?.sizes).toEqual(['192x108']);
    expect(sent).toBeGreaterThan((SHOW_MS / 1_000) * 30 * 0.6);
    expect(video?.ptsMs).toHaveLength(sent);
    // the end may have cut off pictures that are shown before the last
    const steps = (video?.ptsMs ?? []).slice(1, -4).map((ptsMs, i) => ptsMs - (video?.ptsMs[i] ?? 0));
    expect(Math.min(...steps)).toBeGreaterThanOrEqual(32); // in their order, a frame apart
    expect(Math.max(...steps)).toBeLessThanOrEqual(35);
    expect(audio?.samples).toBeGreaterThan(((sent / 30) * 48_000) / 2);
    expect(rig.refusals).toEqual([]);
  },
  30_000,
);

test('H.264 and AAC are told and sent as ever', async () => {
  const receiver = await receiverOf({ videoFourCcInfoMap: { '*': 4 }, capsEx: 15 });
  const rig = rigOf(ordinary, { url: receiver.url });
  await rig.until('live');
  await waitFor(() => of(receiver, 'video').length > 10, 'pictures');
  const tcUrl = receiver.url;
  expect(receiver.last?.commands[0]?.object).toEqual({
    app: 'live',
    type: 'nonprivate',
    flashVer: 'FMLE/3.0 (compatible; Tidecast)',
    swfUrl: tcUrl,
    tcUrl,
    capsEx: 1,
    fourCcList: ['avc1', 'hvc1', 'av01', 'mp4a', 'Opus'], // as OBS
    tidecastReports: 1,
  });
  expect([of(receiver, 'ex-video'), of(receiver, 'ex-audio')]).toEqual([[], []]);
});

test('a server that announces it gets HEVC and Opus, with times finer than a millisecond if it asks for them', async () => {
  const mixed: Clip = {
    ...av1,
    video: hevc.video,
    packets: [...hevc.packets.filter(({ kind }) => kind === 'video'), ...av1.packets.filter(({ kind }) => kind === 'audio')],
  };
  mixed.packets.sort((a, b) => (a.kind === 'video' ? a.dtsUs : a.ptsUs) - (b.kind === 'video' ? b.dtsUs : b.ptsUs));
  const receiver = await receiverOf({ videoFourCcInfoMap: { hvc1: 1 }, audioFourCcInfoMap: { '*': 4 }, capsEx: 12 });
  const rig = rigOf(mixed, { url: receiver.url });
  await rig.until('live');
  await waitFor(() => of(receiver, 'ex-video').length > 10 && of(receiver, 'ex-audio').length > 10, 'media');
  expect(receiver.last?.commands[0]?.object).toMatchObject({ capsEx: 15, fourCcList: ['avc1', 'hvc1', 'av01', 'mp4a', 'Opus'] });
  const [header, first, second] = of(receiver, 'ex-video');
  expect(header).toMatchObject({ packet: 'header', tracks: [{ id: 0, fourCc: 'hvc1', data: hevc.video.config }] });
  expect(first).toMatchObject({ packet: 'nalu', key: true, nanoOffset: expect.any(Number), tracks: [{ compositionMs: 67 }] });
  expect((second?.timestampMs ?? 0) * 1e6 + (second?.nanoOffset ?? 0)).toBeCloseTo(33_333_000, -4);
  expect(of(receiver, 'ex-audio')[0]).toMatchObject({ packet: 'header', tracks: [{ fourCc: 'Opus', data: av1.audio.config }] });
  expect(receiver.last?.received[0]).toMatchObject({ kind: 'metadata', entries: { videocodecid: 0x68766331, audiocodecid: 0x4f707573 } });
});

test.each([
  ['nginx-rtmp', startNginxRtmp, nginx],
  ['node-media-server', startNodeMediaServer, true],
] as const)(
  '%s does not say that it takes HEVC: the reason is told, and H.264 goes on over the same connection',
  async (_, start, isThere) => {
    if (!isThere) return;
    const peer = kept(await start());
    let clip = hevc;
    const rig = rigOf(hevc, { url: peer.url, streamKey: peer.streamKey, warp: (packet) => alike(clip, packet) });
    await rig.until('live');
    await waitFor(() => rig.refusals.length > 0, 'the refusal');
    expect(rig.refusals).toEqual([
      {
        kind: 'video',
        track: 0,
        codec: 'hevc',
        failure: { code: 'rtmp.codec', message: expect.stringMatching(/does not say that it takes HEVC/) },
      },
    ]);
    await sleep(300);
    expect(rig.publisher.stats.framesSent).toBe(0);
    clip = ordinary; // as the session does with an encode of H.264
    rig.publisher.setHeader(ordinary.video);
    await waitFor(() => rig.publisher.stats.framesSent > 30, 'pictures');
    expect(rig.publisher.state).toMatchObject({ phase: 'live', reconnects: 0 });
    await rig.stop();
    const video = (await probePackets(await peer.capture())).filter(({ kind }) => kind === 'video');
    expect(video[0]).toMatchObject({ key: true });
    expect(video.length).toBeGreaterThan(25);
  },
  30_000,
);

/** The packet of another clip in the same place: both have the same frames, at times a little apart. */
function alike(clip: Clip, packet: MediaPacket): MediaPacket {
  if (packet.kind === 'audio' || clip === hevc) return packet;
  const twin = clip.packets.find((one) => one.kind === 'video' && one.tick === packet.tick);
  return twin?.kind === 'video' ? { ...packet, data: twin.data, key: twin.key, dtsUs: packet.ptsUs } : packet;
}

test('a server that is set to get none of it is not asked, and HEVC is not sent whatever it announces', async () => {
  const receiver = await receiverOf({ fourCcList: ['*'], capsEx: 15 });
  const rig = rigOf(hevc, { url: receiver.url, takesEnhanced: false });
  await rig.until('live');
  await waitFor(() => rig.refusals.length > 0, 'the refusal');
  await sleep(500);
  expect(receiver.sessions).toHaveLength(1);
  expect(receiver.last?.commands[0]?.object).toMatchObject({ capsEx: 1 });
  expect(receiver.last?.commands[0]?.object).not.toHaveProperty('fourCcList');
  expect(receiver.last?.received.filter(({ kind }) => kind !== 'metadata')).toEqual([]);
  expect(rig.refusals).toMatchObject([{ codec: 'hevc', failure: { code: 'rtmp.codec', message: expect.stringMatching(/is set to/) } }]);
});

test('another codec in mid-show goes on on the same connection', async () => {
  const receiver = await receiverOf({ fourCcList: ['hvc1'] });
  let clip = ordinary;
  const rig = rigOf(ordinary, {
    url: receiver.url,
    warp: (packet) => (clip === ordinary ? packet : (twinOf(hevc, packet) ?? packet)),
  });
  await rig.until('live');
  await waitFor(() => of(receiver, 'video').length > 10, 'pictures');
  clip = hevc;
  rig.publisher.setHeader(hevc.video);
  await waitFor(() => of(receiver, 'ex-video').length > 10, 'HEVC');
  expect(receiver.sessions).toHaveLength(1);
  expect(rig.refusals).toEqual([]);
}, 20_000);

function twinOf(clip: Clip, packet: MediaPacket): MediaPacket | undefined {
  if (packet.kind === 'audio') return packet;
  const twin = clip.packets.find((one) => one.kind === 'video' && one.tick === packet.tick);
  return twin?.kind === 'video' ? { ...twin, ptsUs: packet.ptsUs, dtsUs: packet.dtsUs } : undefined;
}

test('two pictures and two sounds on one connection: the default ones as ever, the others numbered', async () => {
  const receiver = await receiverOf({ capsEx: 2, videoFourCcInfoMap: { '*': 4 }, audioFourCcInfoMap: { Opus: 1 } });
  const rig = bothTracks({ url: receiver.url });
  await rig.until('live');
  await waitFor(() => of(receiver, 'ex-video').length > 20, 'the second picture');
  const [further, first] = [of(receiver, 'ex-video'), of(receiver, 'video')];
  expect(further[0]).toMatchObject({ packet: 'header', list: 'one', tracks: [{ id: 1, fourCc: 'avc1', data: small.video.config }] });
  expect(further.find(({ packet }) => packet === 'nalu')).toMatchObject({ key: true, tracks: [{ id: 1 }] });
  expect(first[0]).toMatchObject({ packet: 'header', data: ordinary.video.config });
  const times = (items: { packet: string; timestampMs: number }[]) =>
    items.filter(({ packet }) => packet === 'nalu').map(({ timestampMs }) => timestampMs);
  const both = new Set(times(first));
  expect(times(further).every((timeMs) => both.has(timeMs))).toBe(true);
  expect(of(receiver, 'ex-audio')[0]).toMatchObject({ packet: 'header', list: 'one', tracks: [{ id: 1, fourCc: 'Opus' }] });
  const metadata = of(receiver, 'metadata').at(-1)?.entries;
  expect(metadata).toMatchObject({
    width: 192,
    videocodecid: 7,
    videoTrackIdInfoMap: { 1: { width: 96, height: 64, videocodecid: 0x61766331 } },
    audioTrackIdInfoMap: { 1: { channels: 2, samplerate: 48_000, audiocodecid: 0x4f707573 } },
  });
});

test('FFmpeg 8 takes two pictures and two sounds apart, and decodes them', async () => {
  const peer = kept(await startFfmpeg8());
  const rig = bothTracks({ url: peer.url, streamKey: peer.streamKey, takesEnhanced: true });
  await rig.until('live');
  await sleep(SHOW_MS);
  await rig.stop();
  const tracks = await peer.decoded();
  const [videos, sounds] = [tracks.filter(({ isVideo }) => isVideo), tracks.filter(({ isVideo }) => !isVideo)];
  expect(sounds.map(({ codecId }) => codecId)).toEqual([AV_CODEC_ID_AAC, AV_CODEC_ID_OPUS]);
  expect(Math.min(...sounds.map(({ samples }) => samples))).toBeGreaterThan((SHOW_MS / 1_000) * 48_000 * 0.6);
  expect(videos.map(({ codecId, sizes }) => [codecId, sizes])).toEqual([
    [AV_CODEC_ID_H264, ['192x108']],
    [AV_CODEC_ID_H264, ['96x64']],
  ]);
  expect(Math.min(...videos.map(({ ptsMs }) => ptsMs.length))).toBeGreaterThan((SHOW_MS / 1_000) * 30 * 0.6);
}, 30_000);

test('a server without several tracks gets the first, and the reason is told', async () => {
  const receiver = await receiverOf({ capsEx: 1, fourCcList: ['*'] });
  const rig = bothTracks({ url: receiver.url });
  await rig.until('live');
  await waitFor(() => of(receiver, 'video').length > 20, 'the first picture');
  expect([of(receiver, 'ex-video'), of(receiver, 'ex-audio')]).toEqual([[], []]);
  expect(rig.refusals).toMatchObject([
    { kind: 'video', track: 1, codec: 'h264', failure: { code: 'rtmp.codec' } },
    { kind: 'audio', track: 1, codec: 'opus', failure: { code: 'rtmp.codec' } },
  ]);
});
