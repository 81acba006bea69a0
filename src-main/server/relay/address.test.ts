import { expect, test } from 'vitest';
import { parseRelayAddress } from './address.ts';

test.each([
  [
    'rtmp://origin.example/live/show?key=a',
    {
      protocol: 'rtmp',
      secure: false,
      host: 'origin.example',
      port: 1_935,
      app: 'live',
      playPath: 'show?key=a',
      label: 'rtmp://origin.example:1935',
    },
  ],
  ['rtmps://[::1]:444/app/deep/name', { protocol: 'rtmp', secure: true, host: '::1', port: 444, app: 'app', playPath: 'deep/name' }],
  [' http://10.0.0.2:8080/live/show.flv ', { protocol: 'flv', secure: false, port: 8_080, url: 'http://10.0.0.2:8080/live/show.flv' }],
  ['https://cdn.example/a.flv?token=b', { protocol: 'flv', secure: true, port: 443, label: 'https://cdn.example:443' }],
])('%s', (text, parts) => {
  expect(parseRelayAddress(text)).toMatchObject(parts);
});

test.each([
  ['ftp://host/a/b', 'must begin with'],
  ['no address', 'must begin with'],
  ['rtmp:///live/secret', 'names no server'],
  ['rtmp://user:secret@host/live/a', 'user name or a password'],
  ['rtmp://host:0/live/secret', 'port 0'],
  ['rtmp://host/secret', 'rtmp://host/application/stream'],
])('%s is refused, and the message shows no secret', (text, message) => {
  expect(() => parseRelayAddress(text)).toThrow(message);
  expect(() => parseRelayAddress(text)).not.toThrow('secret');
});
