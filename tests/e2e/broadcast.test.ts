/**
 * A short form of the acceptance broadcast: the same show and the same questions, with bounds that hold on a busy
 * machine. Pictures may be missing there; those that come must be right.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { test } from 'vitest';
import { Broadcast } from '../support/broadcast.ts';
import { hasNginxRtmp, type RtmpPeer, startNginxRtmp, startNodeMediaServer } from '../support/rtmp-peers.ts';
import { type CaptureBounds, verifyCapture } from '../support/verify-capture.ts';

const SECONDS = 12;

test(`${SECONDS} s of camera, title, logo and speech to every server there is`, { timeout: 240_000 }, async () => {
  await using show = await Broadcast.prepare({ referenceEveryTicks: 10 });
  const peers: [string, RtmpPeer][] = [['node-media-server', await startNodeMediaServer()]];
  if (hasNginxRtmp()) peers.push(['nginx-rtmp', await startNginxRtmp()]);
  else console.log('left out: nginx-rtmp, which is not installed');
  if (show.media.source === 'drawn') console.log('drawn by ffmpeg: the camera and the speech, since TIDECAST_MEDIA_DIR is not set');
  for (const [name, peer] of peers) await show.addPeer(name, peer);
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
    distinctPart: 0.5,
    longestHeldMs: 2_000,
    bitrateKbps: 2_500,
    offsetMs: 100,
    references,
  };
  const from = await verifyCapture('tidecast', await show.asMp4(await watching.done, 'tidecast'), bounds);
  const others: [string, () => Promise<string>][] = [
    ...peers.map(([name, peer]): [string, () => Promise<string>] => [name, async () => show.asMp4(await peer.capture(), name)]),
    ['recording', async () => recording.path],
  ];
  await Promise.all(others.map(async ([name, file]) => verifyCapture(name, await file(), { ...bounds, from }))); // two cores decode
});
