/** Where other devices find this page. */

/**
 * @param here the address of this page
 * @param addresses the server's for the network
 * @returns null when only this machine reaches the server
 */
export function linkForOthers(here: string, addresses: readonly string[]): string | null {
  const { hostname, pathname, searchParams } = new URL(here);
  const key = searchParams.get('key');
  const path = key === null ? pathname : `${pathname}?key=${encodeURIComponent(key)}`; // the rest is this visitor's own wish
  const isLocal = hostname === 'localhost' || hostname === '[::1]' || hostname.startsWith('127.');
  if (!isLocal) return new URL(path, here).href;
  return addresses[0] ? new URL(path, addresses[0]).href : null;
}
