/** `npm start`: the studio in an Electron window where one can be had, in the browser host otherwise. */
import { spawn } from 'node:child_process';
import { ensureElectron } from './electron.mjs';
import { ensureBuilt } from './freshness.mjs';
import { node24, ourEnv, root } from './run.mjs';
import { Failed, say } from './say.mjs';

/** An Electron that ends sooner than this with an error never showed a window. */
const STILLBORN_MS = 5_000;

/**
 * @param {string[]} args as after `npm start --`
 * @returns {{ host: 'auto' | 'electron' | 'browser', rest: string[] }} `rest` is for the host itself
 */
export function parseStartOptions(args) {
  const rest = [...args];
  const index = rest.findIndex((arg) => arg === '--host' || arg.startsWith('--host='));
  if (index < 0) return { host: 'auto', rest };
  const inline = rest[index]?.split('=')[1];
  const [, value] = rest.splice(index, inline === undefined ? 2 : 1);
  const host = inline ?? value;
  if (host !== 'electron' && host !== 'browser') throw new Failed(`--host takes electron or browser, not ${host ?? 'nothing'}.`);
  return { host, rest };
}

/** @param {NodeJS.Platform} platform @param {NodeJS.ProcessEnv} env */
export const hasDisplay = (platform, env) => platform === 'win32' || platform === 'darwin' || Boolean(env.DISPLAY || env.WAYLAND_DISPLAY);

/**
 * Which host to start, and why not the window.
 * @param {'auto' | 'electron' | 'browser'} asked
 * @param {boolean} display
 * @param {() => Promise<{ path: string } | { missing: string }>} findElectron only asked when a window could be shown
 * @returns {Promise<{ host: 'electron', path: string } | { host: 'browser', reason: string }>}
 */
export async function chooseHost(asked, display, findElectron) {
  if (asked === 'browser') return { host: 'browser', reason: 'as asked' };
  if (!display) {
    if (asked === 'electron')
      throw new Failed('There is no display to open a window on: set DISPLAY or WAYLAND_DISPLAY, or leave out --host electron.');
    return { host: 'browser', reason: 'this machine has no display' };
  }
  const found = await findElectron();
  if ('path' in found) return { host: 'electron', path: found.path };
  if (asked === 'electron') throw new Failed(`Electron cannot be had: ${found.missing}`);
  return { host: 'browser', reason: `Electron cannot be had: ${found.missing}` };
}

/** @param {string[]} args @returns {Promise<number>} the exit code */
export async function start(args) {
  const { host: asked, rest } = parseStartOptions(args);
  await ensureBuilt();
  const choice = await chooseHost(asked, hasDisplay(process.platform, process.env), () => ensureElectron({ again: asked === 'electron' }));
  if (choice.host === 'electron') {
    say('opening the studio');
    const startMs = performance.now();
    // Chromium's sandbox refuses to run as root
    const sandbox = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
    const code = await attend(choice.path, [root, ...sandbox, ...rest]);
    if (code === 0 || asked === 'electron' || performance.now() - startMs > STILLBORN_MS) return code;
    say(`Electron did not start (exit code ${code}); starting the browser host instead`);
  } else say(`starting the browser host (${choice.reason})`);
  return attend(node24, ['out/main/headless.js', ...rest]);
}

/** `npm run tidecast -- …`: the browser host's own command line. @param {string[]} args @returns {Promise<number>} the exit code */
export async function commandLine(args) {
  await ensureBuilt();
  return attend(node24, ['out/main/headless.js', ...args]);
}

/**
 * Runs the host until it ends, and ends it with us. A terminal's Ctrl-C reaches the whole process group by itself, and
 * a host that hears it twice leaves at once: so SIGINT is passed on only where no terminal sends it.
 * @param {string} command @param {string[]} args @returns {Promise<number>}
 */
function attend(command, args) {
  return new Promise((done) => {
    const child = spawn(command, args, { cwd: root, env: ourEnv(), stdio: 'inherit' });
    const terminal = Boolean(process.stdin.isTTY || process.stdout.isTTY || process.stderr.isTTY);
    let asked = false;
    const end = (/** @type {NodeJS.Signals} */ signal) => {
      if (asked) return;
      asked = true;
      if (signal !== 'SIGINT' || !terminal) child.kill(signal);
      setTimeout(() => child.kill('SIGKILL'), 10_000).unref();
    };
    for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) process.on(signal, end);
    // npm that is ended by SIGTERM leaves us behind without a word
    const parent = process.ppid;
    const watching = setInterval(() => process.ppid === parent || end('SIGTERM'), 500);
    child.on('error', (error) => {
      say(`${command} could not be started: ${error.message}`);
      done(1);
    });
    child.on('exit', (code) => {
      clearInterval(watching);
      done(code ?? (asked ? 0 : 1));
    });
  });
}
