import { expect, test } from 'vitest';
import { planRelays } from './relays.ts';

const options = { host: '127.0.0.1', rtmpPort: 0, httpPort: 0, streams: [{ name: 'live', key: 'k' }] };

test('edges and forwards are planned with their addresses', () => {
  const plan = planRelays({
    ...options,
    edges: [{ name: 'far', from: 'http://origin.example/live/far.flv' }],
    forwards: [{ name: 'far', to: 'rtmp://cluster.example/live/far' }],
  });
  expect(plan).toMatchObject({ edges: [{ name: 'far', address: { protocol: 'flv' } }], forwards: [{ address: { app: 'live' } }] });
});

test.each([
  [{ edges: [{ name: 'live', from: 'rtmp://a/b/c' }] }, 'used twice'],
  [{ edges: [{ name: 'a/b', from: 'rtmp://a/b/c' }] }, 'A stream name has'],
  [{ edges: [{ name: 'far', from: 'rtmp://a' }] }, 'must be like'],
  [{ rtmpPort: 1_935, edges: [{ name: 'far', from: 'rtmp://127.0.0.1/live/live' }] }, 'the server’s own'],
  [{ httpPort: 8_080, edges: [{ name: 'far', from: 'http://localhost:8080/live/live.flv' }] }, 'the server’s own'],
  [{ rtmpPort: 1_935, forwards: [{ name: 'live', to: 'rtmp://[::1]/live/other' }] }, 'the server’s own'],
  [{ forwards: [{ name: 'other', to: 'rtmp://a/b/c' }] }, 'no stream other'],
  [{ forwards: [{ name: 'live', to: 'http://a/live/c.flv' }] }, 'forwarded by RTMP'],
])('%j is refused', (relays, message) => {
  expect(() => planRelays({ ...options, ...relays })).toThrow(message);
});
