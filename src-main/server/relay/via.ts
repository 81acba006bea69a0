/**
 * Which servers of ours a relayed stream is asked for or sent through, so that none of them gets it from itself. Each adds its
 * own id to what the one before it said (as Via does, RFC 9110, 7.6.3). Pure.
 */

/** of HTTP-FLV, in small letters as node gives it */
export const VIA_HEADER = 'tidecast-via';
/** of RTMP's connect */
export const VIA_PROPERTY = 'tidecastVia';
/** of RTMP's answer to connect, for a loop */
export const LOOP_CODE = 'NetConnection.Connect.Loop';
/** servers in a row: more are a mistake, or an attack */
const SERVERS_MAX = 8;
const ID = /^[0-9a-f]{16}$/;

/** What another server said. @returns the ids; nothing for what is no list of ids */
export function parseVia(text: unknown): readonly string[] {
  if (typeof text !== 'string' || text.length > 17 * (SERVERS_MAX + 1)) return [];
  const ids = text.split(',');
  return ids.every((id) => ID.test(id)) ? ids : [];
}

/** @returns what to say to the next server */
export function joinVia(vias: Iterable<readonly string[]>, ownId: string): string {
  return [...new Set([...vias].flat()), ownId].join(',');
}

/** @returns why what came this way is refused; null where it is not */
export function viaProblem(via: readonly string[], ownId: string): string | null {
  if (via.includes(ownId)) return 'This stream would come from itself: the relays of these servers lead in a circle.';
  return via.length > SERVERS_MAX ? `A stream passes at most ${SERVERS_MAX} servers.` : null;
}
