import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fromHex, toHex } from '../../../tests/support/hex.ts';
import { WireError } from '../wire-error.ts';
import { CHUNK_SIZE_MAX, CHUNK_STREAMS_MAX, ChunkReader, ChunkWriter, type RtmpMessage } from './chunk.ts';
import { setChunkSize } from './message.ts';

const message = (part: Partial<RtmpMessage> & { payload: Uint8Array }): RtmpMessage => ({
  chunkStreamId: 6,
  type: 9,
  streamId: 1,
  timestampMs: 0,
  ...part,
});
const bytes = (...values: number[]) => Uint8Array.from(values);
const read = (hex: string) => new ChunkReader().feed(fromHex(hex));

describe('headers, both directions', () => {
  test.each<[string, Partial<RtmpMessage>, string]>([
    ['type 0', { timestampMs: 0x0102 }, '06 000102 000001 09 01000000 aa'],
    ['the largest plain timestamp', { timestampMs: 0xfffffe }, '06 fffffe 000001 09 01000000 aa'],
    ['the smallest extended timestamp', { timestampMs: 0xffffff }, '06 ffffff 000001 09 01000000 00ffffff aa'],
    ['the largest timestamp', { timestampMs: 0xffffffff }, '06 ffffff 000001 09 01000000 ffffffff aa'],
    ['a 2-byte basic header, lowest', { chunkStreamId: 64 }, '00 00 000000 000001 09 01000000 aa'],
    ['a 2-byte basic header, highest', { chunkStreamId: 319 }, '00 ff 000000 000001 09 01000000 aa'],
    ['a 3-byte basic header, lowest', { chunkStreamId: 320 }, '01 0001 000000 000001 09 01000000 aa'],
    ['a 3-byte basic header, highest', { chunkStreamId: 65_599 }, '01 ffff 000000 000001 09 01000000 aa'],
  ])('%s', (_name, part, hex) => {
    const value = message({ payload: bytes(0xaa), ...part });
    expect(toHex(new ChunkWriter().write(value))).toBe(hex.replaceAll(' ', ''));
    expect(read(hex)).toEqual([value]);
  });

  test('the second message of a stream has a type 1 header, and one back in time a type 0 header', () => {
    const writer = new ChunkWriter();
    const values = [40, 73, 10].map((timestampMs) => message({ payload: bytes(0xaa), timestampMs }));
    const hex = values.map((value) => toHex(writer.write(value)));
    expect(hex).toEqual(['060000280000010901000000aa', '4600002100000109aa', '0600000a0000010901000000aa']);
    expect(read(hex.join(''))).toEqual(values);
  });

  test('the rest of a message goes in type 3 chunks, which repeat an extended timestamp', () => {
    const writer = new ChunkWriter();
    writer.setChunkSize(2);
    const value = message({ payload: bytes(1, 2, 3, 4, 5), timestampMs: 0x01000000 });
    const hex = `06ffffff000005090100000001000000 0102 c6 01000000 0304 c6 01000000 05`;
    expect(toHex(writer.write(value))).toBe(hex.replaceAll(' ', ''));
    expect(read(`02000000000004010000000000000002 ${hex}`)[1]).toEqual(value);
  });
});

describe('reading what others write', () => {
  test('types 2 and 3 begin messages, too', () => {
    const times = read('06 000064 000001 09 01000000 aa  46 000021 000001 09 bb  86 000020 cc  c6 dd').map(
      ({ timestampMs }) => timestampMs,
    );
    expect(times).toEqual([100, 133, 165, 197]);
  });

  test('a type 3 message after type 0 takes its timestamp as the delta', () => {
    expect(read('06 000010 000001 09 01000000 aa c6 bb').map(({ timestampMs }) => timestampMs)).toEqual([16, 32]);
  });

  test('a sender that does not repeat the extended timestamp', () => {
    const payload = 'ab'.repeat(128);
    const [first] = read(`06 ffffff 000084 09 01000000 01000000 ${payload} c6 01020304`);
    expect(first?.payload.length).toBe(132);
    expect(toHex(first?.payload.subarray(128) as Uint8Array)).toBe('01020304');
  });

  test('a sender that repeats the whole timestamp where it was a delta', () => {
    // first 0x01000000, then a delta of 0x01000000: the type 3 header may say the delta, or where that leads
    for (const repeated of ['01000000', '02000000']) {
      const second = `46 ffffff 000084 09 01000000 ${'ab'.repeat(128)} c6 ${repeated} 01020304`;
      const [, message] = read(`06 ffffff 000001 09 01000000 01000000 aa ${second}`);
      expect([message?.timestampMs, toHex(message?.payload.subarray(128) as Uint8Array)]).toEqual([0x02000000, '01020304']);
    }
  });

  test.each([
    ['on any chunk and message stream, as WeChat sends it', '05 000000 000004 01 01000000 00000002'],
    ['with more behind it', '02 000000 000006 01 00000000 00000002 ffff'],
  ])('a Set Chunk Size %s', (_name, hex) => {
    expect(read(`${hex} 06 000000 000003 09 01000000 aabb c6 cc`).at(-1)?.payload).toEqual(bytes(0xaa, 0xbb, 0xcc));
  });

  test('a Set Chunk Size of the most there is, and one in the midst of a message, for its next chunk', () => {
    const long = '11'.repeat(300);
    expect(read(`02 000000 000004 01 00000000 7fffffff 06 000000 00012c 09 01000000 ${long}`).at(-1)?.payload.length).toBe(300);
    const cut = `06 000000 000100 09 01000000 ${'11'.repeat(128)} 02 000000 000004 01 00000000 00000040`;
    expect(read(`${cut} c6 ${'22'.repeat(64)} c6 ${'33'.repeat(64)}`).at(-1)?.payload.length).toBe(256);
  });

  test('interleaved messages, and one that is aborted', () => {
    const chunk = '11'.repeat(128);
    const messages = read(
      `06 000000 000081 09 01000000 ${chunk}  04 000000 000001 08 01000000 aa  02 000000 000004 02 00000000 00000006  06 000000 000001 09 01000000 bb`,
    );
    expect(messages.map(({ type, payload }) => [type, payload.length])).toEqual([
      [8, 1],
      [2, 4],
      [9, 1],
    ]);
  });

  test('an empty message', () => expect(read('06 000000 000000 09 01000000')).toEqual([message({ payload: bytes() })]));

  test('a delta wraps at 2^32', () => {
    expect(read('06 ffffff 000001 09 01000000 ffffffff aa 46 000002 000001 09 bb').map(({ timestampMs }) => timestampMs)).toEqual([
      0xffffffff, 1,
    ]);
  });

  test('a full header in mid-message that says the same is a continuation', () => {
    const [only] = read(`06 000000 000081 09 01000000 ${'11'.repeat(128)} 46 000000 000081 09 22`);
    expect(only?.payload.length).toBe(129);
  });
});

describe('hostile input', () => {
  test.each([
    ['a length that changes in mid-message', `06 000000 000081 09 01000000 ${'11'.repeat(128)} 06 000000 ffffff 09 01000000 22`],
    ['a type that changes in mid-message', `06 000000 000081 09 01000000 ${'11'.repeat(128)} 46 000000 000081 08 22`],
    ['a stream that begins with type 3', 'c6 00'],
    ['a stream that begins with type 2', '86 000000 00'],
    ['an empty Set Chunk Size', '02 000000 000000 01 00000000'],
    ['a chunk size of 0', '02 000000 000004 01 00000000 00000000'],
    ['a chunk size with the high bit', '02 000000 000004 01 00000000 80000001'],
  ])('%s ends the connection', (_name, hex) => expect(() => read(hex)).toThrow(WireError));

  test('an abort of nothing, and an abort cut short, change nothing', () => {
    expect(read('02 000000 000004 02 00000000 00000009 02 000000 000000 02 00000000')).toHaveLength(2);
  });

  test('too many chunk streams', () => {
    const open = (id: number) => `00 ${(id - 64).toString(16).padStart(2, '0')} 000000 000002 09 01000000 aabb`;
    const reader = new ChunkReader();
    for (let i = 0; i < CHUNK_STREAMS_MAX; i += 1) reader.feed(fromHex(open(64 + i)));
    expect(() => reader.feed(fromHex(open(64 + CHUNK_STREAMS_MAX)))).toThrow(/chunk streams/);
  });

  test('announced lengths take no memory and are bounded together', () => {
    const open = (id: number) => fromHex(`0${id} 000000 ffffff 09 01000000 ${'00'.repeat(128)}`);
    const reader = new ChunkReader();
    reader.feed(open(3));
    reader.feed(open(4));
    expect(() => reader.feed(open(5))).toThrow(/unfinished/);
  });

  test('a limit of the caller', () => {
    expect(() => new ChunkReader({ messageMaxBytes: 1_000 }).feed(fromHex('06 000000 0003e9 09 01000000'))).toThrow(/longer/);
  });

  test('property: any bytes, in any pieces, give messages or a WireError', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 80 }), { maxLength: 20 }), (pieces) => {
        const reader = new ChunkReader();
        try {
          for (const piece of pieces) reader.feed(piece);
        } catch (error) {
          expect(error).toBeInstanceOf(WireError);
        }
      }),
    );
  });
});

const anyMessage = fc.record({
  chunkStreamId: fc.oneof(fc.integer({ min: 3, max: 8 }), fc.constantFrom(63, 64, 319, 320, 65_599)),
  type: fc.constantFrom(8, 9, 18, 20),
  streamId: fc.integer({ min: 0, max: 3 }),
  timestampMs: fc.oneof(fc.constantFrom(0, 0xfffffe, 0xffffff, 0x1000000, 0xffffffff), fc.integer({ min: 0, max: 0xffffffff })),
  payload: fc.uint8Array({ maxLength: 700 }),
});

test('property: reading inverts writing for every chunk size and every cut', () => {
  fc.assert(
    fc.property(
      fc.array(anyMessage, { maxLength: 12 }),
      fc.integer({ min: 1, max: 300 }),
      fc.integer({ min: 1, max: 200 }),
      (values, chunkSize, step) => {
        const writer = new ChunkWriter();
        const parts = [writer.write(setChunkSize(chunkSize))];
        writer.setChunkSize(chunkSize);
        parts.push(...values.map((value) => writer.write(value)));
        const reader = new ChunkReader();
        const messages: RtmpMessage[] = [];
        const all = Uint8Array.from(parts.flatMap((part) => [...part]));
        for (let at = 0; at < all.length; at += step) messages.push(...reader.feed(all.subarray(at, at + step)));
        expect(messages.slice(1)).toEqual(values);
      },
    ),
  );
});

test.each([0, -1, 1.5, CHUNK_SIZE_MAX + 1])('the writer refuses a chunk size of %d', (size) => {
  expect(() => new ChunkWriter().setChunkSize(size)).toThrow(WireError);
});
