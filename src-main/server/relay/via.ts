/**
 * Which servers of ours a relayed stream is asked for or sent through, so that none of them gets it from itself. Each adds its
 * own id to what those before it said (as Via does, RFC 9110, 7.6.3), and says how many follow each other at most. Pure.
 * Ids are known to who is asked, not to who asks: a client cannot name the server that its own server will ask.
 */

/** of HTTP-FLV, in small letters as node gives it */
export const VIA_HEADER = 'tidecast-via';
/** of RTMP's connect */
export const VIA_PROPERTY = 'tidecastVia';
/** of RTMP's answer, for a loop or too long a way */
export const LOOP_CODE = 'NetConnection.Connect.Loop';
/** what to tell the user of who said so */
export const LOOP_REASON = 'gets this stream from here, or through too many servers: its relays and ours lead in a circle';
/** servers in a row: more are a mistake, or an attack */
export const HOPS_MAX = 8;
/** servers that are named, in a row and beside each other */
const IDS_MAX = 256;
const ID_CHARACTERS = 16;
const LIST = /^(\d{1,3}) ([0-9a-f]{16}(?:,[0-9a-f]{16})*)$/;

export interface Via {
  /** how many of them are in a row at most */
  readonly hops: number;
  /** all of them, in no order but that the last one is who asks */
  readonly ids: readonly string[];
}

/** A server of ours that fetches a stream here. */
export interface Downstream {
  readonly via: Via;
  letGo(): void;
}

/** who is no server of ours */
export const NO_VIA: Via = { hops: 0, ids: [] };
const TOO_FAR: Via = { hops: Number.POSITIVE_INFINITY, ids: [] };

/** What another server said: its hops, and ids behind a space. @returns none for what is no such list; too many hops for one too long */
export function parseVia(text: unknown): Via {
  if (typeof text !== 'string') return NO_VIA;
  if (text.length > (ID_CHARACTERS + 1) * IDS_MAX + 3) return TOO_FAR;
  const [, hops, ids] = LIST.exec(text) ?? [];
  return hops && ids ? { hops: Math.max(1, Number(hops)), ids: ids.split(',') } : NO_VIA;
}

/** @returns for the next server, behind those that ask this one */
export function joinVia(vias: Iterable<Via>, ownId: string): Via {
  const all = [...vias];
  const ids = new Set<string>();
  // of each the nearest first, so that none crowds out the others by what it made up
  const longest = Math.max(0, ...all.map((via) => via.ids.length));
  for (let i = 1; i <= longest; i += 1)
    for (const via of all) {
      const id = via.ids.at(-i);
      if (id !== undefined && ids.size < IDS_MAX - 1) ids.add(id);
    }
  ids.delete(ownId);
  return { hops: Math.max(0, ...all.map(({ hops }) => hops)) + 1, ids: [...[...ids].reverse(), ownId] };
}

export function formatVia({ hops, ids }: Via): string {
  return `${hops} ${ids.join(',')}`;
}

/** @returns why what came this way is refused; null where it is not */
export function viaProblem({ hops, ids }: Via, ownId: string, hopsMax = HOPS_MAX): string | null {
  if (ids.includes(ownId)) return 'This stream would come from itself: the relays of these servers lead in a circle.';
  return hops > hopsMax ? `A stream passes at most ${HOPS_MAX} servers.` : null;
}
