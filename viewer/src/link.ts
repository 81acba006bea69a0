/** Where other devices find this page. */

/**
 * @param here the address of this page
 * @param addresses the server's for the network
 * @returns null when only this machine reaches the server
 */
export function linkForOthers(here: string, addresses: readonly string[]): string | null {
  const { hostname, pathname } = new URL(here);
  const isLocal = hostname === 'localhost' || hostname === '[::1]' || hostname.startsWith('127.');
  if (!isLocal) return new URL(pathname, here).href;
  return addresses[0] ? new URL(pathname, addresses[0]).href : null;
}
