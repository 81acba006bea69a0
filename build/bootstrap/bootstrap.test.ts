import { chmodSync, mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { acceptanceTable, outcomes } from './accept.mjs';
import { countReport, failedFiles, sum, withSecondRun } from './count.mjs';
import { newestMs } from './freshness.mjs';
import { installStamp, nodeIsEnough } from './install.mjs';
import { chooseHost, hasDisplay, parseStartOptions } from './start.mjs';
import { findChromium, findOnPath } from './tools.mjs';

const folder = mkdtempSync(join(tmpdir(), 'bootstrap-'));
afterAll(() => rmSync(folder, { recursive: true }));

test.each([
  ['18.20.4', false],
  ['20.0.0', true],
  ['24.21.0', true],
  ['100.0.0', true],
])('Node %s is enough: %s', (version, enough) => {
  expect(nodeIsEnough(version)).toBe(enough);
});

describe('the installation stamp', () => {
  const manifest = { name: 'x', scripts: { test: 'a' }, dependencies: { ws: '1' }, devDependencies: { vite: '8' } };
  const stamp = (changed: object, lock = 'lock', platform = 'linux-x64') =>
    installStamp(JSON.stringify({ ...manifest, ...changed }), lock, platform);

  test('stays when only scripts or the version change', () => {
    expect(stamp({ scripts: { test: 'b' }, version: '2.0.0' })).toBe(stamp({}));
  });

  test.each([
    ['a dependency', stamp({ dependencies: { ws: '2' } })],
    ['a dev dependency', stamp({ devDependencies: {} })],
    ['what may run scripts', stamp({ allowScripts: { node: true } })],
    ['the lock file', stamp({}, 'lock 2')],
    ['the platform', stamp({}, 'lock', 'darwin-arm64')],
  ])('changes with %s', (_what, other) => {
    expect(other).not.toBe(stamp({}));
  });
});

describe('npm start -- …', () => {
  test.each([
    [[], { host: 'auto', rest: [] }],
    [['--host', 'browser', '--port', '7000'], { host: 'browser', rest: ['--port', '7000'] }],
    [['--port', '7000', '--host=electron'], { host: 'electron', rest: ['--port', '7000'] }],
    [['--open'], { host: 'auto', rest: ['--open'] }],
  ])('%j', (args, options) => {
    expect(parseStartOptions(args)).toEqual(options);
  });

  test.each([[['--host']], [['--host', 'tv']], [['--host=']]])('%j is refused, saying what it takes', (args) => {
    expect(() => parseStartOptions(args)).toThrow('--host takes electron or browser');
  });
});

test.each([
  ['linux', {}, false],
  ['linux', { DISPLAY: ':0' }, true],
  ['linux', { WAYLAND_DISPLAY: 'wayland-0' }, true],
  ['darwin', {}, true],
  ['win32', {}, true],
] as const)('%s with %j has a display: %s', (platform, env, display) => {
  expect(hasDisplay(platform, env)).toBe(display);
});

describe('the host', () => {
  const found = async () => ({ path: '/electron' });
  const missing = async () => ({ missing: 'no network' });
  const unasked = () => Promise.reject(new Error('asked for Electron in vain'));

  test.each([
    ['auto', true, found, { host: 'electron', path: '/electron' }],
    ['auto', true, missing, { host: 'browser', reason: 'Electron cannot be had: no network' }],
    ['auto', false, unasked, { host: 'browser', reason: 'this machine has no display' }],
    ['browser', true, unasked, { host: 'browser', reason: 'as asked' }],
    ['electron', true, found, { host: 'electron', path: '/electron' }],
  ] as const)('asked %s, display %s', async (asked, display, find, choice) => {
    expect(await chooseHost(asked, display, find)).toEqual(choice);
  });

  test('an Electron that was asked for and cannot be had is an error', async () => {
    await expect(chooseHost('electron', true, missing)).rejects.toThrow('no network');
    await expect(chooseHost('electron', false, unasked)).rejects.toThrow('no display');
  });
});

describe('the newest change of a tree', () => {
  const at = (path: string) => join(folder, 'tree', path);
  const touch = (path: string, seconds: number) => utimesSync(at(path), seconds, seconds);
  mkdirSync(at('deep/wasm'), { recursive: true });
  for (const file of ['a.ts', 'deep/b.ts', 'deep/wasm/kernel.wasm']) writeFileSync(at(file), '');

  test('is that of its latest file or folder, but not of what is built into it', () => {
    touch('a.ts', 100);
    touch('deep/b.ts', 300);
    touch('deep/wasm/kernel.wasm', 900);
    for (const path of ['deep/wasm', 'deep', '']) touch(path, 200);
    expect(newestMs(at(''))).toBe(300_000);
    touch('deep', 400); // a file was removed
    expect(newestMs(at(''))).toBe(400_000);
    expect(newestMs(at('nowhere'))).toBe(0);
  });
});

describe('programs', () => {
  const program = (name: string) => {
    const file = join(folder, name);
    writeFileSync(file, '');
    chmodSync(file, 0o755);
    return file;
  };

  test('a file that cannot be executed is no program', () => {
    writeFileSync(join(folder, 'plain'), '', { mode: 0o644 });
    expect(findOnPath('plain', { PATH: folder })).toBeNull();
    const file = program('tool');
    expect(findOnPath('tool', { PATH: ['/nowhere', folder].join(delimiter) })).toBe(file);
  });

  test('TIDECAST_CHROMIUM wins over the path, and the path over the usual places', () => {
    const [named, onPath, usual] = [program('my-browser'), program('google-chrome'), program('usual')];
    expect(findChromium({ TIDECAST_CHROMIUM: named, PATH: folder }, [usual])).toBe(named);
    expect(findChromium({ PATH: folder }, [usual])).toBe(onPath);
    expect(findChromium({ PATH: '/nowhere' }, [usual])).toBe(usual);
    expect(findChromium({ TIDECAST_CHROMIUM: '/nowhere/chrome', PATH: folder }, [usual])).toBeNull();
  });
});

describe('counting', () => {
  const report = (numPassedTests: number, numFailedTests: number, statuses: string[] = []) =>
    JSON.stringify({
      numPassedTests,
      numFailedTests,
      testResults: [{ name: '/x/a.accept.ts', assertionResults: statuses.map((status, index) => ({ status, fullName: `test ${index}` })) }],
    });

  test.each([
    ['all passed', report(3, 0), 0, { passed: 3 }],
    ['a file did not load', report(3, 0), 1, { passed: 3, failed: 1, failures: ['vitest ended with 1, though no test failed'] }],
    ['there was nothing to run', report(0, 0), 0, { failed: 1, failures: ['vitest ended with 0, though no test failed'] }],
    ['vitest died', null, 139, { failed: 1, failures: ['vitest ended without a report'] }],
    ['one was skipped', report(1, 0, ['passed', 'skipped']), 0, { passed: 1, skipped: ['test 1'] }],
  ])('%s', (_what, text, code, count) => {
    expect(countReport(text, code)).toEqual({ passed: 0, failed: 0, skipped: [], failures: [], unsteady: [], ...count });
  });

  test('what failed is named with the first line of why, a file that did not load too', () => {
    const text = JSON.stringify({
      numPassedTests: 1,
      numFailedTests: 1,
      testResults: [
        {
          name: '/x/a.test.ts',
          status: 'failed',
          assertionResults: [
            { status: 'passed', fullName: 'stays' },
            { status: 'failed', fullName: 'breaks', failureMessages: ['expected 1 to be 2\n    at a.test.ts:3'] },
          ],
        },
        { name: '/x/b.test.ts', status: 'failed', message: 'no such module\nin b', assertionResults: [] },
      ],
    });
    expect(countReport(text, 1).failures).toEqual(['a.test.ts › breaks: expected 1 to be 2', 'b.test.ts: no such module']);
  });

  test('a file that ran again answers with its second run, and what still fails counts', () => {
    const file = (name: string, ...statuses: string[]) => ({
      name,
      status: statuses.includes('failed') ? 'failed' : 'passed',
      assertionResults: statuses.map((status, index) => ({ status, fullName: `test ${index}` })),
    });
    const project = (...testResults: object[]) => JSON.stringify({ testResults });
    const first = project(file('/a', 'passed', 'passed'), file('/b', 'failed', 'passed'), file('/c', 'failed', 'failed'));
    expect(failedFiles(first)).toEqual(['/b', '/c']);
    const merged = withSecondRun(first, project(file('/b', 'passed', 'passed'), file('/c', 'failed', 'passed')));
    expect(countReport(merged, 1)).toMatchObject({ passed: 5, failed: 1, failures: ['c › test 0: no message'] });
  });

  test('counts add up', () => {
    const one = { passed: 1, failed: 0, skipped: ['a'], failures: [], unsteady: ['d'] };
    expect(sum([one, { passed: 2, failed: 3, skipped: ['b'], failures: ['c'], unsteady: [] }])).toEqual({
      passed: 3,
      failed: 3,
      skipped: ['a', 'b'],
      failures: ['c'],
      unsteady: ['d'],
    });
    expect(sum([])).toEqual({ passed: 0, failed: 0, skipped: [], failures: [], unsteady: [] });
  });

  test('the acceptance table has a row for each test, and for a file without any', () => {
    expect(outcomes(report(0, 0))).toEqual([{ name: 'a.accept.ts', status: 'failed' }]);
    const tests = outcomes(report(1, 1, ['passed', 'failed']));
    const figures = [
      { test: 'test 0', name: 'distinct ticks', value: 1790, unit: '' },
      { test: 'test 0', name: 'PSNR', value: 44.1, unit: 'dB' },
    ];
    expect(acceptanceTable(tests, figures)).toBe(
      '| name | result | figures |\n| --- | --- | --- |\n| test 0 | passed | distinct ticks 1790; PSNR 44.1 dB |\n| test 1 | failed |  |',
    );
  });
});
