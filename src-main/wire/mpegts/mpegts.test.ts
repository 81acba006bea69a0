import { describe, expect, test } from 'vitest';
import { buildAvcConfig } from '../codec-config.ts';
import { joinAvcc } from '../nal.ts';
import { adtsHeader } from './adts.ts';
import { TsMuxer, type TsSample } from './muxer.ts';
import { PACKET_BYTES, PidWriter } from './packet.ts';
import { pesHeader, STREAM_ID } from './pes.ts';
import { crc32, PID, patSection, pmtSection, STREAM_TYPE } from './psi.ts';

const hex = (...parts: Uint8Array[]) => Buffer.concat(parts).toString('hex');
const NO_CLOCK = { pcrTicks: null, randomAccess: false };

describe('packets', () => {
  test('a unit that fills one packet needs no adaptation field', () => {
    const packet = new PidWriter(0x100).unit([new Uint8Array(184).fill(7)]);
    expect(hex(packet.subarray(0, 5))).toBe('4741001007');
    expect(packet.length).toBe(188);
  });

  test('one byte less: a field of its length byte alone', () => {
    expect(hex(new PidWriter(0x100).unit([new Uint8Array(183).fill(7)]).subarray(0, 6))).toBe('474100300007');
  });

  test('a short unit is stuffed in front, with 0xff', () => {
    const packet = new PidWriter(0x1000).unit([Uint8Array.of(1), Uint8Array.of(2, 3)]);
    expect(hex(packet.subarray(0, 8))).toBe('47500030b400ffff');
    expect(hex(packet.subarray(182))).toBe('ffffff010203');
  });

  test('clock and random access in the first packet, the continuity counter in all, the rest behind', () => {
    const unit = Uint8Array.from({ length: 400 }, (_, i) => i & 0xff);
    const out = new PidWriter(0x101).unit([unit.subarray(0, 100), unit.subarray(100)], { pcrTicks: 90_000, randomAccess: true });
    expect(out.length).toBe(3 * PACKET_BYTES);
    // 90,000 ticks: 33 bits 0x15f90, shifted by one bit, 6 reserved bits, no extension
    expect(hex(out.subarray(0, 14))).toBe('47410130' + '0750' + '0000afc87e00' + '0001');
    expect(hex(out.subarray(188, 192))).toBe('47010111');
    expect(hex(out.subarray(376, 380))).toBe('47010132');
    expect(hex(payloads(out))).toBe(hex(unit));
  });

  test('the counter wraps, and goes on from unit to unit', () => {
    const writer = new PidWriter(0x100);
    const counts = Array.from({ length: 18 }, () => (writer.unit([Uint8Array.of(1)])[3] as number) & 15);
    expect(counts).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1]);
  });

  test('a packet with the clock alone has no payload and is not counted', () => {
    const writer = new PidWriter(0x100);
    writer.unit([Uint8Array.of(1)]);
    expect(hex(writer.clock(2 ** 33 + 3).subarray(0, 13))).toBe('47010020' + 'b710' + '00000001fe00' + 'ff');
    expect((writer.unit([Uint8Array.of(1)])[3] as number) & 15).toBe(1);
  });
});

/** Everything behind headers and adaptation fields. */
function payloads(bytes: Uint8Array): Buffer {
  const parts: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += PACKET_BYTES) {
    const control = ((bytes[at + 3] as number) >> 4) & 3;
    const start = at + 4 + (control & 2 ? 1 + (bytes[at + 4] as number) : 0);
    if (control & 1) parts.push(bytes.subarray(start, at + PACKET_BYTES));
  }
  return Buffer.concat(parts);
}

describe('tables', () => {
  test('PAT and PMT, byte for byte', () => {
    // the PAT of every FFmpeg file with one program at PID 0x1000 ends with this CRC
    expect(hex(patSection())).toBe('00b00d0001c100000001f0002ab104b2');
    const streams = [
      { pid: PID.video, type: STREAM_TYPE.h264 },
      { pid: PID.audio, type: STREAM_TYPE.adtsAac },
    ];
    const pmt = pmtSection(PID.video, streams);
    expect(hex(pmt.subarray(0, -4))).toBe('02b0170001c10000' + 'e100f000' + '1be100f000' + '0fe101f000');
    expect(crc32(pmt)).toBe(0);
  });

  test('a section has a pointer in front and stuffing behind', () => {
    const packet = new PidWriter(PID.pat).section(patSection());
    expect(hex(packet.subarray(0, 8))).toBe('474000100000b00d');
    expect(hex(packet.subarray(-3))).toBe('ffffff');
  });
});

describe('PES headers', () => {
  test('PTS alone where decoding is at the same time', () => {
    expect(hex(pesHeader(STREAM_ID.audio, { ptsTicks: 90_000, dtsTicks: 90_000 }, 10))).toBe('000001c0' + '0012' + '848005' + '210005bf21');
  });

  test('PTS and DTS of a picture, whose length is not said', () => {
    const header = pesHeader(STREAM_ID.video, { ptsTicks: 2 ** 33 - 1, dtsTicks: 0 }, 1_000);
    expect(hex(header)).toBe('000001e0' + '0000' + '84c00a' + '3fffffffff' + '1100010001');
  });

  test('times wrap at 33 bits', () => {
    const times = { ptsTicks: 2 ** 33 + 1, dtsTicks: 2 ** 33 + 1 };
    expect(hex(pesHeader(STREAM_ID.video, times, 0)).slice(-10)).toBe('2100010003');
  });
});

test.each([
  [{ objectType: 2, sampleRateHz: 48_000, channels: 2 }, 'fff14c80021ffc'],
  [{ objectType: 5, sampleRateHz: 22_050, channels: 1 }, 'fff15c40021ffc'],
  [{ objectType: 2, sampleRateHz: 44_100, channels: 8 }, 'fff151c0021ffc'],
])('the ADTS header of %j', (config, expected) => {
  expect(hex(adtsHeader(config, 9))).toBe(expected);
});

test('what ADTS cannot say is refused', () => {
  expect(() => adtsHeader({ objectType: 42, sampleRateHz: 48_000, channels: 2 }, 9)).toThrow('does not fit MPEG-TS');
  expect(() => adtsHeader({ objectType: 2, sampleRateHz: 47_000, channels: 2 }, 9)).toThrow('does not fit MPEG-TS');
  expect(() => adtsHeader({ objectType: 2, sampleRateHz: 48_000, channels: 2 }, 9_000)).toThrow('too long');
});

describe('the muxer', () => {
  const sps = Uint8Array.of(0x67, 66, 0, 30, 1);
  const pps = Uint8Array.of(0x68, 2);
  const avc = buildAvcConfig([sps], [pps]);
  const aac = Uint8Array.of(0x11, 0x90);
  const slice = (type: number, size = 20) => Uint8Array.of(type, ...new Array<number>(size).fill(9));
  const picture = (dtsMs: number, change: Partial<TsSample> = {}): TsSample => ({
    kind: 'video',
    dtsMs,
    ptsMs: dtsMs,
    key: false,
    data: joinAvcc([slice(0x41)]),
    ...change,
  });
  const sound = (dtsMs: number): TsSample => ({ kind: 'audio', dtsMs, ptsMs: dtsMs, key: true, data: Uint8Array.of(0x21, 1, 2) });

  const pids = (bytes: Uint8Array) =>
    Array.from({ length: bytes.length / PACKET_BYTES }, (_, i) => {
      const view = new DataView(bytes.buffer, bytes.byteOffset + i * PACKET_BYTES);
      return view.getUint16(1) & 0x1fff;
    });
  const of = (bytes: Uint8Array, pid: number) =>
    payloads(
      Buffer.concat(pids(bytes).flatMap((own, i) => (own === pid ? [bytes.subarray(i * PACKET_BYTES, (i + 1) * PACKET_BYTES)] : []))),
    );

  test('tables, then an IDR with delimiter and parameter sets in front', () => {
    const idr = picture(1_000, { key: true, ptsMs: 1_040, data: joinAvcc([Uint8Array.of(0x09, 0x10), slice(0x65)]) });
    const bytes = Buffer.concat(new TsMuxer({ avc, aac }).mux([idr]));
    expect(pids(bytes)).toEqual([PID.pat, PID.pmt, PID.video]);
    const pes = of(bytes, PID.video);
    expect(pes.subarray(0, 9).toString('hex')).toBe('000001e0000084c00a');
    expect(pes.subarray(19).toString('hex')).toBe(
      ['0000000109f0', `00000001${hex(sps)}`, `00000001${hex(pps)}`, `00000001${hex(slice(0x65))}`].join(''),
    );
    expect((bytes[2 * PACKET_BYTES + 5] as number) & 0x50).toBe(0x50); // random access, and a clock
  });

  test('an IDR that brings its parameter sets gets no others; other pictures get none', () => {
    const muxer = new TsMuxer({ avc, aac: null });
    const own = Uint8Array.of(0x67, 77, 0, 31);
    const idr = picture(0, { key: true, data: joinAvcc([own, slice(0x65)]) });
    expect(of(Buffer.concat(muxer.mux([idr])), PID.video).toString('hex')).not.toContain(hex(sps));
    expect(of(Buffer.concat(muxer.mux([picture(33)])), PID.video).toString('hex')).not.toContain(hex(pps));
  });

  test('counters go on from part to part, for every PID', () => {
    const muxer = new TsMuxer({ avc, aac });
    const bytes = Buffer.concat([...muxer.mux([picture(0, { key: true }), sound(10)]), ...muxer.mux([picture(33), sound(31)])]);
    for (const pid of [PID.pat, PID.pmt, PID.video, PID.audio]) {
      const counts = pids(bytes).flatMap((own, i) => (own === pid ? [(bytes[i * PACKET_BYTES + 3] as number) & 15] : []));
      expect(counts).toEqual([0, 1]);
    }
  });

  test('sounds within a tenth of a second share a PES packet, with its length', () => {
    const bytes = Buffer.concat(new TsMuxer({ avc, aac }).mux([sound(0), sound(21), sound(42), sound(110)]));
    const pes = of(bytes, PID.audio);
    expect(pes.readUInt16BE(4)).toBe(3 + 5 + 3 * (7 + 3));
    expect(pes.subarray(14, 16).toString('hex')).toBe('fff1');
    expect(pes.toString('hex').split('000001c0').length - 1).toBe(2);
  });

  test('sound alone carries the clock; beside a picture that stands still, packets of the picture PID do', () => {
    const alone = Buffer.concat(new TsMuxer({ avc: null, aac }).mux([sound(0), sound(110)]));
    expect(pids(alone)).toEqual([PID.pat, PID.pmt, PID.audio, PID.audio]);
    expect((alone[2 * PACKET_BYTES + 5] as number) & 0x10).toBe(0x10);
    const beside = Buffer.concat(new TsMuxer({ avc, aac }).mux([picture(0, { key: true }), sound(100), sound(210)]));
    expect(pids(beside).slice(2)).toEqual([PID.video, PID.video, PID.audio, PID.video, PID.audio]);
  });

  test('a picture is never shown before it is decoded, and times run ahead of the clock', () => {
    const bytes = Buffer.concat(new TsMuxer({ avc, aac: null }).mux([picture(0, { key: true, ptsMs: -40 })]));
    expect(of(bytes, PID.video).subarray(7, 14).toString('hex')).toBe(
      `8005${hex(pesHeader(0xe0, { ptsTicks: 18_000, dtsTicks: 18_000 }, 0)).slice(-10)}`,
    );
  });
});

test('marks may be left out', () => {
  expect(hex(new PidWriter(1).unit([new Uint8Array(184)], NO_CLOCK))).toBe(hex(new PidWriter(1).unit([new Uint8Array(184)])));
});
