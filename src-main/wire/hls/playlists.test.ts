import { describe, expect, test } from 'vitest';
import { aacCodec, av1Codec, avcCodec, hevcCodec } from './codec-strings.ts';
import { writeMasterPlaylist } from './master-playlist.ts';
import { type MediaPlaylist, type PlaylistSegment, writeMediaPlaylist } from './media-playlist.ts';

const bytes = (hex: string) => Uint8Array.from(Buffer.from(hex, 'hex'));

function segment(n: number, change: Partial<PlaylistSegment> = {}): PlaylistSegment {
  return {
    uri: `${n}.m4s`,
    durationS: 2,
    programDateTimeMs: Date.UTC(2026, 0, 1) + n * 2_000,
    discontinuities: 0,
    mapUri: 'i1.mp4',
    parts: [],
    ...change,
  };
}

const lowLatency: MediaPlaylist = {
  targetDurationS: 2,
  mediaSequence: 7,
  discontinuitySequence: 3,
  segments: [
    segment(7),
    segment(8, {
      discontinuities: 1,
      mapUri: 'i2.mp4',
      parts: [
        { uri: 'p1.m4s', durationS: 0.333, independent: true },
        { uri: 'p2.m4s', durationS: 0.3, independent: false },
      ],
    }),
    segment(9, { uri: null, durationS: 0.334, mapUri: 'i2.mp4', parts: [{ uri: 'p3.m4s', durationS: 0.334, independent: true }] }),
  ],
  lowLatency: { partTargetS: 0.336, hintUri: 'p4.m4s', reports: [{ uri: '../low/fmp4.m3u8', lastMsn: 9, lastPart: 0 }] },
};

test('a low-latency playlist, line by line', () => {
  expect(writeMediaPlaylist(lowLatency)).toBe(`#EXTM3U
#EXT-X-VERSION:9
#EXT-X-TARGETDURATION:2
#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,CAN-SKIP-UNTIL=12,PART-HOLD-BACK=1.008,HOLD-BACK=6
#EXT-X-PART-INF:PART-TARGET=0.336
#EXT-X-MEDIA-SEQUENCE:7
#EXT-X-DISCONTINUITY-SEQUENCE:3
#EXT-X-MAP:URI="i1.mp4"
#EXT-X-PROGRAM-DATE-TIME:2026-01-01T00:00:14.000Z
#EXTINF:2,
7.m4s
#EXT-X-DISCONTINUITY
#EXT-X-MAP:URI="i2.mp4"
#EXT-X-PROGRAM-DATE-TIME:2026-01-01T00:00:16.000Z
#EXT-X-PART:DURATION=0.333,URI="p1.m4s",INDEPENDENT=YES
#EXT-X-PART:DURATION=0.3,URI="p2.m4s"
#EXTINF:2,
8.m4s
#EXT-X-PROGRAM-DATE-TIME:2026-01-01T00:00:18.000Z
#EXT-X-PART:DURATION=0.334,URI="p3.m4s",INDEPENDENT=YES
#EXT-X-PRELOAD-HINT:TYPE=PART,URI="p4.m4s"
#EXT-X-RENDITION-REPORT:URI="../low/fmp4.m3u8",LAST-MSN=9,LAST-PART=0
`);
});

describe('delta updates', () => {
  const long = { ...lowLatency, segments: Array.from({ length: 30 }, (_, i) => segment(i)) };

  test('what ends before the skip boundary is counted, and nothing else is missing', () => {
    const full = writeMediaPlaylist(long).split('\n');
    const delta = writeMediaPlaylist(long, { skip: true }).split('\n');
    const skip = delta.findIndex((line) => line.startsWith('#EXT-X-SKIP'));
    // the boundary is 12 s, so that six segments of 2 s stay, and the one that ends at it
    expect(delta[skip]).toBe('#EXT-X-SKIP:SKIPPED-SEGMENTS=24');
    const rest = delta.slice(skip + 1);
    expect(rest).toEqual(full.slice(-rest.length));
    expect(delta.slice(0, skip)).toEqual(full.slice(0, skip));
  });

  test('where there is nothing to skip the playlist is whole', () => {
    expect(writeMediaPlaylist(lowLatency, { skip: true })).toBe(writeMediaPlaylist(lowLatency));
  });
});

test('a playlist of MPEG-TS has whole segments alone', () => {
  const segments = [segment(1, { uri: '1.ts', mapUri: null, durationS: 1.99999 })];
  const text = writeMediaPlaylist({ ...lowLatency, segments, lowLatency: null }, { skip: true });
  expect(text).toContain('#EXT-X-VERSION:3\n');
  expect(text).toContain('#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,HOLD-BACK=6\n');
  expect(text).toContain('#EXTINF:1.99999,\n1.ts\n');
  expect(text).not.toMatch(/PART|SKIP|MAP/);
});

test('a master playlist over several rungs', () => {
  const picture = { widthPx: 1280, heightPx: 720, frameRate: 30_000 / 1_001 };
  const variants = [
    { uri: 'source/fmp4.m3u8?viewer=1', peakBps: 3_000_000.4, averageBps: 2_400_000, codecs: ['avc1.64001f', 'mp4a.40.2'], picture },
    { uri: 'sound/fmp4.m3u8', peakBps: 128_000, averageBps: 128_000, codecs: ['mp4a.40.2'], picture: null },
  ];
  expect(writeMasterPlaylist(variants)).toBe(`#EXTM3U
#EXT-X-VERSION:6
#EXT-X-STREAM-INF:BANDWIDTH=3000001,AVERAGE-BANDWIDTH=2400000,CODECS="avc1.64001f,mp4a.40.2",RESOLUTION=1280x720,FRAME-RATE=29.970,CLOSED-CAPTIONS=NONE
source/fmp4.m3u8?viewer=1
#EXT-X-STREAM-INF:BANDWIDTH=128000,AVERAGE-BANDWIDTH=128000,CODECS="mp4a.40.2",CLOSED-CAPTIONS=NONE
sound/fmp4.m3u8
`);
});

describe('codec names', () => {
  test('H.264 and AAC', () => {
    expect(avcCodec(bytes('0164001fffe1000467640a1f01000168'))).toBe('avc1.64001f');
    expect(aacCodec(bytes('1190'))).toBe('mp4a.40.2');
    expect(aacCodec(bytes('2b92'))).toBe('mp4a.40.5');
  });

  test('HEVC: compatibility bits in reverse, constraints without zeros behind', () => {
    // Main, level 3.1, compatible with Main and Main 10, progressive and frame-only; no parameter sets
    expect(hevcCodec(bytes('01' + '01' + '60000000' + '900000000000' + '5d' + 'f000fcfdf8f800000f' + '00'))).toBe('hvc1.1.6.L93.90');
  });

  test('AV1', () => {
    expect(av1Codec(bytes('81000c000a0e000000043cfecc02f81010101040'))).toBe('av01.0.00M.08');
  });
});
