import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { driverFingerprint } from './driver-fingerprint.ts';

const roots: string[] = [];
afterEach(() => {
  for (const root of roots.splice(0)) rmSync(root, { recursive: true });
});

/** A root with these files in it. */
function root(files: Record<string, string>): string {
  const folder = mkdtempSync(join(tmpdir(), 'tidecast-system-'));
  roots.push(folder);
  for (const [name, text] of Object.entries(files)) write(folder, name, text);
  return folder;
}

function write(folder: string, name: string, text: string): void {
  const path = join(folder, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  utimesSync(path, 1, 1);
}

const linux = (folder: string, release = '6.1.0') => ({ platform: 'linux' as const, release, arch: 'x64', root: folder });
const card = { 'sys/class/drm/renderD128/device/vendor': '0x8086\n', 'sys/class/drm/renderD128/device/uevent': 'DRIVER=i915\nPCI_ID=1' };

test('the same system has the same one, and an empty one has one', () => {
  const folder = root(card);
  expect(driverFingerprint('1.0.0', linux(folder))).toBe(driverFingerprint('1.0.0', linux(folder)));
  expect(driverFingerprint('1.0.0', linux(folder))).toContain('renderD128 0x8086 none DRIVER=i915');
  expect(driverFingerprint('1.0.0', linux(root({})))).toContain('nvidia none');
});

test.each([
  ['a driver of NVIDIA', 'proc/driver/nvidia/version', 'NVRM version: 580.95'],
  ['another card', 'sys/class/drm/renderD128/device/vendor', '0x1002'],
  ['another driver of the kernel', 'sys/class/drm/renderD128/device/uevent', 'DRIVER=xe'],
  ['one more card', 'sys/class/drm/renderD129/device/vendor', '0x10de'],
])('%s changes it', (_what, name, text) => {
  const folder = root(card);
  const before = driverFingerprint('1.0.0', linux(folder));
  write(folder, name, text);
  expect(driverFingerprint('1.0.0', linux(folder))).not.toBe(before);
});

test('a library that is installed changes it', () => {
  const folder = root({ 'etc/ld.so.cache': '' });
  const before = driverFingerprint('1.0.0', linux(folder));
  utimesSync(join(folder, 'etc/ld.so.cache'), 2, 2);
  expect(driverFingerprint('1.0.0', linux(folder))).not.toBe(before);
});

test('so does another back end', () => {
  const folder = root(card);
  const before = driverFingerprint('1.0.0', linux(folder));
  expect(driverFingerprint('1.0.0', { ...linux(folder), asked: 'command-line' })).not.toBe(before);
});

test('so do another kernel and another Tidecast', () => {
  const folder = root(card);
  const before = driverFingerprint('1.0.0', linux(folder));
  expect(driverFingerprint('1.0.0', linux(folder, '6.1.1'))).not.toBe(before);
  expect(driverFingerprint('1.0.1', linux(folder))).not.toBe(before);
});

test('on Windows the runtimes of the drivers count', () => {
  const folder = root({ 'System32/nvEncodeAPI64.dll': '' });
  const windows = { platform: 'win32' as const, release: '10.0.26100', arch: 'x64', root: folder };
  const before = driverFingerprint('1.0.0', windows);
  utimesSync(join(folder, 'System32/nvEncodeAPI64.dll'), 2, 2);
  expect(driverFingerprint('1.0.0', windows)).not.toBe(before);
});
