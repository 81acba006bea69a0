import { expect, test } from 'vitest';
import { SERVER_LIMITS } from '../limits.ts';
import { AddressLimits } from './address-limits.ts';

const LIMITS = {
  ...SERVER_LIMITS,
  connectionsPerAddressPerS: 10,
  connectionsPerAddressBurst: 3,
  wrongKeysPerMinute: 2,
  viewersPerAddressMax: 2,
};

test('connections: a burst, then so many a second, for each address', () => {
  const limits = new AddressLimits(LIMITS);
  const admitted = (address: string, atMs: number) => limits.takeConnection('http', address, atMs) !== null;
  expect([0, 0, 0, 0].map((atMs) => admitted('10.0.0.1', atMs))).toEqual([true, true, true, false]);
  expect(admitted('10.0.0.2', 0)).toBe(true);
  expect([100, 150, 200].map((atMs) => admitted('10.0.0.1', atMs))).toEqual([true, false, true]);
});

test('connections at a time, of RTMP and HTTP apart', () => {
  const limits = new AddressLimits({
    ...LIMITS,
    connectionsPerAddressBurst: 100,
    rtmpConnectionsPerAddressMax: 2,
    httpConnectionsPerAddressMax: 1,
  });
  const taken = (['rtmp', 'rtmp', 'rtmp', 'http', 'http'] as const).map((kind) => limits.takeConnection(kind, '10.0.0.1', 0));
  expect(taken.map((one) => one !== null)).toEqual([true, true, false, true, false]);
  taken[0]?.();
  expect(limits.takeConnection('rtmp', '10.0.0.1', 0)).not.toBeNull();
});

test('questions to a hook at a time, for each address', () => {
  const limits = new AddressLimits({ ...LIMITS, hooksPerAddressMax: 1 });
  const answered = limits.takeHook('10.0.0.1', 0);
  expect([limits.takeHook('10.0.0.1', 0), limits.takeHook('10.0.0.2', 0) !== null]).toEqual([null, true]);
  answered?.();
  expect(limits.takeHook('10.0.0.1', 0)).not.toBeNull();
});

test('wrong keys lock an address out for a minute, and no other', () => {
  const limits = new AddressLimits(LIMITS);
  for (const atMs of [0, 1_000, 2_000]) limits.noteWrongKey('10.0.0.1', atMs);
  expect(limits.isLockedOut('10.0.0.1', 3_000)).toBe(true);
  expect(limits.isLockedOut('10.0.0.2', 3_000)).toBe(false);
  expect(limits.isLockedOut('10.0.0.1', 61_500)).toBe(false);
});

test('viewers: a place is given back once', () => {
  const limits = new AddressLimits(LIMITS);
  const places = [0, 0, 0].map((atMs) => limits.takeViewer('10.0.0.1', atMs));
  expect(places.map((place) => place !== null)).toEqual([true, true, false]);
  places[0]?.();
  places[0]?.();
  expect([limits.takeViewer('10.0.0.1', 0) !== null, limits.takeViewer('10.0.0.1', 0) !== null]).toEqual([true, false]);
});

test.each([
  ['127.0.0.1', '127.0.0.1', null],
  ['::1', '::1', null],
  ['::ffff:127.0.0.1', '::ffff:127.0.0.1', null],
  ['10.0.0.1', '::ffff:10.0.0.1', true],
  ['2001:db8:1:2::1', '2001:db8:1:2:ffff::9', true],
  ['2001:db8::1', '2001:db8:0:0:1::', true],
  ['2001:db8:1:2::1', '2001:db8:1:3::1', false],
  [undefined, undefined, true],
])('%s and %s are one household: %s (null: this machine, which is not counted)', (one, other, same) => {
  const limits = new AddressLimits({ ...LIMITS, connectionsPerAddressBurst: 1 });
  expect(limits.takeConnection('rtmp', one, 0)).not.toBeNull();
  expect(limits.takeConnection('rtmp', other, 0) !== null).toBe(same !== true);
});

test('however many addresses come, few are remembered', () => {
  const limits = new AddressLimits({ ...LIMITS, connectionsPerAddressBurst: 1 });
  const addresses = Array.from({ length: 25_000 }, (_, i) => `10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`);
  expect(addresses.every((address) => limits.takeConnection('http', address, 0))).toBe(true);
  expect(limits.takeConnection('http', '10.0.0.1', 0)).not.toBeNull(); // forgotten long since
  expect(limits.takeConnection('http', '10.0.97.167', 0)).toBeNull(); // the last one
});
