/** The command line of the browser host. */
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { defaultDataDirectory } from '../process/data-directory.ts';

export const DEFAULT_PORT = 7420;
export const LOG_LEVELS = ['error', 'warn', 'info', 'debug'] as const;

export interface HeadlessOptions {
  help: boolean;
  /** null: the usual port, or a free one when it is taken. 0: a free one. Else exactly this */
  port: number | null;
  /** ports of the live server; null: the usual ones, or free ones. With port 0 they are 0 too, where nothing else is asked */
  rtmpPort: number | null;
  viewerPort: number | null;
  dataDirectory: string;
  open: boolean;
  jsonReady: boolean;
  /** whoever started us holds our standard input open as long as it wants us */
  endWithStdin: boolean;
  logLevel: (typeof LOG_LEVELS)[number];
  /** origins beside our own whose pages may connect */
  allowOrigins: string[];
}

export const USAGE = `tidecast [serve] [options]

Serves the studio on this machine, for a browser. (tidecast cluster-config --help: servers for many viewers.)

  --port N         port of the studio (default: ${DEFAULT_PORT}, or a free one if it is taken; 0: free ones for all)
  --rtmp-port N    port where the live server takes RTMP (default: 1935, or a free one)
  --viewer-port N  port of the live server's viewer page (default: 7421, or a free one)
  --data-dir DIR   where scenes, settings and recordings are kept
  --open           open the studio in the default browser
  --log-level L    ${LOG_LEVELS.join(', ')} (default: warn)
  --allow-origin O let pages of this origin connect too; may be given several times
  --json-ready     print one line of JSON when ready, for programs
  --end-with-stdin end in order when the standard input does
  --help           this text
`;

/** @throws TypeError with a message for the user when the command line is wrong */
export function parseCommandLine(args: string[]): HeadlessOptions {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      port: { type: 'string' },
      'rtmp-port': { type: 'string' },
      'viewer-port': { type: 'string' },
      'data-dir': { type: 'string' },
      open: { type: 'boolean', default: false },
      'log-level': { type: 'string', default: 'warn' },
      'json-ready': { type: 'boolean', default: false },
      'end-with-stdin': { type: 'boolean', default: false },
      'allow-origin': { type: 'string', multiple: true, default: [] },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  const command = positionals[0] ?? 'serve';
  if (command !== 'serve' || positionals.length > 1) throw new TypeError(`There is no command "${positionals.join(' ')}".`);
  const logLevel = LOG_LEVELS.find((level) => level === values['log-level']);
  if (!logLevel) throw new TypeError(`--log-level must be one of ${LOG_LEVELS.join(', ')}.`);
  const port = parsePort('--port', values.port);
  const otherPort = port === 0 ? 0 : null; // never the studio's own
  return {
    help: values.help,
    port,
    rtmpPort: parsePort('--rtmp-port', values['rtmp-port']) ?? otherPort,
    viewerPort: parsePort('--viewer-port', values['viewer-port']) ?? otherPort,
    dataDirectory: resolve(values['data-dir'] ?? defaultDataDirectory()),
    open: values.open,
    jsonReady: values['json-ready'],
    endWithStdin: values['end-with-stdin'],
    logLevel,
    allowOrigins: values['allow-origin'],
  };
}

function parsePort(name: string, text: string | undefined): number | null {
  if (text === undefined) return null;
  if (!/^\d{1,5}$/.test(text) || Number(text) > 65_535) throw new TypeError(`${name} must be a number from 0 to 65535.`);
  return Number(text);
}
