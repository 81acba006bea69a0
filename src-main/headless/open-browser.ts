/** Opens an address in the user's default browser. */
import { spawn } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** enough for a browser that has to start first */
const FILE_LIVES_MS = 30_000;

/**
 * Never fails: where there is no browser, the address has been printed. The address holds the token, and every user of
 * the machine can read a command line: the browser is given a file that leads there, which only its owner can read.
 * @param directory where the file lies for a while
 */
export function openBrowser(url: string, directory: string): void {
  let path: string;
  try {
    path = leadTo(url, directory);
  } catch {
    return;
  }
  const [command, ...args] = launcher(path);
  const child = spawn(command, args, { stdio: 'ignore', detached: true });
  child.on('error', () => {});
  child.unref();
}

function leadTo(url: string, directory: string): string {
  const path = join(directory, 'open-studio.html');
  const remove = () => rmSync(path, { force: true });
  remove(); // one that a killed studio left: a mode is given to new files only
  writeFileSync(path, `<!doctype html><meta charset="utf-8"><title>Tidecast</title><meta http-equiv="refresh" content="0; url=${url}">\n`, {
    mode: 0o600,
    flag: 'wx',
  });
  process.once('exit', remove);
  setTimeout(() => {
    process.off('exit', remove);
    remove();
  }, FILE_LIVES_MS).unref();
  return path;
}

function launcher(path: string): [string, ...string[]] {
  if (process.platform === 'darwin') return ['open', path];
  if (process.platform === 'win32') return ['rundll32', 'url.dll,FileProtocolHandler', path];
  return ['xdg-open', path];
}
