import { hostname } from 'node:os';
import { expect, test } from 'vitest';
import { isForeign, isOwnHost, isOwnOrigin } from './host-check.ts';

test.each([
  ['127.0.0.1:8080', '127.0.0.1', true],
  ['localhost', '127.0.0.1', true],
  ['LOCALHOST:80', '127.0.0.1', true],
  ['[::1]:8080', '127.0.0.1', true],
  ['evil.example', '127.0.0.1', false],
  ['localhost.evil.example', '127.0.0.1', false],
  ['127.0.0.1.evil.example:8080', '127.0.0.1', false],
  ['192.168.1.5:8080', '127.0.0.1', false],
  ['user@127.0.0.1', '127.0.0.1', false],
  ['127.0.0.1/x', '127.0.0.1', false],
  ['', '127.0.0.1', false],
  [undefined, '127.0.0.1', false],
  ['192.168.1.5:8080', '0.0.0.0', true],
  [`${hostname()}.local`, '0.0.0.0', true],
  ['evil.example', '0.0.0.0', false],
])('Host %j, bound to %s: %s', (header, bound, expected) => {
  expect(isOwnHost(header, bound)).toBe(expected);
});

test.each([
  ['http://127.0.0.1:5173', '127.0.0.1', true],
  ['http://localhost:1', '0.0.0.0', true],
  ['http://[::1]:1', '127.0.0.1', true],
  ['http://192.168.1.5:8080', '0.0.0.0', true],
  ['http://192.168.1.5:8080', '127.0.0.1', false],
  ['https://evil.example', '0.0.0.0', false],
  ['null', '127.0.0.1', false],
  ['file:///', '127.0.0.1', false],
])('Origin %j, bound to %s: %s', (origin, bound, expected) => {
  expect(isOwnOrigin(origin, bound)).toBe(expected);
});

test.each([
  // a name of the certificate, which the host check has let in by then
  [{ host: 'live.example.com', origin: 'https://live.example.com' }, false],
  [{ ':authority': 'live.example.com:8443', origin: 'https://live.example.com:8443' }, false],
  [{ host: 'live.example.com', origin: 'https://live.example.com:8443' }, true],
  [{ host: 'live.example.com', origin: 'https://elsewhere.example' }, true],
  [{ host: 'live.example.com', origin: 'null' }, true],
  [{ host: '127.0.0.1:8080', origin: 'http://127.0.0.1:8080' }, false],
  [{ host: '127.0.0.1:8080', 'sec-fetch-site': 'cross-site' }, true],
  [{ host: '127.0.0.1:8080' }, false],
])('a request with %j is of another site: %s', (headers, foreign) => {
  expect(isForeign({ headers }, '127.0.0.1')).toBe(foreign);
});
