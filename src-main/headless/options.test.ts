import { expect, test } from 'vitest';
import { defaultDataDirectory } from '../process/data-directory.ts';
import { parseCommandLine } from './options.ts';

test('without arguments the studio is served on its usual ports', () => {
  expect(parseCommandLine([])).toMatchObject({
    help: false,
    port: null,
    rtmpPort: null,
    viewerPort: null,
    open: false,
    jsonReady: false,
    endWithStdin: false,
    logLevel: 'warn',
  });
});

test('options are read', () => {
  expect(
    parseCommandLine([
      'serve',
      '--port',
      '0',
      '--data-dir',
      '/tmp/x',
      '--open',
      '--json-ready',
      '--end-with-stdin',
      '--log-level',
      'debug',
    ]),
  ).toMatchObject({
    port: 0,
    dataDirectory: '/tmp/x',
    open: true,
    jsonReady: true,
    endWithStdin: true,
    logLevel: 'debug',
  });
});

test.each([
  [['--port', '8000'], { port: 8000, rtmpPort: null, viewerPort: null }],
  [['--port', '0'], { port: 0, rtmpPort: 0, viewerPort: 0 }],
  [['--port', '0', '--rtmp-port', '1935'], { port: 0, rtmpPort: 1935, viewerPort: 0 }],
  [['--port', '8000', '--viewer-port', '8001'], { port: 8000, rtmpPort: null, viewerPort: 8001 }],
])("%j: the live server never gets the studio's own port", (args, ports) => {
  expect(parseCommandLine(args)).toMatchObject(ports);
});

test.each([
  [['--port', '65536'], /--port must be a number/],
  [['--port', '-1'], /port/],
  [['--rtmp-port', 'x'], /--rtmp-port must be a number/],
  [['--log-level', 'loud'], /--log-level must be one of/],
  [['publish'], /no command "publish"/],
  [['serve', 'twice'], /no command "serve twice"/],
  [['--colour'], /--colour/],
])('%j is refused with a reason', (args, reason) => {
  expect(() => parseCommandLine(args)).toThrow(reason);
});

test.each([
  ['linux', {}, '/home/a/.local/share/tidecast'],
  ['linux', { XDG_DATA_HOME: '/data' }, '/data/tidecast'],
  ['linux', { XDG_DATA_HOME: 'relative' }, '/home/a/.local/share/tidecast'],
  ['darwin', {}, '/home/a/Library/Application Support/Tidecast'],
  ['win32', { APPDATA: '/home/a/AppData/Roaming' }, '/home/a/AppData/Roaming/Tidecast'],
  ['linux', { TIDECAST_DATA_DIR: '/elsewhere' }, '/elsewhere'],
] as const)('the data directory on %s with %j', (platform, env, expected) => {
  expect(defaultDataDirectory({ platform, home: '/home/a', env })).toBe(expected);
});
