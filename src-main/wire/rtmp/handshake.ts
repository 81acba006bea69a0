/**
 * The RTMP handshake, both ends: ours as a client is the simple one, a server answers that and the digest one. Random
 * bytes and hashes come from the caller: this code has no source of them.
 * @see Adobe RTMP specification 1.0, 5.2
 */
import { WireError } from '../wire-error.ts';
import { findClientDigest, type Hmac, signServerAnswer, signServerPart } from './digest-handshake.ts';

export const VERSION = 3;
/** bytes of C1, S1, C2 and S2 */
export const PART_BYTES = 1_536;
export const RANDOM_BYTES = PART_BYTES - 8;
/** 5.2.2: larger version bytes are text, that is, another protocol */
const VERSION_MAX = 31;
const VERSION_ENCRYPTED = 6; // RTMPE

export interface HandshakeStep {
  /** bytes to send now; may be empty */
  reply: Uint8Array;
  done: boolean;
  /** once done, the bytes of the first chunks */
  rest: Uint8Array;
}

/** in S1's place of it: what makes clients look for a digest (FFmpeg from 3 on) */
const DIGEST_SERVER_VERSION = [4, 5, 0, 1];

const NOTHING = new Uint8Array(0);

/** C0 and C1, also S0 and S1. @param random RANDOM_BYTES bytes */
function buildHello(random: Uint8Array): Uint8Array {
  if (random.length !== RANDOM_BYTES) throw new WireError(`a handshake needs ${RANDOM_BYTES} random bytes`);
  const out = new Uint8Array(1 + PART_BYTES); // time 0 and version 0: the simple form
  out[0] = VERSION;
  out.set(random, 9);
  return out;
}

/** C2 or S2: the peer's part with its time, our time of reading (0), and its random bytes. @see 5.2.4 */
function buildEcho(part: Uint8Array): Uint8Array {
  const out = part.slice();
  out.fill(0, 4, 8);
  return out;
}

abstract class Handshake {
  #held: Uint8Array = NOTHING;

  abstract feed(bytes: Uint8Array): HandshakeStep;

  /** Adds bytes and takes `count` off the front once they are there; the version byte is checked at once. */
  protected hold(bytes: Uint8Array): Uint8Array {
    const all = new Uint8Array(this.#held.length + bytes.length);
    all.set(this.#held);
    all.set(bytes, this.#held.length);
    this.#held = all;
    return all;
  }

  protected drop(count: number): Uint8Array {
    this.#held = this.#held.subarray(count);
    return this.#held;
  }
}

export class ClientHandshake extends Handshake {
  /** C0 and C1, to be sent first */
  readonly hello: Uint8Array;

  constructor(random: Uint8Array) {
    super();
    this.hello = buildHello(random);
  }

  feed(bytes: Uint8Array): HandshakeStep {
    const held = this.hold(bytes);
    if (held.length > 0 && held[0] !== VERSION) throw new WireError('the peer does not speak RTMP version 3');
    if (held.length < 1 + 2 * PART_BYTES) return { reply: NOTHING, done: false, rest: NOTHING };
    const reply = buildEcho(held.subarray(1, 1 + PART_BYTES));
    return { reply, done: true, rest: this.drop(1 + 2 * PART_BYTES) };
  }
}

export class ServerHandshake extends Handshake {
  readonly #random: Uint8Array;
  readonly #hmac: Hmac | null;
  #answered = false;

  /** @param hmac without it every client is answered in the simple form */
  constructor(random: Uint8Array, hmac: Hmac | null = null) {
    super();
    this.#random = random;
    this.#hmac = hmac;
  }

  feed(bytes: Uint8Array): HandshakeStep {
    let held = this.hold(bytes);
    let reply: Uint8Array = NOTHING;
    if (!this.#answered) {
      const version = held[0] ?? VERSION;
      if (version < VERSION || version > VERSION_MAX || version === VERSION_ENCRYPTED)
        throw new WireError('the peer does not speak RTMP version 3');
      if (held.length < 1 + PART_BYTES) return { reply, done: false, rest: NOTHING };
      reply = this.#answer(held.subarray(1, 1 + PART_BYTES));
      held = this.drop(1 + PART_BYTES);
      this.#answered = true;
    }
    if (held.length < PART_BYTES) return { reply, done: false, rest: NOTHING };
    return { reply, done: true, rest: this.drop(PART_BYTES) };
  }
  /** S0, S1 and S2. A version in C1 announces a digest; one that is not there, or wrong, leaves the simple form. */
  #answer(c1: Uint8Array): Uint8Array {
    const reply = new Uint8Array(1 + 2 * PART_BYTES);
    reply.set(buildHello(this.#random));
    const [s1, s2] = [reply.subarray(1, 1 + PART_BYTES), reply.subarray(1 + PART_BYTES)];
    const hmac = c1.subarray(4, 8).some((byte) => byte !== 0) ? this.#hmac : null;
    const client = hmac && findClientDigest(c1, hmac);
    if (hmac && client) {
      s1.set(DIGEST_SERVER_VERSION, 4);
      signServerPart(s1, client.schema, hmac);
      s2.set(this.#random);
      signServerAnswer(s2, client, hmac);
    } else s2.set(buildEcho(c1));
    return reply;
  }
}
