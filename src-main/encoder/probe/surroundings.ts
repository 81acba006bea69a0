/** What a driver leaves on a system, as far as files tell. Reading it loads nothing. */
import { accessSync, constants, existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Surroundings {
  platform: NodeJS.Platform;
  /** whether the dynamic linker would find a library of that name */
  hasLibrary(name: string): boolean;
  /** the render nodes of the graphics cards, and whether this user may use them */
  renderNodes(): { path: string; permitted: boolean }[];
}

const DEVICES = '/dev/dri';

export function surroundings(): Surroundings {
  const hasLibrary = process.platform === 'win32' ? hasWindowsLibrary : hasLinuxLibrary;
  return { platform: process.platform, hasLibrary, renderNodes };
}

/** The linker's cache names every library of its folders; the path of the environment goes first, as the linker has it. */
function hasLinuxLibrary(name: string): boolean {
  const folders = (process.env['LD_LIBRARY_PATH'] ?? '').split(':').filter(Boolean);
  if (folders.some((folder) => existsSync(join(folder, name)))) return true;
  try {
    return readFileSync('/etc/ld.so.cache', 'latin1').includes(`/${name}\0`);
  } catch {
    // a system without a cache, as with musl
    return ['/lib', '/usr/lib', '/usr/lib64'].some((folder) => existsSync(join(folder, name)));
  }
}

function hasWindowsLibrary(name: string): boolean {
  return existsSync(join(process.env['SystemRoot'] ?? 'C:\\Windows', 'System32', name));
}

function renderNodes(): { path: string; permitted: boolean }[] {
  const names = existsSync(DEVICES) ? readdirSync(DEVICES).filter((name) => name.startsWith('renderD')) : [];
  return names.map((name) => {
    const path = join(DEVICES, name);
    return { path, permitted: isPermitted(path) };
  });
}

function isPermitted(path: string): boolean {
  try {
    accessSync(path, constants.R_OK | constants.W_OK);
    return true;
  } catch {
    return false;
  }
}
