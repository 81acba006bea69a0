/** The first real broadcast: the same show to three servers at once, judged by what each of them received. */
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { Broadcast } from '../support/broadcast.ts';
import { analysePictures, probePackets } from '../support/broadcast-analysis.ts';
import { recordFigure } from '../support/figures.ts';
import { hasNginxRtmp, startNginxRtmp, startNodeMediaServer } from '../support/rtmp-peers.ts';
import { SHOW_HEIGHT_PX, SHOW_WIDTH_PX } from '../support/show.ts';
import { type CaptureBounds, verifyCapture } from '../support/verify-capture.ts';

const SECONDS = 60;

test('60 s of camera, title, logo and speech to our server, nginx-rtmp and node-media-server at once', async () => {
  expect(hasNginxRtmp(), 'nginx with libnginx-mod-rtmp is installed').toBe(true);
  await using show = await Broadcast.prepare({ referenceEveryTicks: 30 });
  recordFigure('a real camera clip, speech and photograph (else drawn ones)', show.media.source === 'given' ? 1 : 0);
  const nginx = await startNginxRtmp();
  const nodeMediaServer = await startNodeMediaServer();
  await show.addPeer('nginx', nginx);
  await show.addPeer('node-media-server', nodeMediaServer);
  const { client } = show.host;
  await client.invoke('session.start');
  await sleep(1_500);
  const watching = show.watchRehearsal();
  const recording = await client.invoke('recording.start');
  await sleep((SECONDS + 4) * 1_000);
  await client.invoke('recording.stop');
  await client.invoke('session.stop');

  const references = await show.references();
  const bounds: CaptureBounds = {
    seconds: SECONDS,
    from: { skipSeconds: 2 },
    distinctPart: 0.97,
    longestHeldMs: 100,
    bitrateKbps: 2_500,
    offsetMs: 40,
    references,
  };
  const verify = async (name: string, capture: string, more: Partial<CaptureBounds> = {}) =>
    verifyCapture(name, await show.asMp4(capture, name), { ...bounds, ...more });
  const from = await verify('tidecast', await watching.done);
  await verify('nginx-rtmp', await nginx.capture(), { from });
  await verify('node-media-server', await nodeMediaServer.capture(), { from });
  await verifyCapture('recording', recording.path, { ...bounds, from });
});

test('two B-frames: presentation and decoding times differ, and it plays', async () => {
  await using show = await Broadcast.prepare({ profile: { bFrames: 2, tune: 'none' } });
  const nginx = await startNginxRtmp();
  await show.addPeer('nginx', nginx);
  const { client } = show.host;
  await client.invoke('session.start');
  await sleep(15_000);
  await client.invoke('session.stop');

  const file = await show.asMp4(await nginx.capture(), 'b-frames');
  const video = (await probePackets(file)).filter((packet) => packet.kind === 'video');
  const reordered = video.filter((packet) => packet.ptsS !== packet.dtsS).length;
  for (let at = 1; at < video.length; at += 1) expect(video[at]?.dtsS).toBeGreaterThan(video[at - 1]?.dtsS ?? 0);
  const pictures = await analysePictures(file, { widthPx: SHOW_WIDTH_PX, heightPx: SHOW_HEIGHT_PX });
  recordFigure('packets with PTS ≠ DTS', reordered);
  recordFigure('pictures decoded', pictures.pictures);
  recordFigure('distinct ticks', pictures.distinctTicks);
  expect(reordered).toBeGreaterThan(video.length / 3);
  expect(pictures.pictures).toBe(video.length);
  expect(pictures.distinctTicks).toBeGreaterThan(video.length * 0.9);
});
