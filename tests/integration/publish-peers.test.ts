/** The publisher against servers that others wrote; what they kept is read by ffprobe. */

import { once } from 'node:events';
import { type AddressInfo, connect } from 'node:net';
import { tmpdir } from 'node:os';
import { pipeline } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { createServer } from 'node:tls';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createLiveServer } from '../../src-main/server/create-server.ts';
import { type Clip, makeClip, probePackets } from '../support/h264-feed.ts';
import { QUICK, type RigOptions, startRig, waitFor } from '../support/publish-harness.ts';
import { freePort, hasNginxRtmp, type RtmpPeer, startFfmpegListener, startNginxRtmp, startNodeMediaServer } from '../support/rtmp-peers.ts';
import { selfSigned } from '../support/self-signed.ts';

const SHOW_MS = 3_000;
const nginx = hasNginxRtmp();
if (!nginx) console.warn('left out: nginx-rtmp is not installed (Debian: libnginx-mod-rtmp)');

let clip: Clip;
let clipWithBFrames: Clip;
beforeAll(async () => {
  [clip, clipWithBFrames] = await Promise.all([makeClip(), makeClip({ bFrames: 2 })]);
}, 30_000);

const peers: RtmpPeer[] = [];
const kept = <P extends RtmpPeer>(peer: P): P => {
  peers.push(peer);
  return peer;
};
afterAll(() => Promise.all(peers.map((peer) => peer.dispose())));

/** Publishes for SHOW_MS and returns the recording's packets by kind. */
async function broadcast(peer: RtmpPeer, show: Clip, options: Partial<RigOptions> = {}) {
  const rig = startRig(show, { url: peer.url, streamKey: peer.streamKey, ...options });
  await rig.until('live');
  await sleep(SHOW_MS);
  const sent = rig.publisher.stats.framesSent;
  expect(await rig.stop()).toBeLessThan(2_000);
  const packets = await probePackets(await peer.capture());
  return { sent, video: packets.filter(({ kind }) => kind === 'video'), audio: packets.filter(({ kind }) => kind === 'audio') };
}

function expectWhole({ sent, video, audio }: Awaited<ReturnType<typeof broadcast>>): void {
  expect(sent).toBeGreaterThan((SHOW_MS / 1_000) * 30 * 0.6);
  expect(video.length).toBeGreaterThanOrEqual(sent - 1); // some recorders keep the last frame back
  expect(audio.length).toBeGreaterThan(sent);
  expect(video[0]).toMatchObject({ key: true });
  for (const packets of [video, audio]) {
    expect(packets[0]?.dtsS).toBeLessThan(0.1);
    for (const [i, { dtsS }] of packets.slice(1).entries()) expect(dtsS).toBeGreaterThan(packets[i]?.dtsS as number);
  }
}

describe('a show arrives whole', () => {
  test('at ffmpeg', async () => expectWhole(await broadcast(kept(await startFfmpegListener()), clip)), 20_000);
  test('at node-media-server', async () => expectWhole(await broadcast(kept(await startNodeMediaServer()), clip)), 20_000);
  test.runIf(nginx)('at nginx-rtmp', async () => expectWhole(await broadcast(kept(await startNginxRtmp()), clip)), 20_000);

  test('at ffmpeg behind a TLS terminator, over RTMPS', async () => {
    const peer = kept(await startFfmpegListener());
    const tls = await selfSigned();
    const terminator = createServer(tls, (outer) => {
      const inner = connect(Number(new URL(peer.url).port), '127.0.0.1');
      pipeline(outer, inner, outer, () => {});
    });
    terminator.listen(0, '127.0.0.1');
    await once(terminator, 'listening');
    const url = `rtmps://127.0.0.1:${(terminator.address() as AddressInfo).port}/live`;
    expectWhole(await broadcast(peer, clip, { url, tuning: { ...QUICK, tlsCa: tls.cert } }));
    terminator.close();
  }, 20_000);

  test('with B-frames, whose presentation differs from their decoding', async () => {
    const capture = await broadcast(kept(await startFfmpegListener()), clipWithBFrames);
    expectWhole(capture);
    const reordered = capture.video.filter(({ dtsS, ptsS }) => ptsS - dtsS > 0.05);
    expect(reordered.length).toBeGreaterThan(capture.video.length / 4);
    expect(capture.video.every(({ dtsS, ptsS }) => ptsS >= dtsS)).toBe(true);
  }, 20_000);
});

test.runIf(nginx)(
  'nginx-rtmp closes on a wrong key without a word: the publisher points to the key, tries again, and shows no key',
  async () => {
    const peer = kept(await startNginxRtmp({ isAllowed: (key) => key === 'right' }));
    const rig = startRig(clip, { url: peer.url, streamKey: 'wrong-but-secret' });
    expect(await rig.until('waiting')).toMatchObject({ failure: { code: 'rtmp.refused', message: expect.stringMatching(/key/) } });
    expect(JSON.stringify([rig.log, rig.states])).not.toContain('wrong-but-secret');
    await rig.stop();
  },
  20_000,
);

test('our live server takes the right key and refuses a wrong one', async () => {
  const streams = [{ name: 'show', key: 'sesame' }];
  const server = await createLiveServer(
    { host: '127.0.0.1', rtmpPort: 0, httpPort: 0, streams },
    { viewerRoot: tmpdir(), onIdrWanted: () => {} },
  );
  const rig = startRig(clip, { url: server.rtmpUrl, streamKey: 'show?key=sesame' });
  const stranger = startRig(clip, { url: server.rtmpUrl, streamKey: 'show?key=guess' });
  expect(await stranger.until('stopped')).toMatchObject({ failure: { code: 'rtmp.rejected' } });
  await rig.until('live');
  await waitFor(() => (server.stats()[0]?.gopCacheMs ?? 0) > 200, 'pictures in the GOP cache');
  expect(server.stats()[0]).toMatchObject({ name: 'show', publishing: true });
  await Promise.all([rig.stop(), stranger.stop()]);
  await waitFor(() => server.stats()[0]?.publishing === false, 'the end of the stream');
  await server.close();
}, 20_000);

test('a server killed and back: resumed with an IDR, times going on', async () => {
  const port = await freePort();
  const first = kept(await startFfmpegListener({ port }));
  const rig = startRig(clip, { url: first.url, streamKey: first.streamKey });
  await rig.until('live');
  await sleep(1_000);
  await first.kill();
  await rig.until('waiting');
  const second = kept(await startFfmpegListener({ port }));
  await waitFor(() => rig.publisher.state.phase === 'live', 'the reconnect');
  expect(rig.publisher.state).toMatchObject({ phase: 'live', reconnects: 1 });
  await sleep(1_500);
  await rig.stop();
  const video = (await probePackets(await second.capture())).filter(({ kind }) => kind === 'video');
  expect(video[0]).toMatchObject({ key: true });
  expect(video[0]?.dtsS).toBeGreaterThan(0.9);
  for (const [i, { dtsS }] of video.slice(1).entries()) expect(dtsS).toBeGreaterThan(video[i]?.dtsS as number);
}, 30_000);
