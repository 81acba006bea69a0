/** Where the studio keeps its data, by each system's own habit. */
import { homedir } from 'node:os';
import { join } from 'node:path';

export interface Surroundings {
  platform: NodeJS.Platform;
  home: string;
  env: Record<string, string | undefined>;
}

/**
 * TIDECAST_DATA_DIR wins; else XDG_DATA_HOME, %APPDATA% or ~/Library/Application Support.
 * @see XDG Base Directory Specification 0.8: a relative XDG_DATA_HOME is ignored
 */
export function defaultDataDirectory(
  { platform, home, env }: Surroundings = { platform: process.platform, home: homedir(), env: process.env },
): string {
  if (env.TIDECAST_DATA_DIR) return env.TIDECAST_DATA_DIR;
  if (platform === 'win32') return join(env.APPDATA ?? join(home, 'AppData', 'Roaming'), 'Tidecast');
  if (platform === 'darwin') return join(home, 'Library', 'Application Support', 'Tidecast');
  const xdg = env.XDG_DATA_HOME;
  return join(xdg?.startsWith('/') ? xdg : join(home, '.local', 'share'), 'tidecast');
}
