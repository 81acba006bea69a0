import type { NetworkInterfaceInfo } from 'node:os';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { isBack, NetworkWatch, REPORT_EVERY_MS } from './network-watch.ts';

const on = (address: string, internal = false): NetworkInterfaceInfo =>
  ({ address, internal, family: 'IPv4', netmask: '', mac: '', cidr: null }) as NetworkInterfaceInfo;
const lo = [on('127.0.0.1', true)];

test.each([
  ['a cable is plugged in', { lo }, { lo, eth0: [on('192.0.2.7')] }, true],
  ['another network', { wlan0: [on('192.0.2.7')] }, { wlan0: [on('198.51.100.7')] }, true],
  ['a second way', { eth0: [on('192.0.2.7')] }, { eth0: [on('192.0.2.7')], wlan0: [on('198.51.100.7')] }, true],
  ['nothing changes', { eth0: [on('192.0.2.7')] }, { eth0: [on('192.0.2.7')] }, false],
  ['the cable is pulled', { eth0: [on('192.0.2.7')] }, { lo }, false],
  ['an address the system gave itself', { lo }, { lo, eth0: [on('169.254.7.7'), on('fe80::7')] }, false],
])('%s', (_, before, now, expected) => {
  expect(isBack(before, now)).toBe(expected);
});

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test('it looks every second, and takes a long sleep for an absence', () => {
  const now = { interfaces: { lo } as Record<string, NetworkInterfaceInfo[]>, atMs: 0 };
  let times = 0;
  const watch = new NetworkWatch(
    () => void (times += 1),
    () => now.interfaces,
    () => now.atMs,
  );
  const pass = (ms: number) => {
    now.atMs += ms;
    vi.advanceTimersByTime(1_000);
  };
  pass(1_000);
  expect(times).toBe(0);
  now.interfaces = { lo, eth0: [on('192.0.2.7')] };
  pass(1_000);
  pass(1_000);
  expect(times).toBe(1);
  pass(60_000);
  expect(times).toBe(2);
  watch.dispose();
  pass(60_000);
  expect(times).toBe(2);
});

test('a system that does not tell ends nothing; what was known stays known', () => {
  const eth0 = [on('192.0.2.7')];
  let read = (): Record<string, NetworkInterfaceInfo[]> => ({ lo, eth0 });
  const fails = () => {
    throw new Error('uv_interface_addresses returned Unknown system error 13');
  };
  let times = 0;
  const atMs = () => 0;
  const watch = new NetworkWatch(
    () => void (times += 1),
    () => read(),
    atMs,
  );
  for (const next of [fails, read, fails, () => ({ lo, eth0, wlan0: [on('198.51.100.7')] })]) {
    expect(times).toBe(0);
    read = next;
    vi.advanceTimersByTime(1_000);
  }
  expect(times).toBe(1);
  watch.dispose();
});

test('what others report counts at once, then every 2 s at most, and the last word is never lost', () => {
  let times = 0;
  const watch = new NetworkWatch(
    () => void (times += 1),
    () => ({ lo }),
    () => 0,
  );
  for (let report = 0; report < 10; report += 1) watch.report();
  expect(times).toBe(1);
  vi.advanceTimersByTime(REPORT_EVERY_MS);
  expect(times).toBe(2);
  vi.advanceTimersByTime(REPORT_EVERY_MS * 10);
  expect(times).toBe(2);
  watch.report();
  watch.report();
  expect(times).toBe(3);
  watch.dispose();
  expect(vi.getTimerCount()).toBe(0);
});
