/** What the system tells of real sockets over loopback, whose peer reads or does not. */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { connect as connectTls, createServer as createTlsServer } from 'node:tls';
import { afterEach, describe, expect, test } from 'vitest';
import { SocketProbe } from '../../src-main/engine/publish/socket-info/socket-probe.ts';
import { waitFor } from '../support/publish-harness.ts';
import { selfSigned } from '../support/self-signed.ts';

const told = process.platform === 'linux' || process.platform === 'darwin';
if (!told) console.warn('left out: this system tells nothing of its sockets');

const open: { destroy?: () => void; close?: () => void }[] = [];
afterEach(() => {
  for (const thing of open.splice(0)) thing.destroy ? thing.destroy() : thing.close?.();
});
const kept = <T extends { destroy?: () => void; close?: () => void }>(thing: T): T => {
  open.push(thing);
  return thing;
};

async function listening(server: Server): Promise<number> {
  kept(server).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

const logged: string[] = [];
const probeOf = async (socket: Socket, plain = socket) =>
  (await SocketProbe.open(socket, plain, (line) => logged.push(line))) as SocketProbe;

async function pair() {
  const server = createServer({ pauseOnConnect: true });
  const accepted = once(server, 'connection');
  const socket = kept(connect(await listening(server), '127.0.0.1'));
  await once(socket, 'connect');
  const [peer] = (await accepted) as [Socket];
  return { socket, peer: kept(peer), probe: await probeOf(socket) };
}

describe.runIf(told)('a socket', () => {
  test('whose peer reads: all is delivered', async () => {
    const { socket, peer, probe } = await pair();
    peer.resume();
    socket.write(new Uint8Array(1_000_000));
    await waitFor(() => probe.read()?.deliveredBytes === 1_000_000, 'delivery');
    expect(probe.read()).toMatchObject({ outstandingBytes: 0, tcp: { inFlightBytes: 0 } });
    expect(probe.read()?.tcp.rttMs).toBeGreaterThan(0);
    expect(logged).toEqual([]);
  });

  test('whose peer does not: the system holds some of it, no more than our limit unsent, and the rest stays with us', async () => {
    const { socket, peer, probe } = await pair();
    const sentBytes = 20_000_000;
    for (let i = 0; i < 20; i += 1) socket.write(new Uint8Array(sentBytes / 20));
    let before = -1;
    await waitFor(() => {
      const delivered = probe.read()?.deliveredBytes ?? 0; // into the peer's buffer, until it is full
      const isStill = delivered === before && (probe.read()?.outstandingBytes ?? 0) > 0;
      before = delivered;
      return isStill;
    }, 'a full buffer');
    const full = probe.read();
    const unsentBytes = (full?.outstandingBytes ?? 0) - (full?.tcp.inFlightBytes ?? 0);
    expect(unsentBytes).toBeGreaterThan(0);
    expect(unsentBytes).toBeLessThan(256 * 1_024); // the limit, and the last piece that was let in
    expect(full?.deliveredBytes).toBeLessThan(sentBytes);
    peer.resume();
    await waitFor(() => probe.read()?.deliveredBytes === sentBytes, 'delivery');
    expect(probe.read()?.outstandingBytes).toBe(0);
  });

  test('that is closed: nothing, and no error', async () => {
    const { socket, probe } = await pair();
    socket.destroy();
    await once(socket, 'close');
    await waitFor(() => probe.read() === null, 'the end');
    expect(logged).toEqual([]);
  });

  test('beneath TLS: counted in the bytes above it', async () => {
    const tls = await selfSigned();
    const server = createTlsServer(tls, (peer) => void kept(peer).resume());
    const plain = kept(connect(await listening(server), '127.0.0.1'));
    await once(plain, 'connect');
    const socket = kept(connectTls({ socket: plain, ca: tls.cert, host: '127.0.0.1' }));
    await once(socket, 'secureConnect');
    const probe = await probeOf(socket, plain);
    for (let i = 0; i < 500; i += 1) socket.write(new Uint8Array(400 + i * 10));
    const sentBytes = 500 * 400 + 10 * ((499 * 500) / 2);
    await waitFor(() => (probe.read()?.outstandingBytes ?? 1) === 0 && socket.writableLength === 0, 'delivery');
    await waitFor(() => probe.read()?.deliveredBytes === sentBytes, 'the same count');
  });
});
