import { spawn } from 'node:child_process';
import { delimiter, resolve } from 'node:path';

export const root = resolve(import.meta.dirname ?? new URL('.', import.meta.url).pathname, '../..');
export const at = (/** @type {string} */ path) => resolve(root, path);

/** Our own processes run on the Node 24 of the `node` package, whichever Node the user has. */
export const node24 = at(process.platform === 'win32' ? 'node_modules/node/bin/node.exe' : 'node_modules/node/bin/node');

/** @returns {NodeJS.ProcessEnv} with the repo's tools, Node 24 among them, first on the path */
export const ourEnv = () => ({
  ...process.env,
  PATH: [at('node_modules/.bin'), at('node_modules/node/bin'), process.env.PATH ?? ''].join(delimiter),
});

const STOPPING = /** @type {const} */ (['SIGINT', 'SIGTERM']);

/**
 * Runs a command in the repo's root to its end.
 * @param {string} command
 * @param {string[]} args
 * @param {{ quiet?: boolean, timeoutMs?: number, env?: NodeJS.ProcessEnv, cwd?: string }} [options] quiet: the output is returned instead of shown
 * @returns {Promise<{ code: number, output: string, timedOut: boolean }>} code 127 when it cannot be started, 1 after a signal
 */
export function run(command, args, { quiet = false, timeoutMs, env = process.env, cwd = root } = {}) {
  return new Promise((done) => {
    // npm is a .cmd file on Windows, which only a shell starts
    const child = spawn(command, args, {
      cwd,
      env,
      stdio: ['ignore', quiet ? 'pipe' : 'inherit', quiet ? 'pipe' : 'inherit'],
      shell: process.platform === 'win32' && command === 'npm',
    });
    const chunks = /** @type {string[]} */ ([]);
    for (const stream of [child.stdout, child.stderr]) stream?.setEncoding('utf8').on('data', (text) => chunks.push(text));
    let timedOut = false;
    const timer =
      timeoutMs &&
      setTimeout(() => {
        timedOut = true;
        child.kill('SIGTERM');
        setTimeout(() => child.kill('SIGKILL'), 5_000).unref();
      }, timeoutMs);
    const stop = (/** @type {NodeJS.Signals} */ signal) => child.kill(signal);
    for (const signal of STOPPING) process.once(signal, stop);
    const end = (/** @type {number} */ code, error = '') => {
      clearTimeout(timer);
      for (const signal of STOPPING) process.off(signal, stop);
      done({ code, output: chunks.join('') + error, timedOut });
    };
    child.on('error', (error) => end(127, error.message));
    child.on('close', (code) => end(code ?? 1));
  });
}
