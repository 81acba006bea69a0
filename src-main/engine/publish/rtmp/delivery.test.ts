import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { SocketProbe, SocketReading } from '../socket-info/socket-probe.ts';
import { Delivery, type DeliveryOptions } from './delivery.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function make(options: Partial<DeliveryOptions> = {}) {
  const said: string[] = [];
  const delivery = new Delivery({
    probe: null,
    stallMs: 4_000,
    startKbps: 800,
    countFromBytes: 0,
    askForAcks: (windowBytes) => said.push(`ack each ${windowBytes}`),
    ping: () => said.push('ping'),
    onStalled: () => said.push('stalled'),
    ...options,
  });
  return { delivery, said };
}

/** A system that tells this of its socket. */
function system(): { probe: SocketProbe; tell: (deliveredBytes: number, inFlightBytes?: number) => void } {
  let reading: SocketReading | null = null;
  const tcp = { rttMs: 20, minRttMs: 10, deliveryRateKbps: 900, appLimited: true, retransmittedPackets: 0 };
  const tell = (deliveredBytes: number, inFlightBytes = 0) => {
    reading = { deliveredBytes, outstandingBytes: 1, tcp: { ...tcp, inFlightBytes } };
  };
  return { probe: { read: () => reading } as SocketProbe, tell };
}

describe('what has arrived', () => {
  test('without any sign: what the system has taken', () => {
    const { delivery } = make();
    delivery.sent(10_000);
    delivery.sent(5_000);
    delivery.taken(10_000);
    expect(delivery.pressure()).toEqual({
      sentBytes: 15_000,
      deliveredBytes: 10_000,
      evidence: 'socket',
      pendingBytes: 5_000,
      unackedBytes: null,
      unsentBytes: null,
      tcp: null,
      way: null,
    });
  });

  test('where the system tells: what the peer’s TCP has', () => {
    const { probe, tell } = system();
    const { delivery } = make({ probe });
    delivery.sent(10_000);
    delivery.taken(10_000);
    tell(7_000, 2_000);
    expect(delivery.pressure()).toMatchObject({ deliveredBytes: 7_000, evidence: 'tcp', unsentBytes: 1_000, tcp: { rttMs: 20 } });
  });

  test('where the system tells: what it has been given since it was last asked still waits', () => {
    const { probe, tell } = system();
    const { delivery } = make({ probe });
    delivery.sent(10_000);
    delivery.taken(10_000);
    tell(7_000, 3_000);
    delivery.sent(25_000);
    delivery.taken(25_000);
    delivery.sent(4_000);
    expect(delivery.pressure()).toMatchObject({ sentBytes: 39_000, deliveredBytes: 7_000, pendingBytes: 4_000, unsentBytes: 25_000 });
  });

  test('property: what is sent has arrived, or is under way, unsent or with us, however old the system’s figures are', () => {
    const step = fc.record({ sent: fc.nat(50_000), taken: fc.double({ min: 0, max: 1, noNaN: true }), asked: fc.boolean() });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), fc.double({ min: 0, max: 1, noNaN: true }), (steps, arrived) => {
        const { probe, tell } = system();
        const { delivery } = make({ probe });
        tell(0);
        for (const { sent, taken, asked } of steps) {
          delivery.sent(sent);
          delivery.taken(Math.floor(delivery.pendingBytes * taken));
          const outBytes = delivery.sentBytes - delivery.pendingBytes - delivery.deliveredBytes;
          const arrivedBytes = Math.floor(outBytes * arrived);
          if (asked) tell(delivery.deliveredBytes + arrivedBytes, Math.floor((outBytes - arrivedBytes) / 2));
          const { sentBytes, deliveredBytes, pendingBytes, unsentBytes, tcp } = delivery.pressure();
          expect(deliveredBytes + (tcp?.inFlightBytes ?? 0) + (unsentBytes ?? 0) + pendingBytes).toBe(sentBytes);
        }
      }),
    );
  });

  test('where the server acknowledges behind a proxy: not what the proxy has', () => {
    const { probe, tell } = system();
    const { delivery } = make({ probe });
    for (let i = 1; i <= 5; i += 1) {
      delivery.sent(20_000);
      delivery.taken(20_000);
      tell(i * 20_000);
      vi.advanceTimersByTime(200);
      delivery.acknowledged(i * 20_000);
    }
    delivery.sent(200_000);
    tell(300_000);
    vi.advanceTimersByTime(100);
    expect(delivery.pressure()).toMatchObject({ evidence: 'ack', unackedBytes: 200_000, deliveredBytes: 110_000 });
    vi.advanceTimersByTime(5_000);
    expect(delivery.deliveredBytes).toBe(120_000); // an acknowledgement is overdue
  });

  test.each([
    { counts: 'the handshake too', short: 0 },
    { counts: 'all but the handshake', short: 3_073 },
  ])(
    'on a quiet show, where the server counts $counts: what the system has taken, since no acknowledgement is due for seconds',
    ({ short }) => {
      const { delivery } = make({ startKbps: 50 });
      let total = 0;
      let acked = 0;
      const send = (bytes: number) => {
        delivery.sent(bytes);
        delivery.taken(bytes);
        total += bytes;
        vi.advanceTimersByTime(100);
      };
      send(3_073 + 4_200);
      delivery.acknowledged((acked = total - short));
      for (let i = 0; i < 200; i += 1) {
        send(100);
        expect(delivery.deliveredBytes, `after ${i}`).toBe(total);
        if (total - short - acked >= 4_096) delivery.acknowledged((acked = total - short));
      }
      expect(delivery.pressure().evidence).toBe('ack');
    },
  );

  test('never falls when the evidence changes', () => {
    const { probe, tell } = system();
    const { delivery } = make({ probe });
    delivery.sent(60_000);
    tell(60_000);
    expect(delivery.deliveredBytes).toBe(60_000);
    delivery.acknowledged(20_000);
    expect(delivery.pressure()).toMatchObject({ evidence: 'ack', unackedBytes: 40_000 - 3_073, deliveredBytes: 60_000 });
  });
});

describe('the window', () => {
  test('is 200 ms of the rate, never below 4 KiB nor above what the server wants', () => {
    expect(make().delivery.windowBytes).toBe(20_000);
    expect(make({ startKbps: 50 }).delivery.windowBytes).toBe(4_096);
    const { delivery, said } = make();
    delivery.limitWindow(5_000_000);
    delivery.limitWindow(10_000);
    expect([delivery.windowBytes, said]).toEqual([10_000, ['ack each 10000']]);
  });

  test('is asked for anew when the rate changes much, and once a second at most', () => {
    const { delivery, said } = make();
    delivery.setRate(1_000); // not much
    delivery.setRate(2_000);
    delivery.setRate(6_000); // too soon
    expect(said).toEqual(['ack each 50000']);
    delivery.start();
    vi.advanceTimersByTime(1_250);
    delivery.stop();
    expect(said).toEqual(['ack each 50000', 'ack each 150000']);
  });

  test('follows what is really sent, when that is less', () => {
    const { delivery, said } = make({ startKbps: 6_000 });
    delivery.start();
    for (let i = 0; i < 12; i += 1) {
      delivery.sent(10_000); // 320 kbps
      delivery.taken(10_000);
      vi.advanceTimersByTime(250);
    }
    delivery.stop();
    expect(said).toEqual(['ack each 8000']);
  });
});

test('where nothing moves it says so, within the time', () => {
  const { delivery, said } = make();
  delivery.start();
  vi.advanceTimersByTime(60_000);
  delivery.sent(1_000);
  vi.advanceTimersByTime(3_900);
  expect(said).not.toContain('stalled');
  vi.advanceTimersByTime(600);
  delivery.stop();
  expect(said).toContain('stalled');
});

test('a report that tells nothing new is no sign of movement', () => {
  const { delivery, said } = make();
  delivery.expectReports();
  delivery.start();
  delivery.sent(10_000);
  for (let i = 0; i < 50; i += 1) {
    delivery.reported({ receivedBytes: 1_000, arrivedMs: 5 });
    vi.advanceTimersByTime(100);
  }
  delivery.stop();
  expect(said).toContain('stalled');
});
