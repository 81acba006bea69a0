import type { NetworkInterfaceInfo } from 'node:os';
import { expect, test } from 'vitest';
import { lanAddresses } from './lan-addresses.ts';

const v4 = (address: string, internal = false) => ({ address, family: 'IPv4', internal }) as NetworkInterfaceInfo;
const v6 = (address: string) => ({ address, family: 'IPv6', internal: false }) as NetworkInterfaceInfo;

test("the router's address comes first, containers' last, and what nobody reaches not at all", () => {
  const interfaces = {
    lo: [v4('127.0.0.1', true)],
    docker0: [v4('172.17.0.1')],
    ppp0: [v4('203.0.113.9')],
    wlan0: [v4('192.168.1.5'), v6('fe80::1')],
    eth1: [v4('169.254.3.4')],
  };
  expect(lanAddresses(interfaces)).toEqual(['192.168.1.5', '203.0.113.9', '172.17.0.1']);
});

test('a machine without a network has none', () => expect(lanAddresses({ lo: [v4('127.0.0.1', true)] })).toEqual([]));
