import { afterEach, expect, test, vi } from 'vitest';
import { pollStream } from './server-api.ts';

afterEach(() => vi.unstubAllGlobals());

test.each([
  [403, 'private'],
  [429, 'private'], // locked out for wrong keys: asking each second would keep it so
  [404, 'no-stream'],
  [500, 'unreachable'],
])('a server that answers %i is %s', async (status, server) => {
  vi.stubGlobal('location', { search: '?key=stale' });
  vi.stubGlobal('fetch', async () => new Response(null, { status }));
  expect(await pollStream('live')).toEqual({ server });
});
