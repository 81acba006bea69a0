/** The programs of the machine that tests drive, and how to get them. */
import { accessSync, constants, existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { run } from './run.mjs';
import { say } from './say.mjs';

const CHROMIUM_NAMES = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome', 'chrome', 'msedge'];
const CHROMIUM_PLACES = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  join(homedir(), 'Applications/Google Chrome.app/Contents/MacOS/Google Chrome'),
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
  'C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe',
  '/opt/google/chrome/chrome',
  '/snap/bin/chromium',
];

/** Debian's package for each program; `accept` adds real peers to publish to and to play with. */
const PACKAGES = {
  test: { chromium: ['chromium', 'fonts-dejavu-core'], ffmpeg: ['ffmpeg'], ffprobe: ['ffmpeg'], 'xvfb-run': ['xvfb', 'xauth'] },
  accept: {
    nginx: ['nginx', 'libnginx-mod-rtmp'],
    rtmpdump: ['rtmpdump'],
    'gst-launch-1.0': ['gstreamer1.0-tools', 'gstreamer1.0-plugins-good', 'gstreamer1.0-plugins-bad'],
    obs: ['obs-studio', 'obs-plugins'],
    'dbus-run-session': ['dbus-daemon'],
  },
};

/**
 * @param {string} name
 * @param {NodeJS.ProcessEnv} env
 * @returns {string | null} the program's file
 */
export function findOnPath(name, env = process.env) {
  const endings = process.platform === 'win32' ? ['.exe', '.cmd', ''] : [''];
  for (const folder of [...(env.PATH ?? '').split(delimiter), '/usr/sbin'].filter(Boolean)) {
    for (const ending of endings) {
      const file = join(folder, name + ending);
      if (isExecutable(file)) return file;
    }
  }
  return null;
}

/**
 * TIDECAST_CHROMIUM names one; else the first on the path; else where installers put it.
 * @param {NodeJS.ProcessEnv} env
 * @param {string[]} places
 * @returns {string | null}
 */
export function findChromium(env = process.env, places = CHROMIUM_PLACES) {
  if (env.TIDECAST_CHROMIUM) return isExecutable(env.TIDECAST_CHROMIUM) ? env.TIDECAST_CHROMIUM : null;
  for (const name of CHROMIUM_NAMES) {
    const file = findOnPath(name, env);
    if (file) return file;
  }
  return places.find((place) => existsSync(place)) ?? null;
}

/** @param {string} tool */
export const findTool = (tool) => (tool === 'chromium' ? findChromium() : findOnPath(tool));

/**
 * Installs the programs that tests need, where that is ours to do; else says what to install.
 * @param {'test' | 'accept'} tier
 * @returns {Promise<string[]>} what is still missing
 */
export async function ensureTools(tier) {
  const wanted = Object.entries(tier === 'accept' ? { ...PACKAGES.test, ...PACKAGES.accept } : PACKAGES.test).filter(
    ([tool]) => process.platform === 'linux' || !(tool in PACKAGES.accept || tool === 'xvfb-run'),
  );
  const missing = () => wanted.filter(([tool]) => !findTool(tool));
  const packages = [...new Set(missing().flatMap(([, names]) => names))];
  if (packages.length === 0) return [];
  if (isDebian() && process.getuid?.() === 0) await aptInstall(packages);
  const left = missing();
  if (left.length > 0) {
    const names = [...new Set(left.flatMap(([, packageNames]) => packageNames))].join(' ');
    say(
      `missing: ${left.map(([tool]) => tool).join(', ')}. ${isDebian() ? `Install with: sudo apt-get install ${names}` : 'Install them with your package manager.'} (TIDECAST_CHROMIUM can name a Chromium or Chrome.)`,
    );
  }
  return left.map(([tool]) => tool);
}

/** @param {string[]} packages */
async function aptInstall(packages) {
  say(`installing ${packages.join(' ')} with apt`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  for (const args of [
    ['update', '-qq'],
    ['install', '-y', '-qq', '--no-install-recommends', ...packages],
  ]) {
    const { code, output } = await run('apt-get', args, { quiet: true, env, timeoutMs: 300_000 });
    if (code !== 0) say(`apt-get ${args[0]} failed: ${output.trim().split('\n').slice(-3).join(' ')}`);
  }
}

function isDebian() {
  return existsSync('/etc/os-release') && /^ID(_LIKE)?=.*(debian|ubuntu)/m.test(readFileSync('/etc/os-release', 'utf8'));
}

function isExecutable(/** @type {string} */ file) {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
