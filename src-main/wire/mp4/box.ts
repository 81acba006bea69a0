/** ISO base media file format boxes (ISO/IEC 14496-12, 4.2): a size, a four-character type, a payload. Big-endian. */
import { concat } from '../bytes.ts';

export { concat } from '../bytes.ts';

const UINT32 = 2 ** 32;

export const u8 = (...values: number[]): Uint8Array => Uint8Array.from(values);

export const u16 = (...values: number[]): Uint8Array => pack(2, values, (view, at, value) => view.setUint16(at, value));

export const u32 = (...values: number[]): Uint8Array => u32List(values);

export const u32List = (values: readonly number[]): Uint8Array => pack(4, values, (view, at, value) => view.setUint32(at, value));

export const i32 = (...values: number[]): Uint8Array => pack(4, values, (view, at, value) => view.setInt32(at, value));

export const u64 = (...values: number[]): Uint8Array => u64List(values);

/** Exact up to 2^53. */
export const u64List = (values: readonly number[]): Uint8Array =>
  pack(8, values, (view, at, value) => {
    view.setUint32(at, Math.floor(value / UINT32));
    view.setUint32(at + 4, value % UINT32);
  });

function pack(size: number, values: readonly number[], set: (view: DataView, at: number, value: number) => void): Uint8Array {
  const bytes = new Uint8Array(size * values.length);
  const view = new DataView(bytes.buffer);
  values.forEach((value, index) => set(view, index * size, value));
  return bytes;
}

export const ascii = (text: string): Uint8Array => Uint8Array.from(text, (character) => character.charCodeAt(0));

export function box(type: string, ...payload: Uint8Array[]): Uint8Array {
  const size = 8 + payload.reduce((sum, part) => sum + part.length, 0);
  return concat([u32(size), ascii(type), ...payload]);
}

/** A box with a version and 24 flags in front of its payload (4.2.2). */
export function fullBox(type: string, version: number, flags: number, ...payload: Uint8Array[]): Uint8Array {
  return box(type, u32(version * 2 ** 24 + flags), ...payload);
}

export interface BoxHeader {
  type: string;
  /** header and payload; null when the box goes on to the end of the file */
  sizeBytes: number | null;
  headerBytes: number;
}

/** @returns null when the bytes are no box header: too few of them, a size below the header's, a type that is not text */
export function readBoxHeader(bytes: Uint8Array): BoxHeader | null {
  if (bytes.length < 8) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const type = String.fromCharCode(...bytes.subarray(4, 8));
  if (!/^[\x20-\x7e\xa9]{4}$/.test(type)) return null;
  const size = view.getUint32(0);
  if (size === 0) return { type, sizeBytes: null, headerBytes: 8 };
  if (size !== 1) return size < 8 ? null : { type, sizeBytes: size, headerBytes: 8 };
  if (bytes.length < 16) return null;
  const largeSize = view.getUint32(8) * UINT32 + view.getUint32(12);
  return largeSize < 16 ? null : { type, sizeBytes: largeSize, headerBytes: 16 };
}
