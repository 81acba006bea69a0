import { StudioError } from '../../../../src-shared/errors.ts';

export interface RtmpUrl {
  secure: boolean;
  host: string;
  port: number;
  /** what follows the host, with its query; may hold secrets, so it is never shown */
  app: string;
  /** the address without the key, as the server wants to hear it */
  tcUrl: string;
  /** host and port: all that logs and messages say */
  label: string;
}

const DEFAULT_PORT = { 'rtmp:': 1935, 'rtmps:': 443 } as const;
const EXAMPLE = 'It looks like rtmp://live.example.com/app.';

/** @throws StudioError rtmp.bad-url, which says what is wrong and shows nothing of the address that could be a secret */
export function parseRtmpUrl(text: string): RtmpUrl {
  const url = URL.parse(text.trim());
  if (!url) throw badUrl('The server address is not a web address.');
  const scheme = url.protocol;
  if (scheme !== 'rtmp:' && scheme !== 'rtmps:')
    throw badUrl(`The server address begins with ${scheme}// but must begin with rtmp:// or rtmps://.`);
  if (!url.hostname) throw badUrl('The server address names no server.');
  if (url.username || url.password) throw badUrl('The server address must not hold a user name or a password.');
  if (url.port === '0') throw badUrl('The server address has the impossible port 0.');
  const app = url.pathname.replace(/^\/+|\/+$/g, '') + url.search;
  if (!app) throw badUrl('The server address lacks the application after the server name.');
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const port = url.port ? Number(url.port) : DEFAULT_PORT[scheme];
  return { secure: scheme === 'rtmps:', host, port, app, tcUrl: `${scheme}//${url.host}/${app}`, label: `${url.hostname}:${port}` };
}

function badUrl(reason: string): StudioError {
  return new StudioError('rtmp.bad-url', `${reason} ${EXAMPLE}`);
}

/**
 * Where a server sends us, absolute or relative to where we are. @see Enhanced RTMP v2, Reconnect Request
 * @throws StudioError rtmp.bad-url, also when it leads from an encrypted connection to a plain one: the key would go in the clear
 */
export function resolveRtmpUrl(from: string, to: string): string {
  const resolved = URL.parse(to.trim(), from.trim())?.href ?? '';
  const url = parseRtmpUrl(resolved);
  if (parseRtmpUrl(from).secure && !url.secure) throw badUrl('The server asks to leave the encrypted connection for a plain one.');
  return resolved;
}
