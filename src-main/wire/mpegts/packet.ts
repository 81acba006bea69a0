/**
 * Transport packets: 188 bytes, a PID, a continuity counter, and a payload unit cut to fit.
 * @see ISO/IEC 13818-1, 2.4.3.2 to 2.4.3.5
 */

export const PACKET_BYTES = 188;
const SYNC = 0x47;
const HEADER_BYTES = 4;
const ROOM_BYTES = PACKET_BYTES - HEADER_BYTES;
/** adaptation_field_control */
const PAYLOAD_ONLY = 1;
const ADAPTATION_ONLY = 2;
const BOTH = 3;
const PCR_BYTES = 6;
/** bits of the adaptation field's flags */
const RANDOM_ACCESS = 0x40;
const PCR = 0x10;
const STUFFING = 0xff;

export interface UnitMarks {
  /** program clock reference, in ticks of 90 kHz; null: none */
  pcrTicks: number | null;
  /** decoding may begin here */
  randomAccess: boolean;
}

const NO_MARKS: UnitMarks = { pcrTicks: null, randomAccess: false };

/** Writes the packets of one PID. */
export class PidWriter {
  readonly #pid: number;
  #continuity = 0;

  constructor(pid: number) {
    this.#pid = pid;
  }

  /**
   * A payload unit (a PES packet) as whole packets: marks in the first, stuffing in the last one's adaptation field.
   * @param pieces the unit, in pieces that are copied once
   */
  unit(pieces: readonly Uint8Array[], marks: UnitMarks = NO_MARKS): Uint8Array {
    let left = pieces.reduce((sum, piece) => sum + piece.length, 0);
    const first = marksBytes(marks);
    const packets = Math.max(1, Math.ceil((left + first) / ROOM_BYTES));
    const out = new Uint8Array(packets * PACKET_BYTES);
    const source = new PieceReader(pieces);
    for (let at = 0; at < out.length; at += PACKET_BYTES) {
      const needed = at === 0 ? first : 0;
      const taken = Math.min(ROOM_BYTES - needed, left);
      const adaptation = ROOM_BYTES - taken;
      this.#header(out, at, { starts: at === 0, control: adaptation > 0 ? BOTH : PAYLOAD_ONLY });
      if (adaptation > 0) writeAdaptation(out, at + HEADER_BYTES, adaptation, at === 0 ? marks : NO_MARKS);
      source.copy(out, at + HEADER_BYTES + adaptation, taken);
      left -= taken;
    }
    return out;
  }

  /** A packet without payload, which is not counted (2.4.3.3), for a clock reference between payload units. */
  clock(pcrTicks: number): Uint8Array {
    const out = new Uint8Array(PACKET_BYTES);
    const continuity = this.#continuity;
    this.#continuity = (continuity + 15) & 15; // that of the packet before
    this.#header(out, 0, { starts: false, control: ADAPTATION_ONLY });
    this.#continuity = continuity;
    writeAdaptation(out, HEADER_BYTES, ROOM_BYTES, { pcrTicks, randomAccess: false });
    return out;
  }

  /** A section of tables that fits one packet: a pointer, the section, stuffing behind it (2.4.4). */
  section(section: Uint8Array): Uint8Array {
    const out = new Uint8Array(PACKET_BYTES).fill(STUFFING);
    this.#header(out, 0, { starts: true, control: PAYLOAD_ONLY });
    out[HEADER_BYTES] = 0; // pointer_field: at once
    out.set(section, HEADER_BYTES + 1);
    return out;
  }

  #header(out: Uint8Array, at: number, { starts, control }: { starts: boolean; control: number }): void {
    out[at] = SYNC;
    out[at + 1] = (starts ? 0x40 : 0) | (this.#pid >> 8);
    out[at + 2] = this.#pid & 0xff;
    out[at + 3] = (control << 4) | this.#continuity;
    this.#continuity = (this.#continuity + 1) & 15;
  }
}

/** length, flags, and the clock reference */
function marksBytes({ pcrTicks, randomAccess }: UnitMarks): number {
  if (pcrTicks !== null) return 2 + PCR_BYTES;
  return randomAccess ? 2 : 0;
}

/** @param bytes the field's whole length, with its length byte */
function writeAdaptation(out: Uint8Array, at: number, bytes: number, marks: UnitMarks): void {
  out[at] = bytes - 1;
  if (bytes === 1) return;
  out.fill(STUFFING, at + 2, at + bytes);
  out[at + 1] = (marks.randomAccess ? RANDOM_ACCESS : 0) | (marks.pcrTicks === null ? 0 : PCR);
  if (marks.pcrTicks !== null) writePcr(out, at + 2, marks.pcrTicks);
}

/** 33 bits of 90 kHz, 6 reserved, 9 bits of 27 MHz, which are 0 here (2.4.3.5). */
function writePcr(out: Uint8Array, at: number, ticks: number): void {
  const base = modulo33(ticks);
  const high = Math.floor(base / 2);
  out[at] = (high >>> 24) & 0xff;
  out[at + 1] = (high >>> 16) & 0xff;
  out[at + 2] = (high >>> 8) & 0xff;
  out[at + 3] = high & 0xff;
  out[at + 4] = ((base % 2) << 7) | 0x7e;
  out[at + 5] = 0;
}

/** Clocks of 90 kHz have 33 bits and wrap after 26.5 hours. */
export function modulo33(ticks: number): number {
  const wrap = 2 ** 33;
  return ((Math.round(ticks) % wrap) + wrap) % wrap;
}

class PieceReader {
  readonly #pieces: readonly Uint8Array[];
  #piece = 0;
  #at = 0;

  constructor(pieces: readonly Uint8Array[]) {
    this.#pieces = pieces;
  }

  copy(out: Uint8Array, start: number, count: number): void {
    for (let to = start; to < start + count; ) {
      const piece = this.#pieces[this.#piece] as Uint8Array;
      const part = piece.subarray(this.#at, this.#at + start + count - to);
      out.set(part, to);
      to += part.length;
      this.#at += part.length;
      if (this.#at < piece.length) return;
      this.#piece += 1;
      this.#at = 0;
    }
  }
}
