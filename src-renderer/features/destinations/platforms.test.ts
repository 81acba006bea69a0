import { expect, test } from 'vitest';
import { PLATFORMS, platformOf, urlProblem } from './platforms.ts';

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
