import { expect, test } from 'vitest';
import { parseCommandLine } from './command-line.ts';

test('streams and keys pair up in order; the rest has defaults', () => {
  expect(parseCommandLine(['--stream', 'a', '--key', 'k', '--stream', 'b', '--key', 'l', '--http-port', '0'])).toEqual({
    host: '127.0.0.1',
    rtmpPort: 1935,
    httpPort: 0,
    metricsTo: 'loopback',
    streams: [
      { name: 'a', key: 'k' },
      { name: 'b', key: 'l' },
    ],
  });
});

test.each([
  [[], /--key/],
  [['--stream', 'a'], /--key/],
  [['--stream', 'a', '--key', 'k', '--rtmp-port', '70000'], /port/],
  [['--stream', 'a', '--key', 'k', '--rtmp-port', '1e3'], /port/],
  [['--stream', 'a', '--key', 'k', '--metrics-to', 'mars'], /loopback/],
  [['--nonsense'], /nonsense/],
  [['--help'], /^$/],
])('%j is refused', (args, problem) => {
  expect(parseCommandLine(args)).toMatch(problem);
});
