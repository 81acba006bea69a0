/** One connection against servers of each acknowledging habit: which it is, what has arrived, and whether anything still moves. */
import { tmpdir } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, test } from 'vitest';
import type { RtmpConnection } from '../../src-main/engine/publish/rtmp/connection.ts';
import type { ConnectionOptions } from '../../src-main/engine/publish/rtmp/connection-options.ts';
import { createLiveServer } from '../../src-main/server/create-server.ts';
import { mediaMessage } from '../../src-main/wire/rtmp/message.ts';
import { type AckHabit, AcknowledgingServer } from '../support/acknowledging-server.ts';
import { waitFor } from '../support/publish-harness.ts';
import { openRtmpLine, type RtmpLine } from '../support/rtmp-line.ts';
import { hasNginxRtmp, type RtmpPeer, startNginxRtmp, startNodeMediaServer } from '../support/rtmp-peers.ts';

/** what this system gives where acknowledgements do not serve */
const otherwise = process.platform === 'linux' || process.platform === 'darwin' ? 'tcp' : 'socket';
/** 20,000 bytes a window */
const START_KBPS = 800;

const ends: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

async function connectTo(port: number, options: Partial<ConnectionOptions> = {}): Promise<RtmpLine> {
  const line = await openRtmpLine(`rtmp://127.0.0.1:${port}/live`, { startKbps: START_KBPS, ...options });
  ends.push(() => line.connection.close(0));
  return line;
}

async function serve(habit: AckHabit, startBytes = 0): Promise<AcknowledgingServer> {
  const server = await new AcknowledgingServer(habit, startBytes).listen();
  ends.push(() => server.close());
  return server;
}

/** All that was sent has come; the last acknowledgement is on its way. */
function arrived(server: AcknowledgingServer, connection: RtmpConnection, startBytes: number): Promise<void> {
  return waitFor(() => server.receivedBytes === startBytes + connection.sentBytes, 'all of it');
}

describe('a server that counts', () => {
  const wrapped = (wrap: number): [string, AckHabit, number] => [
    `the total modulo ${wrap.toString(16)}`,
    { counts: 'total', shows: (total) => total % wrap },
    wrap - 100_000,
  ];

  test.each<[string, AckHabit, number]>([
    ['the total', { counts: 'total' }, 0],
    ['what is new', { counts: 'increment' }, 0],
    ['the total, in small windows of its own', { counts: 'total', everyBytes: 5_000 }, 0],
    wrapped(2 ** 31),
    wrapped(2 ** 32),
    wrapped(0xf0000000),
  ])('%s: what it has not acknowledged is known to the byte', async (_name, habit, startBytes) => {
    const server = await serve(habit, startBytes);
    const { connection, send } = await connectTo(server.port, { countFromBytes: startBytes });
    await send(250_000);
    await arrived(server, connection, startBytes);
    expect(server.acks).toBeGreaterThan(8);
    expect(connection.acksCount).toBe(habit.counts);
    await expect
      .poll(() => connection.pressure())
      .toMatchObject({
        evidence: 'ack',
        unackedBytes: server.receivedBytes - server.ackedBytes,
        sentBytes: server.receivedBytes - startBytes,
        deliveredBytes: expect.closeTo(server.receivedBytes - startBytes, -5), // the rest is not due
        pendingBytes: 0,
      });
  });

  test('the total, with a slip where its counter is full, as nginx-rtmp does: wrong by a window at most, and never too much', async () => {
    const startBytes = 0xf0000000 - 100_000;
    let lostBytes = 0;
    const shows = (total: number) => {
      if (total >= 0xf0000000 && lostBytes === 0) lostBytes = total;
      return total - lostBytes;
    };
    const server = await serve({ counts: 'total', shows }, startBytes);
    const { connection, send } = await connectTo(server.port, { countFromBytes: startBytes });
    await send(250_000);
    await arrived(server, connection, startBytes);
    const trueBytes = server.receivedBytes - server.ackedBytes;
    const unackedBytes = () => connection.pressure().unackedBytes ?? Number.NaN;
    await expect.poll(unackedBytes).toBeLessThan(trueBytes + 25_000);
    expect(unackedBytes()).toBeGreaterThanOrEqual(trueBytes);
    expect(connection.pressure().evidence).toBe('ack');
  });

  test.each<[string, AckHabit]>([
    ['nothing', { counts: 'nothing' }],
    ['the total, each 2.5 MB', { counts: 'total', everyBytes: 2_500_000 }],
  ])('%s: what is delivered is known in another way', async (_name, habit) => {
    const server = await serve(habit);
    const { connection, send } = await connectTo(server.port);
    await send(100_000);
    await arrived(server, connection, 0);
    await expect
      .poll(() => connection.pressure())
      .toMatchObject({ evidence: otherwise, unackedBytes: null, deliveredBytes: server.receivedBytes });
  });
});

test('our own live server acknowledges, and reports more', async () => {
  const server = await createLiveServer(
    { host: '127.0.0.1', rtmpPort: 0, httpPort: 0, streams: [{ name: 'show', key: 'sesame' }] },
    { viewerRoot: tmpdir(), onIdrWanted: () => {} },
  );
  ends.push(() => server.close());
  const port = Number(new URL(server.rtmpUrl.replace('rtmp:', 'http:')).port);
  const { connection, send } = await connectTo(port, { streamKey: 'show?key=sesame' });
  await send(200_000);
  await expect.poll(() => connection.acksCount).toBe('total');
  await expect.poll(() => connection.deliveredBytes - connection.sentBytes).toBe(0); // by its reports, which are finer (delivery-reports.test.ts)
});

test.each<[string, boolean, () => Promise<RtmpPeer>, string]>([
  ['nginx-rtmp', hasNginxRtmp(), startNginxRtmp, 'ack'],
  ['node-media-server, which never acknowledges', true, startNodeMediaServer, otherwise],
])('%s', async (_name, isHere, start, evidence) => {
  if (!isHere) return console.warn('left out: nginx-rtmp is not installed (Debian: libnginx-mod-rtmp)');
  const peer = await start();
  ends.push(() => peer.dispose());
  const { connection, lost, send } = await openRtmpLine(peer.url, { streamKey: peer.streamKey, startKbps: START_KBPS, stallMs: 600 });
  ends.push(() => connection.close(0));
  await send(200_000);
  await waitFor(() => connection.deliveredBytes > connection.sentBytes - 25_000, 'delivery');
  expect(connection.pressure().evidence).toBe(evidence);
  for (let i = 0; i < 15; i += 1) {
    await send(2_000);
    await sleep(100);
  }
  expect(lost).toEqual([]);
});

test('a new rate asks for a new window when it makes a difference, and servers that want smaller ones get them', async () => {
  const server = await serve({ counts: 'total' });
  const { connection } = await connectTo(server.port);
  expect(server.asked).toEqual([20_000]);
  connection.setRate(900);
  connection.setRate(6_000);
  await waitFor(() => server.asked.length > 1, 'the window');
  expect(server.asked).toEqual([20_000, 150_000]);
  await sleep(1_000);
  connection.setRate(50);
  await waitFor(() => server.asked.length > 2, 'the least window');
  expect(server.asked.at(-1)).toBe(4_096);
});

test('on a quiet show the window shrinks to what is really sent', async () => {
  const server = await serve({ counts: 'total' });
  const { connection, send } = await connectTo(server.port);
  await sleep(1_000);
  connection.setRate(6_000);
  await send(50_000);
  await waitFor(() => (server.asked.at(-1) ?? Number.POSITIVE_INFINITY) < 20_000, 'a small window');
});

test('a server that reads slowly: what it has not got is not called delivered', async () => {
  const server = await serve({ counts: 'total' });
  const { connection, send } = await connectTo(server.port);
  await send(100_000);
  server.socket?.pause();
  await send(400_000);
  const { deliveredBytes, sentBytes, unackedBytes } = connection.pressure();
  expect(unackedBytes).toBeGreaterThanOrEqual(sentBytes - server.receivedBytes);
  expect(deliveredBytes).toBeLessThan(server.receivedBytes + 2 * 22_000); // at most, an acknowledgement that is not yet due
  server.socket?.resume();
  await waitFor(() => connection.deliveredBytes > sentBytes - 22_000, 'delivery');
});

describe('a connection that', () => {
  const stallMs = 1_200;

  test('goes on, to a server that never acknowledges, with pauses and hardly anything to send: no alarm', async () => {
    const server = await serve({ counts: 'nothing' });
    const { connection, lost, send } = await connectTo(server.port, { stallMs: 400 });
    await send(100_000);
    await sleep(1_000);
    for (let i = 0; i < 10; i += 1) {
      await send(2_000);
      await sleep(100);
    }
    expect(lost).toEqual([]);
    await arrived(server, connection, 0);
    await expect.poll(() => connection.deliveredBytes).toBe(server.receivedBytes);
  });

  test.runIf(otherwise === 'tcp')('moves no more is found, though megabytes fit into the system’s buffer', async () => {
    const server = await serve({ counts: 'nothing' });
    const { connection, lost } = await connectTo(server.port, { stallMs });
    server.socket?.pause();
    const message = mediaMessage('video', connection.streamId, 0, new Uint8Array(100_000));
    const timer = setInterval(() => connection.send(message), 10);
    ends.push(async () => clearInterval(timer));
    let movedMs = performance.now();
    let delivered = 0;
    await waitFor(
      () => {
        if (connection.deliveredBytes > delivered) movedMs = performance.now();
        delivered = connection.deliveredBytes;
        return lost.length > 0;
      },
      'the loss',
      20_000,
    );
    expect(lost[0]).toMatchObject({ code: 'rtmp.stalled' });
    expect(performance.now() - movedMs).toBeGreaterThan(stallMs * 0.7);
  });

  test('swallows all, and acknowledges no more, is asked whether it lives, and found dead', async () => {
    const server = await serve({ counts: 'total' });
    const { lost, send } = await connectTo(server.port, { stallMs });
    await send(150_000);
    server.habit = { counts: 'nothing' };
    server.answersPings = false;
    const startMs = performance.now();
    void send(2_000_000);
    await waitFor(() => lost.length > 0, 'the loss', 20_000);
    expect(performance.now() - startMs).toBeGreaterThan(stallMs * 0.7);
    expect(lost[0]).toMatchObject({ code: 'rtmp.stalled' });
    expect(server.pings).toBe(1);
  });

  test('acknowledges no more, but answers when asked, lives: other evidence serves', async () => {
    const server = await serve({ counts: 'total' });
    const { connection, lost, send } = await connectTo(server.port, { stallMs });
    await send(150_000);
    await expect.poll(() => connection.pressure().evidence).toBe('ack');
    server.habit = { counts: 'nothing' };
    const sending = send(800_000);
    await waitFor(() => connection.pressure().evidence === otherwise, 'the other evidence');
    await sleep(2 * stallMs);
    await sending;
    expect([lost, server.pings]).toEqual([[], 1]);
    server.habit = { counts: 'total' };
    await send(150_000);
    await expect.poll(() => connection.pressure().evidence).toBe('ack');
  });
});
