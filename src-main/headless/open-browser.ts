/** Opens an address in the user's default browser. */
import { spawn } from 'node:child_process';

/** Never fails: where there is no browser, the address has been printed. */
export function openBrowser(url: string): void {
  const [command, ...args] = launcher(url);
  const child = spawn(command, args, { stdio: 'ignore', detached: true });
  child.on('error', () => {});
  child.unref();
}

function launcher(url: string): [string, ...string[]] {
  if (process.platform === 'darwin') return ['open', url];
  if (process.platform === 'win32') return ['rundll32', 'url.dll,FileProtocolHandler', url];
  return ['xdg-open', url];
}
