/**
 * The times of one picture, as they travel in the stream: in a message of supplemental enhancement information, user
 * data unregistered, under a UUID of our own. Here is what the message holds, and how a viewer finds it; the NAL unit
 * around it is made in src-main/wire/sei.ts.
 *
 *   offset 0  16 bytes  UUID
 *         16  u8        version, 1
 *         17  u8        1: made by a ladder; else 0
 *         18  f64       epochUnixUs, big-endian as all that follows
 *         26  f64       composeUs
 *         34  u32       composeUs - captureUs; 2^32 - 1: not known
 *         38  u32       encodeInUs - composeUs
 *         42  u32       encodeOutUs - composeUs
 *         46  u32       sendUs - composeUs
 *         50  u32       ladderUs, of a ladder's alone
 *
 * @see ITU-T H.264, 7.3.2.3.1, D.1.7 and D.2.7; H.265, 7.3.2.4 and D.2.7
 */

/** In microseconds of the engine's clock; differences that do not fit 71 minutes are cut off. */
export interface PictureTimes {
  /** Unix time at engine time 0, in microseconds, as it was when the picture was sent: the two clocks may drift */
  epochUnixUs: number;
  /** the newest camera picture in it was captured; null: there is none, or the browser does not tell */
  captureUs: number | null;
  /** the page began to compose it */
  composeUs: number;
  /** the encoder process had it */
  encodeInUs: number;
  encodeOutUs: number;
  /** it was handed to a connection */
  sendUs: number;
  /** from the picture's coming to the live server until it was there in this quality too; left out: it is the publisher's own */
  ladderUs?: number;
}

/** 1a815f81-7714-42c4-9fa0-c95683b0cb63, drawn at random */
const UUID = [0x1a, 0x81, 0x5f, 0x81, 0x77, 0x14, 0x42, 0xc4, 0x9f, 0xa0, 0xc9, 0x56, 0x83, 0xb0, 0xcb, 0x63];
/** payloadType of user data unregistered, in H.264 and HEVC alike */
export const USER_DATA_UNREGISTERED = 5;
const VERSION = 1;
const BYTES = 50;
const LADDER_BYTES = 4;
const BY_LADDER = 1;
const UNKNOWN = 0xffffffff;

/** The payload of the SEI message. */
export function encodePictureTimes(times: PictureTimes): Uint8Array {
  const { ladderUs } = times;
  const bytes = new Uint8Array(BYTES + (ladderUs === undefined ? 0 : LADDER_BYTES));
  const view = new DataView(bytes.buffer);
  bytes.set(UUID);
  bytes[16] = VERSION;
  view.setFloat64(18, times.epochUnixUs);
  view.setFloat64(26, times.composeUs);
  view.setUint32(34, times.captureUs === null ? UNKNOWN : span(times.composeUs - times.captureUs));
  view.setUint32(38, span(times.encodeInUs - times.composeUs));
  view.setUint32(42, span(times.encodeOutUs - times.composeUs));
  view.setUint32(46, span(times.sendUs - times.composeUs));
  if (ladderUs === undefined) return bytes;
  bytes[17] = BY_LADDER;
  view.setUint32(BYTES, span(ladderUs));
  return bytes;
}

/** @returns null for what is not ours, or of a version to come */
export function decodePictureTimes(payload: Uint8Array): PictureTimes | null {
  if (payload.length < BYTES || payload[16] !== VERSION || UUID.some((byte, i) => payload[i] !== byte)) return null;
  const view = new DataView(payload.buffer, payload.byteOffset, payload.byteLength);
  const composeUs = view.getFloat64(26);
  const epochUnixUs = view.getFloat64(18);
  if (!Number.isFinite(composeUs) || !Number.isFinite(epochUnixUs)) return null;
  const capture = view.getUint32(34);
  return {
    epochUnixUs,
    captureUs: capture === UNKNOWN ? null : composeUs - capture,
    composeUs,
    encodeInUs: composeUs + view.getUint32(38),
    encodeOutUs: composeUs + view.getUint32(42),
    sendUs: composeUs + view.getUint32(46),
    ...(payload[17] === BY_LADDER && payload.length >= BYTES + LADDER_BYTES ? { ladderUs: view.getUint32(BYTES) } : {}),
  };
}

function span(us: number): number {
  return Math.min(UNKNOWN - 1, Math.max(0, Math.round(us)));
}

/** nal_unit_type: of prefix SEI, and of the first units that hold a picture. @see H.264 table 7-1, H.265 table 7-1 */
const TYPES = {
  h264: { sei: 6, isPicture: (type: number) => type >= 1 && type <= 5, of: (head: number) => head & 0x1f, headBytes: 1 },
  hevc: { sei: 39, isPicture: (type: number) => type < 32, of: (head: number) => (head >> 1) & 0x3f, headBytes: 2 },
} as const;

/**
 * Looks for the times before an access unit's first slice.
 * @param accessUnit NAL units with 4-byte lengths; broken ones have no times
 */
export function findPictureTimes(accessUnit: Uint8Array, codec: 'h264' | 'hevc'): PictureTimes | null {
  const { sei, isPicture, of, headBytes } = TYPES[codec];
  const view = new DataView(accessUnit.buffer, accessUnit.byteOffset, accessUnit.byteLength);
  for (let at = 0; at + 5 <= accessUnit.length; ) {
    const end = at + 4 + view.getUint32(at);
    const type = of(accessUnit[at + 4] as number);
    if (end > accessUnit.length || isPicture(type)) return null;
    const times = type === sei ? readSei(accessUnit.subarray(at + 4 + headBytes, end)) : null;
    if (times) return times;
    at = end;
  }
  return null;
}

/** One unit may hold several messages. @see H.264, 7.3.2.3 */
function readSei(unit: Uint8Array): PictureTimes | null {
  const bytes = withoutEmulation(unit);
  let at = 0;
  const readVarying = () => {
    let value = 0;
    while (bytes[at] === 0xff) {
      value += 255;
      at += 1;
    }
    return value + (bytes[at++] ?? 0);
  };
  // the last byte is the trailing bits
  while (at + 2 < bytes.length) {
    const type = readVarying();
    const length = readVarying();
    const payload = bytes.subarray(at, at + length);
    const times = type === USER_DATA_UNREGISTERED && payload.length === length ? decodePictureTimes(payload) : null;
    if (times) return times;
    at += length;
  }
  return null;
}

/** @see H.264, 7.4.1 */
function withoutEmulation(bytes: Uint8Array): Uint8Array {
  const out: number[] = [];
  let zeros = 0;
  for (const byte of bytes) {
    if (zeros >= 2 && byte === 3) zeros = 0;
    else {
      zeros = byte === 0 ? zeros + 1 : 0;
      out.push(byte);
    }
  }
  return Uint8Array.from(out);
}
