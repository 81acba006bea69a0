import { describe, expect, test } from 'vitest';
import { openLinuxSocket, parseTcpInfo } from './linux.ts';
import { openMacosSocket, parseConnectionInfo } from './macos.ts';
import type { Libc } from './native.ts';

/** A struct of `size` bytes with these fields: [offset, bytes wide, value]. */
function struct(size: number, fields: [offset: number, width: 1 | 4 | 8, value: number][]): Uint8Array {
  const bytes = new Uint8Array(256);
  const view = new DataView(bytes.buffer);
  for (const [offset, width, value] of fields) {
    if (width === 1) view.setUint8(offset, value);
    if (width === 4) view.setUint32(offset, value, true);
    if (width === 8) view.setBigUint64(offset, BigInt(value), true);
  }
  return bytes.slice(0, size);
}

/** A system that knows these options by number, and whose queues hold so much. */
function system(options: Record<number, Uint8Array>, queues: Record<number, number> = {}) {
  const set: [name: number, value: number][] = [];
  const libc: Libc = {
    getsockopt: (_fd, _level, name, value, length) => {
      const known = options[name];
      if (!known) return -1;
      value.set(known);
      length[0] = known.length;
      return 0;
    },
    setsockopt: (_fd, _level, name, value) => {
      set.push([name, new DataView(value.buffer).getUint32(0, true)]);
      return 0;
    },
    ioctl: (_fd, request, value) => {
      const queue = queues[request];
      if (queue === undefined) return -1;
      new DataView(value.buffer).setInt32(0, queue, true);
      return 0;
    },
  };
  return { libc, set };
}

// linux/tcp.h, struct tcp_info
const tcpInfo = (size = 248, minRttUs = 12_000) =>
  struct(size, [
    [7, 1, 0b1], // tcpi_delivery_rate_app_limited
    [68, 4, 25_500], // tcpi_rtt
    [100, 4, 17], // tcpi_total_retrans
    [148, 4, minRttUs], // tcpi_min_rtt
    [160, 8, 750_000], // tcpi_delivery_rate
  ]);

describe('Linux', () => {
  const queues = { 21521: 90_000, 35147: 12_000 };

  test('struct tcp_info', () =>
    expect(parseTcpInfo(tcpInfo(), 5)).toEqual({
      rttMs: 25.5,
      minRttMs: 12,
      deliveryRateKbps: 6_000,
      appLimited: true,
      inFlightBytes: 5,
      retransmittedPackets: 17,
    }));
  test('before the least round trip is known it is the present one', () =>
    expect(parseTcpInfo(tcpInfo(248, 0xffffffff), 0)).toMatchObject({ minRttMs: 25.5 }));

  test('reads the queues, and sets our limits', () => {
    const { libc, set } = system({ 11: tcpInfo() }, queues);
    expect(openLinuxSocket(libc, 3)?.read()).toMatchObject({
      outstandingBytes: 90_000,
      tcp: { inFlightBytes: 78_000 },
    });
    expect(set).toEqual([
      [25, 16_384],
      [18, 5_000],
    ]);
  });

  test.each([
    ['an older struct', { 11: tcpInfo(164) }, queues],
    ['no TCP_INFO', {}, queues],
    ['no SIOCOUTQNSD', { 11: tcpInfo() }, { 21521: 90_000 }],
  ])('%s: nothing', (_name, options, known) => expect(openLinuxSocket(system(options, known).libc, 3)).toBeNull());
});

// xnu, bsd/netinet/tcp.h, struct tcp_connection_info
const connectionInfo = (size = 112) =>
  struct(size, [
    [24, 4, 40_000], // tcpi_snd_cwnd
    [28, 4, 131_072], // tcpi_snd_wnd
    [44, 4, 31], // tcpi_srtt
    [64, 8, 5_000_000], // tcpi_txbytes
    [72, 8, 6_000], // tcpi_txretransmitbytes
    [104, 8, 4], // tcpi_txretransmitpackets
  ]);

describe('macOS', () => {
  test('struct tcp_connection_info', () =>
    expect(parseConnectionInfo(connectionInfo())).toEqual({
      congestionWindowBytes: 40_000,
      peerWindowBytes: 131_072,
      rttMs: 31,
      sentBytes: 4_994_000,
      retransmittedPackets: 4,
    }));

  test('reads the queue: what the window does not let go is not in flight', () => {
    const { libc, set } = system({ 262: connectionInfo(), 4132: struct(4, [[0, 4, 52_000]]) });
    expect(openMacosSocket(libc, 3)?.read()).toEqual({
      outstandingBytes: 52_000,
      tcp: { rttMs: 31, minRttMs: 31, deliveryRateKbps: 0, appLimited: false, inFlightBytes: 40_000, retransmittedPackets: 4 },
    });
    expect(set).toEqual([
      [0x201, 16_384],
      [0x80, 5],
    ]);
  });

  test('an older struct: nothing', () =>
    expect(openMacosSocket(system({ 262: connectionInfo(104), 4132: struct(4, [[0, 4, 52_000]]) }).libc, 3)).toBeNull());
});
