/** The same broadcast while a receiver, the encoder and the engine are killed. */
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { Broadcast } from '../support/broadcast.ts';
import { analysePictures, type PacketInfo, probePackets } from '../support/broadcast-analysis.ts';
import { startHost } from '../support/engine-harness.ts';
import { recordFigure } from '../support/figures.ts';
import { freePort, startFfmpegListener, startNginxRtmp } from '../support/rtmp-peers.ts';
import { SHOW_HEIGHT_PX, SHOW_WIDTH_PX } from '../support/show.ts';

/** The page warms up in the first two seconds of a show. */
const WARM_UP_S = 2;

const longestGapMs = (packets: PacketInfo[]) => {
  const times = packets.filter((packet) => packet.kind === 'video' && packet.dtsS >= WARM_UP_S).map((packet) => packet.dtsS);
  return Math.max(...times.slice(1).map((time, at) => time - (times[at] ?? time))) * 1_000;
};

test('a receiver killed at 20 s and back at 30 s: reconnected with an IDR, the recording without a gap', async () => {
  await using show = await Broadcast.prepare();
  const port = await freePort();
  const first = await startFfmpegListener({ port });
  await show.addPeer('listener', first);
  const { client } = show.host;
  await client.invoke('session.start');
  const recording = await client.invoke('recording.start');
  await sleep(20_000);
  await first.kill();
  await sleep(10_000);
  const second = await startFfmpegListener({ port });
  const backMs = performance.now();
  let returnedMs = 0;
  while (returnedMs === 0 && performance.now() - backMs < 40_000) {
    const { publishers } = await show.stats();
    const state = publishers.find(({ destinationId }) => destinationId === 'listener')?.state;
    if (state?.phase === 'live' && state.reconnects > 0) returnedMs = performance.now() - backMs;
    else await sleep(100);
  }
  await sleep(8_000);
  await client.invoke('recording.stop');
  await client.invoke('session.stop');

  recordFigure('live again after the receiver was back', returnedMs, 'ms');
  expect(returnedMs).toBeGreaterThan(0);
  const resumed = (await probePackets(await second.capture())).filter((packet) => packet.kind === 'video');
  await second.dispose();
  expect(resumed[0]?.key, 'resumed with an IDR').toBe(true);
  for (let at = 1; at < resumed.length; at += 1) expect(resumed[at]?.dtsS).toBeGreaterThan(resumed[at - 1]?.dtsS ?? 0);
  const gapMs = longestGapMs(await probePackets(recording.path));
  recordFigure('longest step between pictures of the recording', gapMs, 'ms');
  expect(gapMs).toBeLessThan(40); // one interval: no picture is missing
});

test('the encoder killed at 20 s: the same RTMP connection goes on, the gap is under 2 s', async () => {
  await using show = await Broadcast.prepare();
  const nginx = await startNginxRtmp();
  await show.addPeer('nginx', nginx);
  const { client } = show.host;
  await client.invoke('session.start');
  const recording = await client.invoke('recording.start');
  await sleep(20_000);
  process.kill(show.service('encoder'), 'SIGKILL');
  await sleep(10_000);
  const { publishers, encoder } = await show.stats();
  await client.invoke('recording.stop');
  await client.invoke('session.stop');

  expect(encoder.restarts).toBe(1);
  expect(publishers.find(({ destinationId }) => destinationId === 'nginx')?.state).toMatchObject({ phase: 'live', reconnects: 0 });
  const received = await show.asMp4(await nginx.capture(), 'killed-encoder');
  const gapMs = longestGapMs(await probePackets(received));
  recordFigure('gap at the receiver', gapMs, 'ms');
  expect(gapMs).toBeLessThan(2_000);
  const pictures = await analysePictures(received, { widthPx: SHOW_WIDTH_PX, heightPx: SHOW_HEIGHT_PX });
  const after = pictures.ticks.filter((tick) => tick !== null).at(-1) ?? 0;
  const before = pictures.ticks.find((tick) => tick !== null) ?? 0;
  recordFigure('seconds of show from first to last tick', (after - before) / 30, 's');
  expect((after - before) / 30).toBeGreaterThan(25);
  const recordedGapMs = longestGapMs(await probePackets(recording.path));
  recordFigure('gap in the recording', recordedGapMs, 'ms');
  expect(recordedGapMs).toBeLessThan(2_000);
});

test('the engine killed while recording: listed at the next start, and plays to within 1 s of the kill', async () => {
  await using show = await Broadcast.prepare();
  const { client, dataDirectory } = show.host;
  const recording = await client.invoke('recording.start');
  const startedMs = performance.now();
  await sleep(12_000);
  const { recorder } = await show.stats();
  expect(recorder.phase).toBe('recording');
  const lastedMs = performance.now() - startedMs;
  await show.host.kill();

  const again = await startHost({ dataDirectory });
  try {
    let row = (await again.client.invoke('recording.list')).find(({ id }) => id === recording.id);
    for (let tries = 0; row?.status === 'recording' && tries < 50; tries += 1) {
      await sleep(200);
      row = (await again.client.invoke('recording.list')).find(({ id }) => id === recording.id);
    }
    expect(row?.status).toBe('interrupted');
    const pictures = await analysePictures(recording.path, { widthPx: SHOW_WIDTH_PX, heightPx: SHOW_HEIGHT_PX });
    recordFigure('recording lasted until the kill', lastedMs, 'ms');
    recordFigure('of it, plays', row?.durationMs ?? 0, 'ms');
    expect(pictures.pictures / 30).toBeGreaterThan(lastedMs / 1_000 - 1);
    expect(row?.durationMs).toBeGreaterThan(lastedMs - 1_000);
  } finally {
    await again.stop();
  }
});
