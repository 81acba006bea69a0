/**
 * The digest handshake of Flash Player 9 and later, FFmpeg and librtmp: C1 carries an HMAC of itself at a place that
 * four of its bytes tell, and a client that sent one checks those in S1 and S2. Adobe has not published it; the form and
 * the constants are those that every implementation has in common. There are two places ("schemas") for the digest.
 * Hashing is the caller's: this code has no source of it.
 */
import { encodeText } from '../text.ts';

/** HMAC-SHA256 */
export type Hmac = (key: Uint8Array, data: Uint8Array) => Uint8Array;

const DIGEST_BYTES = 32;
const PART_BYTES = 1_536;
/** where the four bytes stand that tell the digest's place, by schema; the digest comes after them */
const OFFSET_AT = [8, 772] as const;
const OFFSET_RANGE = 728;

/** what both sides' long keys end with */
const COMMON = 'f0eec24a8068bee82e00d0d1029e7e576eec5d2d29806fab93b8e636cfeb31ae';
const CLIENT_TEXT = 'Genuine Adobe Flash Player 001';
const SERVER_TEXT = 'Genuine Adobe Flash Media Server 001';

export interface ClientDigest {
  schema: 0 | 1;
  digest: Uint8Array;
}

/** @param c1 PART_BYTES bytes. @returns null when there is no digest in them: the client shakes hands in the simple form */
export function findClientDigest(c1: Uint8Array, hmac: Hmac): ClientDigest | null {
  for (const schema of [0, 1] as const) {
    const at = digestAt(c1, schema);
    const digest = c1.slice(at, at + DIGEST_BYTES);
    if (isSame(digest, hmac(encodeText(CLIENT_TEXT), without(c1, at)))) return { schema, digest };
  }
  return null;
}

/** Writes the digest of S1 into it, in the client's schema. */
export function signServerPart(s1: Uint8Array, schema: 0 | 1, hmac: Hmac): void {
  const at = digestAt(s1, schema);
  s1.set(hmac(encodeText(SERVER_TEXT), without(s1, at)), at);
}

/** S2: random bytes, and at their end an HMAC by which the client knows that its digest was read. @param s2 PART_BYTES bytes */
export function signServerAnswer(s2: Uint8Array, client: ClientDigest, hmac: Hmac): void {
  const text = encodeText(SERVER_TEXT);
  const key = new Uint8Array(text.length + COMMON.length / 2);
  key.set(text);
  for (let i = 0; i < COMMON.length / 2; i += 1) key[text.length + i] = Number.parseInt(COMMON.slice(2 * i, 2 * i + 2), 16);
  const end = PART_BYTES - DIGEST_BYTES;
  s2.set(hmac(hmac(key, client.digest), s2.subarray(0, end)), end);
}

function digestAt(part: Uint8Array, schema: 0 | 1): number {
  const from = OFFSET_AT[schema];
  const [a = 0, b = 0, c = 0, d = 0] = part.subarray(from, from + 4);
  return from + 4 + ((a + b + c + d) % OFFSET_RANGE);
}

function without(part: Uint8Array, at: number): Uint8Array {
  const rest = new Uint8Array(PART_BYTES - DIGEST_BYTES);
  rest.set(part.subarray(0, at));
  rest.set(part.subarray(at + DIGEST_BYTES), at);
  return rest;
}

/** No secret: the keys are known to everyone, so that time tells nobody anything. */
function isSame(a: Uint8Array, b: Uint8Array): boolean {
  return a.every((byte, i) => byte === b[i]);
}
