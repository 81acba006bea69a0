/** The two tables a player reads first: which programs there are, and what a program is made of. */
import { concat } from '../bytes.ts';

export const PID = { pat: 0, pmt: 0x1000, video: 0x100, audio: 0x101 } as const;
/** stream_type. @see ISO/IEC 13818-1, table 2-34 */
export const STREAM_TYPE = { adtsAac: 0x0f, h264: 0x1b } as const;
const PROGRAM = 1;
const TABLE = { pat: 0, pmt: 2 } as const;

/** Program association table with one program. @see ISO/IEC 13818-1, 2.4.4.3 */
export function patSection(): Uint8Array {
  return section(TABLE.pat, 1, Uint8Array.of(0, PROGRAM, 0xe0 | (PID.pmt >> 8), PID.pmt & 0xff));
}

export interface ElementaryStream {
  pid: number;
  type: number;
}

/** Program map table. @param pcrPid whose packets carry the clock. @see ISO/IEC 13818-1, 2.4.4.8 */
export function pmtSection(pcrPid: number, streams: readonly ElementaryStream[]): Uint8Array {
  const clock = Uint8Array.of(0xe0 | (pcrPid >> 8), pcrPid & 0xff, 0xf0, 0); // no descriptors of the program
  const rows = streams.map(({ pid, type }) => Uint8Array.of(type, 0xe0 | (pid >> 8), pid & 0xff, 0xf0, 0));
  return section(TABLE.pmt, PROGRAM, concat([clock, ...rows]));
}

/** @param id transport_stream_id or program_number */
function section(tableId: number, id: number, payload: Uint8Array): Uint8Array {
  const length = 5 + payload.length + 4;
  const head = Uint8Array.of(
    tableId,
    0xb0 | (length >> 8), // section_syntax_indicator, '0', reserved
    length & 0xff,
    id >> 8,
    id & 0xff,
    0xc1, // reserved, version 0, current
    0, // section_number
    0, // last_section_number
  );
  const body = concat([head, payload]);
  const crc = crc32(body);
  return concat([body, Uint8Array.of(crc >>> 24, (crc >>> 16) & 0xff, (crc >>> 8) & 0xff, crc & 0xff)]);
}

/** Over a section with its own CRC it is 0. @see ISO/IEC 13818-1, annex A */
export function crc32(bytes: Uint8Array): number {
  let crc = 0xffff_ffff;
  for (const byte of bytes) {
    crc ^= byte << 24;
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 0x8000_0000 ? (crc << 1) ^ 0x04c1_1db7 : crc << 1;
  }
  return crc >>> 0;
}
