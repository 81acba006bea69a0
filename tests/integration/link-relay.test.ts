/** The rehearsal's made-up uplink over real sockets. Times are wide: what counts is what arrives, and how much at most. */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { LinkRelay, type LinkShape } from '../../src-main/engine/link/link-relay.ts';

const cleanUp: (() => unknown)[] = [];
afterEach(async () => {
  for (const action of cleanUp.splice(0).reverse()) await action();
});

/** Packets a second, evenly, in [fromMs, toMs) of each period of a minute. */
const steady = (packetsPerS: number, delayMs = 0, bufferBytes = 160 * 1_024): LinkShape => ({
  schedule: {
    opportunitiesBetween: (fromMs, toMs) => Math.floor((toMs * packetsPerS) / 1_000) - Math.floor((fromMs * packetsPerS) / 1_000),
  },
  bufferBytes,
  delayMs,
});

async function setUp(shape: LinkShape | null) {
  const sockets: Socket[] = [];
  const received = { bytes: 0, ended: 0 };
  const server = createServer((socket) => {
    sockets.push(socket);
    socket.on('data', (data) => {
      received.bytes += data.length;
      socket.write(data.subarray(0, 1)); // an answer a read
    });
    socket.on('end', () => void (received.ended += 1));
    socket.on('error', () => {});
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const relay = await LinkRelay.open({ upstream: () => ({ host: '127.0.0.1', port }), shape, log: () => {} });
  cleanUp.push(
    () => new Promise((resolve) => server.close(resolve)),
    () => sockets.forEach((socket) => void socket.destroy()),
    () => relay.close(),
  );
  const dial = async () => {
    const client = connect(relay.port, '127.0.0.1');
    client.on('error', () => {});
    cleanUp.push(() => client.destroy());
    await once(client, 'connect');
    return client;
  };
  return { relay, received, dial };
}

/** not `once`, which fails at the reset before it */
const closeOf = (socket: Socket) => new Promise<void>((resolve) => socket.on('close', () => resolve()));
const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

test('without a shape everything passes, and a goodbye is passed on after it', async () => {
  const { received, dial } = await setUp(null);
  const client = await dial();
  client.end(new Uint8Array(1_000_000));
  await expect.poll(() => received, { timeout: 5_000 }).toEqual({ bytes: 1_000_000, ended: 1 });
});

test('no more passes than the schedule allows, and what has no room stays with the sender', async () => {
  const { relay, received, dial } = await setUp(steady(100));
  const client = await dial();
  const startMs = performance.now();
  client.write(new Uint8Array(12_000_000)); // more than the system's own buffers take
  await sleep(1_500);
  expect(received.bytes).toBeGreaterThan(50_000);
  expect(received.bytes).toBeLessThanOrEqual(((performance.now() - startMs) / 10 + 2) * 1_448);
  expect(relay.state.bufferedBytes).toBeLessThanOrEqual(256 * 1_024); // one read more than asked for
  expect(relay.state.bufferedMs).toBeGreaterThan(500);
  expect(relay.state.capacityKbps).toBeGreaterThan(1_100);
  expect(relay.state.capacityKbps).toBeLessThan(1_300);
  expect(client.writableLength).toBeGreaterThan(0);
});

test('what the schedule offered while nothing waited is lost', async () => {
  const { received, dial } = await setUp(steady(10));
  const client = await dial();
  await sleep(1_000); // ten packets gone by
  client.write(new Uint8Array(100_000));
  const startMs = performance.now();
  await sleep(500);
  expect(received.bytes).toBeLessThanOrEqual(((performance.now() - startMs) / 100 + 2) * 1_448);
});

test('the delay is paid there and back', async () => {
  const { dial } = await setUp(steady(1_000, 100));
  const client = await dial();
  const startMs = performance.now();
  client.write('x');
  await once(client, 'data');
  expect(performance.now() - startMs).toBeGreaterThanOrEqual(195);
});

test('a silent outage keeps what was sent, and lets it go on afterwards', async () => {
  const { relay, received, dial } = await setUp(steady(1_000));
  const client = await dial();
  client.write('before');
  await expect.poll(() => received.bytes).toBe(6);
  relay.setOutage('silent');
  client.write('during');
  await sleep(300);
  expect(received.bytes).toBe(6);
  expect(relay.state.capacityKbps).toBe(0);
  relay.setOutage(null);
  await expect.poll(() => received.bytes).toBe(12);
});

test('a cut resets the connections and refuses others until it is over', async () => {
  const { relay, received, dial } = await setUp(steady(1_000));
  const client = await dial();
  const closed = closeOf(client);
  relay.setOutage('cut');
  await closed;
  const refused = connect(relay.port, '127.0.0.1');
  refused.on('error', () => {});
  await closeOf(refused);
  expect(relay.state.connections).toBe(0);
  relay.setOutage(null);
  (await dial()).write('back');
  await expect.poll(() => received.bytes).toBe(4);
});
