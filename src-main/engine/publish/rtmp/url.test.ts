import { describe, expect, test } from 'vitest';
import { StudioError } from '../../../../src-shared/errors.ts';
import { parseRtmpUrl, resolveRtmpUrl } from './url.ts';

test.each([
  ['rtmp://live.example.com/app', { secure: false, host: 'live.example.com', port: 1935, app: 'app', label: 'live.example.com:1935' }],
  ['rtmps://live.example.com:443/rtmp/', { secure: true, port: 443, app: 'rtmp', tcUrl: 'rtmps://live.example.com:443/rtmp' }],
  ['  rtmps://a.b/x/y?auth=1 ', { port: 443, app: 'x/y?auth=1', tcUrl: 'rtmps://a.b/x/y?auth=1' }],
  ['rtmp://[::1]:1936/live', { host: '::1', port: 1936, tcUrl: 'rtmp://[::1]:1936/live', label: '[::1]:1936' }],
  ['RTMP://Host/live', { secure: false, app: 'live' }],
])('%s', (url, expected) => expect(parseRtmpUrl(url)).toMatchObject(expected));

test.each([
  '',
  'live.example.com/app',
  'http://a.b/app',
  'rtmp:///app',
  'rtmp://a.b',
  'rtmp://a.b/',
  'rtmp://a.b:99999/app',
  'rtmp://a.b:0/app',
  'rtmp://u:sekret@a.b/app',
])('refuses %s', (url) => {
  const error = catchError(() => parseRtmpUrl(url));
  expect(error).toBeInstanceOf(StudioError);
  expect((error as StudioError).code).toBe('rtmp.bad-url');
  expect((error as StudioError).message).toContain('rtmp://');
  expect((error as StudioError).message).not.toContain('sekret');
});

function catchError(run: () => unknown): unknown {
  try {
    return run();
  } catch (error) {
    return error;
  }
}

describe('where a server sends us', () => {
  test.each([
    ['rtmp://b.example:1936/live', 'rtmp://b.example:1936/live'],
    ['rtmps://b.example/live', 'rtmps://b.example/live'],
    ['//b.example/live', 'rtmp://b.example/live'],
    ['/other', 'rtmp://a.example:1937/other'],
  ])('%s is %s', (to, expected) => expect(resolveRtmpUrl('rtmp://a.example:1937/app/instance', to)).toBe(expected));

  test.each([
    ['another protocol', 'rtmp://a.example/live', 'http://b.example/live'],
    ['no address', 'rtmp://a.example/live', 'rtmp://'],
    ['the key in the clear', 'rtmps://a.example/live', 'rtmp://a.example/live'],
  ])('it is not followed to %s', (_what, from, to) => expect(() => resolveRtmpUrl(from, to)).toThrow(StudioError));
});
