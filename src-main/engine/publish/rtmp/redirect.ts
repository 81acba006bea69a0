/** Where a server may send us: the stream key goes along, so nowhere that is not the server's own. */
import { BlockList, isIP } from 'node:net';
import { parseRtmpUrl, type RtmpUrl, resolveRtmpUrl } from './url.ts';

/** Under a country's domain these are not somebody's: example.co.uk is, co.uk is not. */
const SHARED_SECOND_LEVELS = new Set(['ac', 'co', 'com', 'edu', 'gob', 'gov', 'go', 'net', 'ne', 'nom', 'or', 'org']);

const PRIVATE = new BlockList();
for (const [net, prefix] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
] as const)
  PRIVATE.addSubnet(net, prefix, 'ipv4');
for (const [net, prefix] of [
  ['::', 127], // unspecified and loopback
  ['fc00::', 7],
  ['fe80::', 10],
] as const)
  PRIVATE.addSubnet(net, prefix, 'ipv6');

/** @param address an IP address; one of IPv4 may be written as IPv6 */
export function isPrivateAddress(address: string): boolean {
  const family = isIP(address);
  return family !== 0 && PRIVATE.check(address, family === 4 ? 'ipv4' : 'ipv6');
}

export type Redirect = { url: string; label: string } | { refused: string };

/**
 * @param from the address of the connection that the request came by
 * @param to what the server said
 * @returns where to go, or why not, in words that show nothing of what the server said if that could hold the key
 */
export function redirectOf(from: string, to: string, streamKey: string): Redirect {
  let target: RtmpUrl;
  let url: string;
  try {
    url = resolveRtmpUrl(from, to);
    target = parseRtmpUrl(url);
  } catch {
    return { refused: 'to an address that is of no use' }; // the reason would show its scheme, which may be anything
  }
  if (!/^[\w.:-]+$/.test(target.host) || tellsOf(streamKey, target.host)) return { refused: 'to an address that is of no use' };
  if (!isSameOwner(parseRtmpUrl(from).host, target.host)) return { refused: `at ${target.label}, which is not the same server's` };
  return { url, label: target.label };
}

/** The same host, or a name under the same domain; an IP address is only itself. */
function isSameOwner(from: string, to: string): boolean {
  const [a, b] = [plain(from), plain(to)];
  if (a === b) return true;
  if (isIP(a) || isIP(b)) return false;
  const domain = domainOf(a);
  return domain !== null && domain === domainOf(b);
}

function plain(host: string): string {
  return host.toLowerCase().replace(/\.$/, '');
}

/** example.com of a.b.example.com; null for a name without a dot, such as localhost */
function domainOf(name: string): string | null {
  const labels = name.split('.');
  const [second, top] = labels.slice(-2);
  if (second === undefined || top === undefined) return null;
  const count = top.length === 2 && SHARED_SECOND_LEVELS.has(second) ? 3 : 2;
  return labels.length < count ? null : labels.slice(-count).join('.');
}

/** Servers know the key: a host name with a part of it in it would bring it into the log. */
function tellsOf(streamKey: string, host: string): boolean {
  const said = host.toLowerCase();
  const parts = streamKey.toLowerCase().split(/[^a-z0-9_-]+/);
  return parts.some((part) => part.length >= 8 && said.includes(part));
}
