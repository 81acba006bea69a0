import { describe, expect, test } from 'vitest';
import { BT709_LIMITED } from '../colour.ts';
import { buildOpusHead } from '../opus.ts';
import { fragment } from './fragment.ts';
import { initSegment } from './movie.ts';
import { SampleTable } from './sample-table.ts';
import { type AudioTrack, stsd, type VideoTrack } from './track.ts';

const hex = (...parts: Uint8Array[]) => Buffer.concat(parts).toString('hex');
const ascii = (text: string) => Buffer.from(text).toString('hex');

const video: VideoTrack = {
  kind: 'video',
  id: 1,
  timescale: 30_000,
  startTicks: 2_000,
  widthPx: 320,
  heightPx: 180,
  descriptions: [{ widthPx: 320, heightPx: 180, config: Uint8Array.of(1, 2, 3) }],
  codec: 'h264',
  colour: BT709_LIMITED,
};
const audio: AudioTrack = {
  kind: 'audio',
  id: 2,
  timescale: 48_000,
  startTicks: 2_048,
  channels: 2,
  sampleRateHz: 48_000,
  bitrateBps: 128_000,
  codec: 'aac',
  config: Uint8Array.of(0x11, 0x90),
};

test('a fragment of one picture, byte for byte', () => {
  const sample = { durationTicks: 1_000, compositionOffsetTicks: -1, key: true, data: Uint8Array.of(0xaa, 0xbb) };
  const { bytes, runOffsets } = fragment(5, [{ trackId: 1, decodeTicks: 2 ** 32, samples: [sample] }]);
  expect(hex(bytes)).toBe(
    [
      `00000068${ascii('moof')}`,
      `00000010${ascii('mfhd')}00000000` + '00000005',
      `00000050${ascii('traf')}`,
      `00000010${ascii('tfhd')}00020000` + '00000001',
      `00000014${ascii('tfdt')}01000000` + '0000000100000000',
      `00000024${ascii('trun')}01000f01` + '00000001' + '00000070' + '000003e8' + '00000002' + '02000000' + 'ffffffff',
      `0000000a${ascii('mdat')}aabb`,
    ].join(''),
  );
  expect(runOffsets).toEqual([0x70]);
});

test('the run of each track is found at its offset', () => {
  const sample = (byte: number, size: number, key: boolean) => ({
    durationTicks: 1,
    compositionOffsetTicks: 0,
    key,
    data: new Uint8Array(size).fill(byte),
  });
  const { bytes, runOffsets } = fragment(1, [
    { trackId: 1, decodeTicks: 0, samples: [sample(1, 5, true), sample(2, 3, false)] },
    { trackId: 2, decodeTicks: 0, samples: [sample(3, 4, true)] },
  ]);
  const [first = 0, second = 0] = runOffsets;
  expect([...bytes.subarray(first)]).toEqual([1, 1, 1, 1, 1, 2, 2, 2, 3, 3, 3, 3]);
  expect(second - first).toBe(8);
  expect(hex(bytes)).toContain('01010000'); // the second picture is no sync sample
});

describe('sample descriptions', () => {
  test('of AAC, byte for byte (ISO/IEC 14496-14, 5.6)', () => {
    expect(hex(stsd(audio))).toBe(
      [
        `0000005b${ascii('stsd')}00000000` + '00000001',
        `0000004b${ascii('mp4a')}000000000000` + '0001' + '0000000000000000' + '0002' + '0010' + '00000000' + 'bb800000',
        `00000027${ascii('esds')}00000000`,
        '0319' + '0000' + '00',
        '0411' + '40' + '15' + '000000' + '0001f400' + '0001f400',
        '0502' + '1190',
        '0601' + '02',
      ].join(''),
    );
  });

  test('of H.264 carry the configuration and BT.709 limited', () => {
    const bytes = hex(stsd(video));
    expect(bytes).toContain(`0000000b${ascii('avcC')}010203`);
    expect(bytes).toContain(`00000013${ascii('colr')}${ascii('nclx')}00010001000100`);
    expect(bytes).toContain('014000b4'); // 320 × 180
  });

  test.each([
    ['hevc', 'hvc1', 'hvcC'],
    ['av1', 'av01', 'av1C'],
  ] as const)('of %s are %s with %s', (codec, entry, record) => {
    const bytes = hex(stsd({ ...video, codec }));
    expect(bytes).toContain(ascii(entry));
    expect(bytes).toContain(`0000000b${ascii(record)}010203`);
    expect(hex(initSegment([{ ...video, codec }], 0)).slice(0, 64)).toContain(ascii(entry)); // a brand of its own
  });

  test('of Opus, byte for byte (Opus in ISOBMFF, 4.3.2): what the edit list leaves out is the pre-skip', () => {
    const config = buildOpusHead({ channels: 2, preSkipSamples: 312, sourceRateHz: 48_000, outputGain: -1, mapping: null });
    expect(hex(stsd({ ...audio, codec: 'opus', startTicks: 3_840, config }))).toBe(
      [
        `00000047${ascii('stsd')}00000000` + '00000001',
        `00000037${ascii('Opus')}000000000000` + '0001' + '0000000000000000' + '0002' + '0010' + '00000000' + 'bb800000',
        `00000013${ascii('dOps')}` + '00' + '02' + '0f00' + '0000bb80' + 'ffff' + '00',
      ].join(''),
    );
  });
});

test('an init segment hides what comes before each track’s start', () => {
  const bytes = hex(initSegment([video, audio], 0));
  const edit = (mediaTicks: string) => `${ascii('elst')}01000000` + '00000001' + '0000000000000000' + mediaTicks + '00010000';
  expect(bytes).toContain(edit('00000000000007d0'));
  expect(bytes).toContain(edit('0000000000000800'));
  expect(bytes.split(ascii('trex'))).toHaveLength(3);
});

describe('sample tables', () => {
  const sample = (decodeTicks: number, changes = {}) => ({
    decodeTicks,
    durationTicks: 10,
    compositionOffsetTicks: 0,
    key: true,
    sizeBytes: 4,
    ...changes,
  });
  const named = (table: SampleTable, type: string) => {
    const found = table.boxes().find((bytes) => hex(bytes.subarray(4, 8)) === ascii(type));
    return found ? hex(found.subarray(12)) : null;
  };

  test('keep runs as runs, and a gap as the length of the sample before it', () => {
    const table = new SampleTable();
    table.addChunk(100, [sample(0), sample(10), sample(20)]);
    table.addChunk(200, [sample(100), sample(110), sample(120)]);
    expect(named(table, 'stts')).toBe('00000003' + '000000020000000a' + '0000000100000050' + '000000030000000a');
    expect(named(table, 'stsc')).toBe('00000001' + '000000010000000300000001');
    expect(named(table, 'co64')).toBe('00000002' + '0000000000000064' + '00000000000000c8');
    expect(named(table, 'stsz')).toBe('00000000' + '00000006' + '00000004'.repeat(6));
    expect([table.startTicks, table.endTicks, table.count]).toEqual([0, 130, 6]);
  });

  test('a table where all are keys has no stss, one without offsets no ctts', () => {
    const table = new SampleTable();
    table.addChunk(0, [sample(0)]);
    expect([named(table, 'stss'), named(table, 'ctts')]).toEqual([null, null]);
  });

  test('B-frames: signed offsets, keys by number, and the end that is shown', () => {
    const table = new SampleTable();
    table.addChunk(0, [
      sample(0, { compositionOffsetTicks: 10 }),
      sample(10, { compositionOffsetTicks: 20, key: false }),
      sample(20, { compositionOffsetTicks: -10, key: false }),
    ]);
    expect(named(table, 'ctts')).toBe('00000003' + '000000010000000a' + '0000000100000014' + '00000001fffffff6');
    expect(named(table, 'stss')).toBe('00000001' + '00000001');
    expect([table.endTicks, table.presentedEndTicks]).toEqual([30, 40]);
  });

  test('a chunk of another description begins a new run', () => {
    const table = new SampleTable();
    table.addChunk(0, [sample(0)]);
    table.addChunk(9, [sample(10)], 2);
    expect(named(table, 'stsc')).toBe('00000002' + '000000010000000100000001' + '000000020000000100000002');
  });
});
