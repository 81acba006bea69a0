/** Our own server tells our own publisher what has arrived, so that a queue beyond the next machine shows; nobody else hears of it. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, test } from 'vitest';
import { LinkRelay } from '../../src-main/engine/link/link-relay.ts';
import type { RtmpConnection } from '../../src-main/engine/publish/rtmp/connection.ts';
import { REPORT_PROPERTIES } from '../../src-main/wire/rtmp/delivery-report.ts';
import { mediaMessage } from '../../src-main/wire/rtmp/message.ts';
import { AcknowledgingServer } from '../support/acknowledging-server.ts';
import { waitFor } from '../support/publish-harness.ts';
import { openRtmpLine } from '../support/rtmp-line.ts';
import { KEY, RawRtmp, startServer } from './server-support.ts';

const ends: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

async function ourServer() {
  const server = await startServer();
  ends.push(() => server.close());
  return server;
}

async function lineTo(port: number) {
  const line = await openRtmpLine(`rtmp://127.0.0.1:${port}/live`, { streamKey: `live?key=${KEY}`, startKbps: 800 });
  ends.push(() => line.connection.close(0));
  return line;
}

const queueBytes = (connection: RtmpConnection) => connection.pressure().way?.queueBytes ?? Number.NaN;

test('what has arrived is known though nothing is acknowledged yet, and nothing waits', async () => {
  const server = await ourServer();
  const { connection, send } = await lineTo(server.rtmpPort);
  await send(60_000);
  await waitFor(() => connection.deliveredBytes === connection.sentBytes, 'the last report');
  expect(connection.pressure()).toMatchObject({ evidence: 'report', unackedBytes: null, way: { queueBytes: 0 } });
  expect(Math.abs(connection.serverAheadMs ?? Number.NaN)).toBeLessThan(500); // one machine has one clock
  await sleep(1_500); // silence is no sign of anything
  expect(connection.pressure()).toMatchObject({ evidence: 'report', way: { queueBytes: 0 } });
});

test('what waits beyond the next machine is seen, and seen to go', async () => {
  const server = await ourServer();
  let packetsPerS = 2_000;
  const schedule = { opportunitiesBetween: (fromMs: number, toMs: number) => Math.floor(((toMs - fromMs) * packetsPerS) / 1_000) };
  const upstream = () => ({ host: '127.0.0.1', port: server.rtmpPort });
  const shape = { schedule, bufferBytes: 750_000, delayMs: 20 };
  const relay = await LinkRelay.open({ upstream, shape, log: () => {} });
  ends.push(() => relay.close());
  const { connection, send } = await lineTo(relay.port);
  await send(100_000);
  await waitFor(() => queueBytes(connection) === 0, 'an empty way');
  packetsPerS = 0;
  await send(200_000);
  await waitFor(() => queueBytes(connection) > 150_000, 'the queue');
  expect(connection.deliveredBytes).toBeLessThan(connection.sentBytes - 150_000);
  packetsPerS = 2_000;
  await waitFor(() => queueBytes(connection) === 0 && connection.deliveredBytes === connection.sentBytes, 'the end of the queue');
});

test.each([
  ['asks for no reports gets none', {}, false],
  ['asks for reports gets them', REPORT_PROPERTIES, true],
])('a client that %s', async (_, properties, isTold) => {
  const server = await ourServer();
  const client = new RawRtmp(server.rtmpPort);
  ends.push(async () => client.socket.destroy());
  await client.shakeHands();
  client.command('connect', { app: 'live', ...properties });
  client.command('createStream', null);
  client.command('publish', null, [`live?key=${KEY}`, 'live'], 1);
  await waitFor(() => client.codes.includes('NetStream.Publish.Start'), 'consent');
  for (let i = 0; i < 4; i += 1) {
    client.send(mediaMessage('video', 1, i * 40, new Uint8Array(1_000)));
    await sleep(80);
  }
  const commands = client.bodies.flatMap((body) => (body.kind === 'command' ? body.command : []));
  expect(commands.some(({ name }) => name === 'tidecastReceived')).toBe(isTold);
  expect(JSON.stringify(commands).includes('tidecastReports')).toBe(isTold);
});

test('a server that promises nothing is not believed', async () => {
  const server = await new AcknowledgingServer({ counts: 'total' }).listen();
  ends.push(() => server.close());
  const { connection, send } = await lineTo(server.port);
  await send(150_000);
  expect(connection.pressure()).toMatchObject({ evidence: 'ack' });
});
