/** NAL units as H.264 and HEVC have them alike: Annex B byte streams, length-prefixed access units, emulation prevention. */
import { WireError } from './wire-error.ts';

/** NAL units of one access unit; a picture has one a slice, so more means broken input. */
export const NAL_UNITS_MAX = 4_096;
export const LENGTH_BYTES = 4;

/**
 * Splits a byte stream at its start codes.
 * @returns views into `bytes`, without start codes and trailing zeros; empty units are left out
 * @see ITU-T H.264, B.1.1
 */
export function splitAnnexB(bytes: Uint8Array): Uint8Array[] {
  const units: Uint8Array[] = [];
  let start = -1;
  const close = (end: number) => {
    if (start < 0) return;
    let last = end;
    while (last > start && bytes[last - 1] === 0) last -= 1;
    if (last === start) return;
    if (units.length >= NAL_UNITS_MAX) throw new WireError(`an access unit has more than ${NAL_UNITS_MAX} NAL units`);
    units.push(bytes.subarray(start, last));
  };
  for (let i = 0; i + 2 < bytes.length; ) {
    const third = bytes[i + 2] as number;
    if (third > 1) i += 3;
    else if (third === 1 && bytes[i] === 0 && bytes[i + 1] === 0) {
      close(i);
      start = i + 3;
      i += 3;
    } else i += 1;
  }
  close(bytes.length);
  return units;
}

/** Splits an access unit of NAL units that each follow their length. @returns views into `bytes` */
export function splitAvcc(bytes: Uint8Array, lengthBytes = LENGTH_BYTES): Uint8Array[] {
  const units: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; ) {
    if (at + lengthBytes > bytes.length) throw new WireError('a NAL unit length is cut off');
    let length = 0;
    for (let i = 0; i < lengthBytes; i += 1) length = length * 256 + (bytes[at + i] as number);
    at += lengthBytes;
    if (at + length > bytes.length) throw new WireError('a NAL unit is longer than its access unit');
    if (units.length >= NAL_UNITS_MAX) throw new WireError(`an access unit has more than ${NAL_UNITS_MAX} NAL units`);
    if (length > 0) units.push(bytes.subarray(at, at + length));
    at += length;
  }
  return units;
}

/** Puts a 4-byte length before each unit. @see ISO/IEC 14496-15, 5.3.4.2 */
export function joinAvcc(units: readonly Uint8Array[]): Uint8Array {
  const out = new Uint8Array(units.reduce((sum, unit) => sum + LENGTH_BYTES + unit.length, 0));
  const view = new DataView(out.buffer);
  let at = 0;
  for (const unit of units) {
    view.setUint32(at, unit.length);
    out.set(unit, at + LENGTH_BYTES);
    at += LENGTH_BYTES + unit.length;
  }
  return out;
}

/** Puts a 4-byte start code before each unit. */
export function joinAnnexB(units: readonly Uint8Array[]): Uint8Array {
  const out = joinAvcc(units);
  const view = new DataView(out.buffer);
  let at = 0;
  for (const unit of units) {
    view.setUint32(at, 1);
    at += LENGTH_BYTES + unit.length;
  }
  return out;
}

/** Removes emulation prevention bytes. @see ITU-T H.264, 7.4.1; H.265, 7.4.2 */
export function withoutEmulation(bytes: Uint8Array): Uint8Array {
  const out = new Uint8Array(bytes.length);
  let length = 0;
  let zeros = 0;
  for (const byte of bytes) {
    if (zeros >= 2 && byte === 3) {
      zeros = 0;
      continue;
    }
    zeros = byte === 0 ? zeros + 1 : 0;
    out[length++] = byte;
  }
  return out.subarray(0, length);
}
