import { expect, test } from 'vitest';
import { parseCommandLine } from './command-line.ts';

test('streams and keys pair up in order; the rest has defaults', () => {
  expect(parseCommandLine(['--stream', 'a', '--key', 'k', '--stream', 'b', '--key', 'l', '--http-port', '0'])).toEqual({
    host: '127.0.0.1',
    rtmpPort: 1935,
    httpPort: 0,
    metricsTo: 'loopback',
    secondPublisher: 'refuse',
    edges: [],
    forwards: [],
    streams: [
      { name: 'a', key: 'k' },
      { name: 'b', key: 'l' },
    ],
    ladder: { rungs: 'auto', encoders: 'auto' },
    record: null,
  });
  expect(parseCommandLine(['--stream', 'a', '--key', 'k', '--ladder', 'off'])).toMatchObject({ ladder: null });
  const list = ['--ladder', '720p,360p', '--ladder-encoder', 'h264_qsv,libx264'];
  expect(parseCommandLine(['--stream', 'a', '--key', 'k', ...list])).toMatchObject({
    ladder: { rungs: ['720p', '360p'], encoders: ['h264_qsv', 'libx264'] },
  });
  expect(parseCommandLine(['--stream', 'a', '--key', 'k', '--metrics-token', 't'])).toMatchObject({ metricsToken: 't' });
});

test('play keys, TLS, hooks and what a second publisher meets', () => {
  const stream = ['--stream', 'a', '--key', 'k'];
  expect(parseCommandLine([...stream, '--play-key', 'a=x=y', '--on-second-publisher', 'take-over'])).toMatchObject({
    streams: [{ name: 'a', key: 'k', playKey: 'x=y' }],
    secondPublisher: 'take-over',
  });
  expect(parseCommandLine([...stream, '--tls-cert', 'c', '--tls-key', 'd'])).toMatchObject({
    tls: { certFile: 'c', keyFile: 'd', rtmpsPort: 1936 },
  });
  expect(parseCommandLine(['--stream', 'a', '--on-publish', 'http://h/p', '--on-play', 'https://h/q'])).toMatchObject({
    streams: [{ name: 'a', key: null }],
    onPublish: 'http://h/p',
    onPlay: 'https://h/q',
  });
});

test('what is recorded, where, and what of it is kept; how far back viewers may go', () => {
  const stream = ['--stream', 'a', '--key', 'k', '--stream', 'b', '--key', 'l'];
  expect(parseCommandLine([...stream, '--record', '/shows'])).toMatchObject({ record: { directory: '/shows' } });
  const limits = ['--record-stream', 'b', '--record-max-gib', '1.5', '--record-days', '30', '--dvr-seconds', '7200'];
  expect(parseCommandLine([...stream, '--record', '/shows', ...limits])).toMatchObject({
    record: { directory: '/shows', streams: ['b'], maxBytes: 1_610_612_736, keepDays: 30 },
    dvrSeconds: 7_200,
  });
});

test.each([
  [[], /--key/],
  [['--stream', 'a', '--key', 'k', '--record-days', '3'], /--record DIR/],
  [['--stream', 'a', '--key', 'k', '--record', '/x', '--record-days=-3'], /above 0/],
  [['--stream', 'a', '--key', 'k', '--record', '/x', '--record-max-gib', '0'], /above 0/],
  [['--stream', 'a', '--key', 'k', '--record', '/x', '--record-stream', 'b'], /--record-stream/],
  [['--stream', 'a', '--key', 'k', '--dvr-seconds', 'long'], /--dvr-seconds/],
  [['--stream', 'a'], /--key/],
  [['--stream', 'a', '--key', 'k', '--rtmp-port', '70000'], /port/],
  [['--stream', 'a', '--key', 'k', '--rtmp-port', '1e3'], /port/],
  [['--stream', 'a', '--key', 'k', '--metrics-to', 'mars'], /loopback/],
  [['--nonsense'], /nonsense/],
  [['--stream', 'a', '--key', 'k', '--play-key', 'b=c'], /play-key/],
  [['--stream', 'a', '--key', 'k', '--tls-cert', 'c'], /both/],
  [['--stream', 'a', '--key', 'k', '--on-publish', 'file:///etc/passwd'], /http/],
  [['--stream', 'a', '--key', 'k', '--on-play', '$(reboot)'], /http/],
  [['--stream', 'a', '--key', 'k', '--on-second-publisher', 'fight'], /take-over/],
  [['--stream', 'a', '--key', 'k', '--ladder', '144p'], /1080p/],
  [['--stream', 'a', '--key', 'k', '--ladder', ''], /1080p/],
  [['--stream', 'a', '--key', 'k', '--ladder-encoder', 'libx265'], /libx264/],
  [['--help'], /^$/],
])('%j is refused', (args, problem) => {
  expect(parseCommandLine(args)).toMatch(problem);
});
