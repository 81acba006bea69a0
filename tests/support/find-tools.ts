/** The programs tests drive. Each throws with what to install: a test without its tool fails, it is not skipped. */
import { join } from 'node:path';
import { findTestElectron } from '../../build/bootstrap/electron-standin.mjs';
import { node24 as node24File, root } from '../../build/bootstrap/run.mjs';
import { findOnPath, findTool } from '../../build/bootstrap/tools.mjs';

export const repoRoot: string = root;
/** Our own processes run on this Node. */
export const node24: string = node24File;

/** @throws when it is not installed: npm test installs it on Debian, or says what to install */
export function requireTool(name: 'chromium' | 'ffmpeg' | 'ffprobe' | 'xvfb-run'): string {
  const file = findTool(name);
  if (!file) throw new Error(`${name} was not found on the PATH. Install it, or run npm test, which does so on Debian as root.`);
  return file;
}

/** @returns null when this peer is not installed: say what is left out, e.g. nginx, rtmpdump */
export const findPeer = (name: string): string | null => findOnPath(name);

export interface TestElectron {
  executablePath: string;
  /** Electron 25 in the place of the pinned one: native modules do not load in it, its main must be CommonJS */
  standin: boolean;
  /** what to start it with: the repo (package.json's main), or the shell as CommonJS */
  appPath: string;
}

/** @throws when neither the pinned Electron nor the stand-in is there */
export function requireElectron(): TestElectron {
  const found = findTestElectron();
  if (!found) throw new Error('There is no Electron to test with. npm test fetches one.');
  return { executablePath: found.path, standin: found.standin, appPath: found.standin ? join(root, 'out/main/shell-standin.cjs') : root };
}
