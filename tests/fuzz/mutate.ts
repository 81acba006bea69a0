/** Byte-level mutations: what knows nothing of the format. */
import type { Random } from './random.ts';

const OVER = 256 * 1024;

/** @param others more inputs, of which pieces are taken over */
export function mutate(random: Random, input: Uint8Array, others: readonly Uint8Array[]): Uint8Array {
  let bytes: Uint8Array = input.slice();
  for (let i = 1 + random.below(random.pick([1, 4, 16])); i > 0; i -= 1) bytes = once(random, bytes, others);
  return bytes.subarray(0, OVER);
}

function once(random: Random, bytes: Uint8Array, others: readonly Uint8Array[]): Uint8Array {
  const at = random.below(bytes.length + 1);
  const length = random.below(Math.min(bytes.length - at, random.pick([1, 4, 64, 4_096])) + 1);
  switch (random.below(8)) {
    case 0: // one bit
      if (at < bytes.length) bytes[at] = (bytes[at] as number) ^ (1 << random.below(8));
      return bytes;
    case 1: // one byte, at an edge
      if (at < bytes.length) bytes[at] = random.edgy(8);
      return bytes;
    case 2: {
      // a number of up to four bytes
      const value = random.edgy(32);
      for (let i = 0; i < 4 && at + i < bytes.length; i += 1) bytes[at + i] = (value >>> (24 - 8 * i)) & 0xff;
      return bytes;
    }
    case 3:
      return join(bytes.subarray(0, at), bytes.subarray(at + length)); // left out
    case 4:
      return join(bytes.subarray(0, at + length), bytes.subarray(at)); // twice
    case 5:
      return join(bytes.subarray(0, at), random.bytes(random.pick([1, 2, 8, 200])), bytes.subarray(at)); // put in
    case 6:
      return bytes.subarray(0, at); // cut off
    default: {
      const other = random.pick(others.length > 0 ? others : [bytes]);
      const from = random.below(other.length + 1);
      return join(bytes.subarray(0, at), other.subarray(from, from + random.pick([4, 64, 2_048])), bytes.subarray(at));
    }
  }
}

export function join(...parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/** In pieces, as a network would: most inputs in few, some byte by byte. */
export function* pieces(random: Random, bytes: Uint8Array): Generator<Uint8Array> {
  const step = random.pick([1, 7, 128, 1_460, 65_536, bytes.length]);
  for (let at = 0; at < bytes.length; ) {
    const length = 1 + random.below(Math.min(step, 65_536));
    yield bytes.subarray(at, at + length);
    at += length;
  }
}
