/**
 * Supplemental enhancement information: a message put into an access unit, before its first slice.
 * @see ITU-T H.264, 7.3.2.3 and 7.4.1.2.3; H.265, 7.3.2.4 and 7.4.2.4.4
 */
import { LENGTH_BYTES } from './nal.ts';

export type SeiCodec = 'h264' | 'hevc';

/** nal_ref_idc 0, type 6; and type 39 (prefix), layer 0, temporal sub-layer 0 */
const NAL_HEAD = { h264: [0x06], hevc: [0x4e, 0x01] } as const;
/** nal_unit_type of what holds a picture: table 7-1 of either standard */
const IS_SLICE = {
  h264: (head: number) => (head & 0x1f) >= 1 && (head & 0x1f) <= 5,
  hevc: (head: number) => ((head >> 1) & 0x3f) < 32,
} as const;
/** rbsp_trailing_bits of what ends on a whole byte */
const TRAILING = 0x80;

/** A NAL unit with one message, after its 4-byte length. */
export function buildSei(codec: SeiCodec, payloadType: number, payload: Uint8Array): Uint8Array {
  const bytes: number[] = [...NAL_HEAD[codec]];
  let zeros = 0;
  const put = (byte: number) => {
    if (zeros >= 2 && byte <= 3) {
      bytes.push(3);
      zeros = 0;
    }
    bytes.push(byte);
    zeros = byte === 0 ? zeros + 1 : 0;
  };
  for (const value of [payloadType, payload.length]) {
    for (let rest = value; rest >= 255; rest -= 255) put(255);
    put(value % 255);
  }
  for (const byte of payload) put(byte);
  put(TRAILING);
  const unit = new Uint8Array(LENGTH_BYTES + bytes.length);
  new DataView(unit.buffer).setUint32(0, bytes.length);
  unit.set(bytes, LENGTH_BYTES);
  return unit;
}

/**
 * Where an access unit's first slice begins, with its length before it. A message belongs right there: behind delimiter,
 * parameter sets, and messages of the encoder, of which a buffering period has to come first.
 * @param accessUnit NAL units with 4-byte lengths
 * @returns its end when it has no slice, or is broken
 */
export function firstSliceAt(codec: SeiCodec, accessUnit: Uint8Array): number {
  const view = new DataView(accessUnit.buffer, accessUnit.byteOffset, accessUnit.byteLength);
  for (let at = 0; at + LENGTH_BYTES < accessUnit.length; at += LENGTH_BYTES + view.getUint32(at))
    if (IS_SLICE[codec](accessUnit[at + LENGTH_BYTES] as number)) return at;
  return accessUnit.length;
}
