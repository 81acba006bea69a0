/** The Electron that package.json pins: its package brings no binary, but fetches it when asked. */
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { at, node24, ourEnv, run } from './run.mjs';
import { say } from './say.mjs';

const FETCH_TIMEOUT_MS = 120_000;
/** A failed fetch is not tried again for a day, so that later starts are quick. */
const FAILED = 'node_modules/.tidecast-electron-failed';
const RETRY_MS = 24 * 3_600_000;

/** @returns {string | null} the binary, if it is there */
export function findElectron() {
  const override = process.env.ELECTRON_OVERRIDE_DIST_PATH;
  const pathFile = at('node_modules/electron/path.txt');
  const name = existsSync(pathFile) ? readFileSync(pathFile, 'utf8') : 'electron';
  const path = override ? join(override, name) : at(join('node_modules/electron/dist', name));
  return existsSync(path) ? path : null;
}

/**
 * Finds the binary, or fetches it.
 * @param {{ again?: boolean }} [options] again: also if it failed a short while ago
 * @returns {Promise<{ path: string } | { missing: string }>}
 */
export async function ensureElectron({ again = false } = {}) {
  const present = findElectron();
  if (present) return { path: present };
  const failed = statSync(at(FAILED), { throwIfNoEntry: false });
  if (failed && !again && Date.now() - failed.mtimeMs < RETRY_MS)
    return { missing: 'its download failed not long ago (npm start -- --host electron tries again)' };
  say('fetching Electron (about 120 MB)');
  const { code, timedOut } = await run(node24, ['node_modules/electron/install.js'], {
    quiet: true,
    timeoutMs: FETCH_TIMEOUT_MS,
    env: ourEnv(),
  });
  const path = findElectron();
  if (code === 0 && path) return { path };
  writeFileSync(at(FAILED), '');
  return { missing: timedOut ? 'its download took longer than two minutes' : 'its binary could not be downloaded' };
}
