/** What a shell tells a browser host that it started, a line each on its standard input (`--end-with-stdin`). */

/** the system has woken up, or says that the network is back */
export const NETWORK_BACK = 'network-back';
