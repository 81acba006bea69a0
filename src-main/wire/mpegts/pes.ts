/** The header of a PES packet: what an elementary stream's bytes are, and when they are decoded and shown. */
import { modulo33 } from './packet.ts';

/** stream_id. @see ISO/IEC 13818-1, table 2-22 */
export const STREAM_ID = { video: 0xe0, audio: 0xc0 } as const;
const LENGTH_MAX = 0xffff;

export interface PesTimes {
  /** presentation, in ticks of 90 kHz; written modulo 2^33 */
  ptsTicks: number;
  /** decoding; left out when it is the same */
  dtsTicks: number;
}

/**
 * @param dataBytes of what follows; 0 when it does not fit 16 bits, which only video may say
 * @see ISO/IEC 13818-1, 2.4.3.6 and 2.4.3.7
 */
export function pesHeader(streamId: number, { ptsTicks, dtsTicks }: PesTimes, dataBytes: number): Uint8Array {
  const [pts, dts] = [modulo33(ptsTicks), modulo33(dtsTicks)];
  const times = pts === dts ? timestamp(2, pts) : [...timestamp(3, pts), ...timestamp(1, dts)];
  const length = 3 + times.length + dataBytes;
  const written = length > LENGTH_MAX || streamId === STREAM_ID.video ? 0 : length;
  return Uint8Array.of(
    0,
    0,
    1,
    streamId,
    written >> 8,
    written & 0xff,
    0x84, // '10', data_alignment_indicator: an access unit begins here
    pts === dts ? 0x80 : 0xc0, // PTS_DTS_flags
    times.length,
    ...times,
  );
}

/** 33 bits between marker bits. @param prefix 2: PTS alone, 3: PTS before a DTS, 1: DTS */
function timestamp(prefix: number, ticks: number): number[] {
  const high = Math.floor(ticks / 2 ** 30);
  const middle = Math.floor(ticks / 2 ** 15) & 0x7fff;
  const low = ticks % 2 ** 15;
  return [(prefix << 4) | (high << 1) | 1, middle >> 7, ((middle & 0x7f) << 1) | 1, low >> 7, ((low & 0x7f) << 1) | 1];
}
