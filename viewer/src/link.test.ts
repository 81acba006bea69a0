import { expect, test } from 'vitest';
import { linkForOthers } from './link.ts';

test.each([
  ['http://192.168.1.5:7421/watch/live', 'http://192.168.1.5:7421/watch/live?latency=stable', []],
  ['http://192.168.1.5:7421/watch/live', 'http://127.0.0.1:7421/watch/live', ['http://192.168.1.5:7421', 'http://10.0.0.2:7421']],
  ['http://192.168.1.5:7421/watch/live', 'http://localhost:7421/watch/live', ['http://192.168.1.5:7421']],
  ['http://192.168.1.5:7421/watch/live?key=a%26b', 'http://localhost:7421/watch/live?key=a%26b', ['http://192.168.1.5:7421']],
  [null, 'http://[::1]:7421/watch/live', []],
])('%s for the page at %s of a server at %j', (link, here, addresses) => {
  expect(linkForOthers(here, addresses)).toBe(link);
});
