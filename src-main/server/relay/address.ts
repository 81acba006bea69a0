/** Where a stream is pulled from or forwarded to, as the user writes it. Pure. */

export interface RelayAddress {
  protocol: 'rtmp' | 'flv';
  secure: boolean;
  host: string;
  port: number;
  /** RTMP: the application */
  app: string;
  /** RTMP: what to play or publish, with its query; may hold a key */
  playPath: string;
  /** FLV: the whole address */
  url: string;
  /** scheme, host and port: all that is logged of it */
  label: string;
}

const SCHEMES = {
  'rtmp:': { protocol: 'rtmp', secure: false, port: 1_935 },
  'rtmps:': { protocol: 'rtmp', secure: true, port: 443 },
  'http:': { protocol: 'flv', secure: false, port: 80 },
  'https:': { protocol: 'flv', secure: true, port: 443 },
} as const;

/** @throws RangeError which says what is wrong, and shows nothing of the address that could be a key */
export function parseRelayAddress(text: string): RelayAddress {
  const url = URL.parse(text.trim());
  const scheme = url && Object.entries(SCHEMES).find(([name]) => name === url.protocol)?.[1];
  if (!url || !scheme) throw new RangeError('The address must begin with rtmp://, rtmps://, http:// or https://.');
  if (!url.hostname) throw new RangeError('The address names no server.');
  if (url.username || url.password) throw new RangeError('The address must not hold a user name or a password.');
  if (url.port === '0') throw new RangeError('The address has the impossible port 0.');
  const [app = '', ...path] = url.pathname.replace(/^\/+/, '').split('/');
  const name = path.join('/');
  if (scheme.protocol === 'rtmp' && (!app || !name)) throw new RangeError('The address must be like rtmp://host/application/stream.');
  const port = url.port ? Number(url.port) : scheme.port;
  return {
    protocol: scheme.protocol,
    secure: scheme.secure,
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port,
    app,
    playPath: name + url.search,
    url: url.href,
    label: `${url.protocol}//${url.hostname}:${port}`,
  };
}
