import { expect, test } from 'vitest';
import { isSameServer, PLATFORMS, platformOf, urlProblem } from './platforms.ts';

test.each([
  ['http://host/live', 'scheme'],
  ['rtmp://', 'host'],
  ['rtmp://host', 'app'],
  ['rtmp://host/', 'app'],
  ['rtmp://host/live', null],
  [' RTMPS://host:443/live2 ', null],
])('%s: %s', (url, problem) => {
  expect(urlProblem(url)).toBe(problem);
});

test.each(PLATFORMS.map(({ id, url }) => [id, url]))('%s is known by its address', (id, url) => {
  expect(platformOf(url)).toBe(id);
});

test.each([
  ['rtmp://host/live', 'rtmps://HOST:443/app', true],
  ['rtmp://host/live', 'rtmp://other/live', false],
  ['rtmp://host/live', 'rtmp://', false],
])('%s and %s: the same server? %s', (url, other, same) => {
  expect(isSameServer(url, other)).toBe(same);
});
