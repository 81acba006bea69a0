/** Issue "From camera to viewer": the same show to three servers at once, judged by what each received. */
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { Broadcast } from '../support/broadcast.ts';
import { hasNginxRtmp, startNginxRtmp, startNodeMediaServer } from '../support/rtmp-peers.ts';
import { verifyCapture } from '../support/verify-capture.ts';

const SECONDS = 60;

test('60 s of camera, title, logo and speech to our server, nginx-rtmp and node-media-server at once', async () => {
  expect(hasNginxRtmp(), 'nginx with libnginx-mod-rtmp is installed').toBe(true);
  await using show = await Broadcast.prepare({ referenceEveryTicks: 30 });
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
  const bounds = { seconds: SECONDS, distinctPart: 0.97, longestHeldMs: 100, bitrateKbps: 2_500, references };
  const captures: [string, string][] = [
    ['tidecast', await watching.done],
    ['nginx-rtmp', await nginx.capture()],
    ['node-media-server', await nodeMediaServer.capture()],
  ];
  for (const [name, capture] of captures) await verifyCapture(name, await show.asMp4(capture, name), bounds);
  await verifyCapture('recording', recording.path, bounds);
});
