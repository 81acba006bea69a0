/** What the answers of a probe depend on: when it changes, they are found anew. Only read, and quick. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { arch, release } from 'node:os';
import { join } from 'node:path';

export interface System {
  platform: NodeJS.Platform;
  /** of the kernel or of the system */
  release: string;
  arch: string;
  /** "/", or "C:\Windows": tests make their own */
  root: string;
  /** who has been told to encode, and with which program; left out: nobody */
  asked?: string;
}

const thisSystem = (): System => ({
  platform: process.platform,
  release: release(),
  arch: arch(),
  root: process.platform === 'win32' ? (process.env['SystemRoot'] ?? 'C:\\Windows') : '/',
  asked: [process.env['TIDECAST_VIDEO_BACK_END'], process.env['TIDECAST_FFMPEG']].join(' ').trim(),
});

/** Runtimes that come with drivers, in System32. */
const WINDOWS_LIBRARIES = ['nvEncodeAPI64.dll', 'amfrt64.dll', 'libmfxhw64.dll', 'libmfx64-gen.dll', 'libvpl.dll'];

/** One line a thing: the graphics cards, their drivers and the libraries to them, the system, and Tidecast itself. */
export function driverFingerprint(appVersion: string, system: System = thisSystem()): string {
  const { platform, release, arch, asked = '' } = system;
  return [`tidecast ${appVersion}`, `${platform} ${release} ${arch}`, `asked ${asked}`, ...drivers(system)].join('\n');
}

function drivers({ platform, root }: System): string[] {
  if (platform === 'win32') return WINDOWS_LIBRARIES.map((name) => `${name} ${changedAt(join(root, 'System32', name))}`);
  if (platform !== 'linux') return []; // macOS brings its encoders along
  return [
    `nvidia ${textOf(join(root, 'proc/driver/nvidia/version'))}`,
    ...renderNodes(root),
    `libraries ${changedAt(join(root, 'etc/ld.so.cache'))}`, // written whenever one is installed
  ];
}

/** Vendor and device in PCI's numbers, and the kernel's driver. */
function renderNodes(root: string): string[] {
  const folder = join(root, 'sys/class/drm');
  const names = existsSync(folder) ? readdirSync(folder).filter((name) => name.startsWith('renderD')) : [];
  return names.sort().map((name) => {
    const read = (file: string) => textOf(join(folder, name, 'device', file));
    return `${name} ${read('vendor')} ${read('device')} ${read('uevent').split('\n')[0]}`;
  });
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return 'none';
  }
}

function changedAt(path: string): string {
  return statSync(path, { throwIfNoEntry: false })?.mtime.toISOString() ?? 'none';
}
