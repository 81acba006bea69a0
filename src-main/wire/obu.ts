/** Open bitstream units of AV1. @see AV1 Bitstream & Decoding Process Specification, 5.3 and 7.5; AV1 in ISOBMFF, 2.4 */
import { concat } from './bytes.ts';
import { WireError } from './wire-error.ts';

/** obu_type, 6.2.2. */
export const OBU = { sequenceHeader: 1, temporalDelimiter: 2, frameHeader: 3, metadata: 5, frame: 6, tileList: 8, padding: 15 } as const;

export interface Obu {
  type: number;
  /** the extension byte, with temporal and spatial layer; null: there is none */
  extension: number | null;
  payload: Uint8Array;
}

const HAS_SIZE = 0x02;
const HAS_EXTENSION = 0x04;
/** of one temporal unit; a picture has one a tile group, so more means broken input */
const OBUS_MAX = 4_096;
const LEB128_BYTES_MAX = 8;

/** Splits a temporal unit; only its last OBU may be without a size. Payloads are views. */
export function splitObus(bytes: Uint8Array): Obu[] {
  const obus: Obu[] = [];
  for (let at = 0; at < bytes.length; ) {
    const head = bytes[at] as number;
    if (head & 0x80) throw new WireError('an OBU has its forbidden bit set');
    const extended = (head & HAS_EXTENSION) !== 0;
    const extension = extended ? (bytes[at + 1] ?? null) : null;
    if (extended && extension === null) throw new WireError('an OBU is cut off');
    at += extended ? 2 : 1;
    let size = bytes.length - at;
    if (head & HAS_SIZE) {
      const read = readLeb128(bytes, at);
      at += read.bytes;
      size = read.value;
    }
    if (size > bytes.length - at) throw new WireError('an OBU is longer than its temporal unit');
    if (obus.length >= OBUS_MAX) throw new WireError(`a temporal unit has more than ${OBUS_MAX} OBUs`);
    obus.push({ type: (head >> 3) & 15, extension, payload: bytes.subarray(at, at + size) });
    at += size;
  }
  return obus;
}

/** All with their sizes. */
export function joinObus(obus: readonly Obu[]): Uint8Array {
  return concat(
    obus.flatMap(({ type, extension, payload }) => {
      const head = (type << 3) | HAS_SIZE | (extension === null ? 0 : HAS_EXTENSION);
      return [Uint8Array.of(head, ...(extension === null ? [] : [extension]), ...leb128(payload.length)), payload];
    }),
  );
}

/** A temporal unit as samples have it: without delimiters, padding and tile lists, every OBU with its size. */
export function av1Sample(temporalUnit: Uint8Array): Uint8Array {
  return joinObus(splitObus(temporalUnit).filter(({ type }) => !isOutside(type)));
}

const isOutside = (type: number) => type === OBU.temporalDelimiter || type === OBU.padding || type === OBU.tileList;

/** @see 4.10.5 */
export function leb128(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  do {
    const more = rest >= 0x80;
    bytes.push((rest % 0x80) | (more ? 0x80 : 0));
    rest = Math.floor(rest / 0x80);
  } while (rest > 0);
  return bytes;
}

export function readLeb128(bytes: Uint8Array, at: number): { value: number; bytes: number } {
  let value = 0;
  for (let i = 0; i < LEB128_BYTES_MAX; i += 1) {
    const byte = bytes[at + i];
    if (byte === undefined) throw new WireError('an OBU size is cut off');
    value += (byte & 0x7f) * 2 ** (7 * i);
    if (byte & 0x80) continue;
    if (value >= 2 ** 32) break;
    return { value, bytes: i + 1 };
  }
  throw new WireError('an OBU size is too large');
}
