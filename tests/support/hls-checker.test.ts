/** The checker finds what it is for: a playlist that keeps the rules, with one thing broken at a time. */
import { expect, test } from 'vitest';
import { checkMasterPlaylist, compareVariants, PlaylistFollower, parseMediaPlaylist } from './hls-checker.ts';

const GOOD = `#EXTM3U
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
#EXT-X-PROGRAM-DATE-TIME:2026-01-01T00:00:16.000Z
#EXTINF:2,
8.m4s
#EXT-X-PROGRAM-DATE-TIME:2026-01-01T00:00:18.000Z
#EXTINF:2,
9.m4s
#EXT-X-DISCONTINUITY
#EXT-X-MAP:URI="i2.mp4"
#EXT-X-PROGRAM-DATE-TIME:2026-01-01T00:00:20.000Z
#EXT-X-PART:DURATION=0.333,URI="p1.m4s",INDEPENDENT=YES
#EXT-X-PART:DURATION=0.334,URI="p2.m4s"
#EXT-X-PART:DURATION=0.1,URI="p3.m4s"
#EXTINF:0.767,
10.m4s
#EXT-X-PROGRAM-DATE-TIME:2026-01-01T00:00:20.767Z
#EXT-X-PART:DURATION=0.334,URI="p4.m4s",INDEPENDENT=YES
#EXT-X-PART:DURATION=0.333,URI="p5.m4s"
#EXT-X-PRELOAD-HINT:TYPE=PART,URI="p6.m4s"
`;

test('what keeps the rules is read, and not complained of', () => {
  const complaints: string[] = [];
  const { segments, hintUri, partTargetS } = parseMediaPlaylist(GOOD, complaints);
  expect(complaints).toEqual([]);
  expect(segments.map(({ msn, uri, discontinuity, mapUri }) => `${msn} ${uri} ${discontinuity} ${mapUri}`)).toEqual([
    '7 7.m4s 3 i1.mp4',
    '8 8.m4s 3 i1.mp4',
    '9 9.m4s 3 i1.mp4',
    '10 10.m4s 4 i2.mp4',
    '11 null 4 i2.mp4',
  ]);
  expect([hintUri, partTargetS]).toEqual(['p6.m4s', 0.336]);
});

test.each([
  ['#EXTM3U\n', '', '4.4.1.1'],
  ['#EXT-X-TARGETDURATION:2', '#EXT-X-TARGETDURATION:1', '4.4.3.1'],
  ['#EXTINF:2,\n8', '#EXTINF:2.6,\n8', '4.4.3.1'],
  ['#EXTINF:2,\n7', '7', '4.4.4.1'],
  ['CAN-SKIP-UNTIL=12', 'CAN-SKIP-UNTIL=11', '4.4.3.8'],
  ['HOLD-BACK=6', 'HOLD-BACK=5', '4.4.3.8'],
  ['PART-HOLD-BACK=1.008', 'PART-HOLD-BACK=0.5', '4.4.3.8'],
  ['PART-HOLD-BACK=1.008,', '', '4.4.3.8'],
  ['#EXT-X-PART-INF:PART-TARGET=0.336\n', '', '4.4.3.7'],
  ['DURATION=0.334,URI="p2', 'DURATION=0.34,URI="p2', '4.4.4.9'],
  ['DURATION=0.334,URI="p2', 'DURATION=0.28,URI="p2', '4.4.4.9'],
  ['#EXTINF:0.767', '#EXTINF:0.9', '4.4.4.9'],
  ['#EXT-X-PRELOAD', '#EXT-X-MAP:URI="late.mp4"\n#EXT-X-PRELOAD', '4.4.4.9'],
  ['#EXTINF:2,\n7', '#EXT-X-PART:DURATION=0.3,URI="old"\n#EXTINF:2,\n6.m4s\n#EXTINF:2,\n7', '6.2.2'],
  ['18.000Z', '18.000', '4.4.4.6'],
  ['VERSION:9', 'VERSION:5', '8:'],
  ['#EXT-X-MAP:URI="i1.mp4"', '#EXT-X-MAP:URI=i1.mp4', '4.4.4.5'],
  ['#EXT-X-MEDIA-SEQUENCE:7', '#EXT-X-MEDIA-SEQUENCE:-7', '4.4.3.2'],
  ['#EXT-X-PRELOAD', '#EXT-X-ENDLIST\n#EXT-X-PRELOAD', '4.4.3.4'],
])('%j for %j breaks %s', (from, to, clause) => {
  expect(GOOD).toContain(from);
  const complaints: string[] = [];
  parseMediaPlaylist(GOOD.replace(from, to), complaints);
  expect(
    complaints.some((complaint) => complaint.startsWith(clause)),
    complaints.join('; '),
  ).toBe(true);
});

test.each([
  ['the target duration', 'TARGETDURATION:2', 'TARGETDURATION:3'],
  ['the part target', 'PART-TARGET=0.336', 'PART-TARGET=0.34'],
  ['media sequence number fell', 'MEDIA-SEQUENCE:7', 'MEDIA-SEQUENCE:6'],
  ['discontinuity sequence number fell', 'DISCONTINUITY-SEQUENCE:3', 'DISCONTINUITY-SEQUENCE:2'],
  ['the URI', '8.m4s', '8b.m4s'],
  ['the duration', '#EXTINF:2,\n8', '#EXTINF:1.9,\n8'],
  ['the date', '16.000Z', '16.100Z'],
  ['part 1', '"p5.m4s"', '"p5b.m4s"'],
])('%s changed from one version to the next', (what, from, to) => {
  const follower = new PlaylistFollower();
  follower.take(GOOD);
  follower.take(GOOD);
  expect(follower.complaints).toEqual([]);
  follower.take(GOOD.replace(from, to));
  expect(
    follower.complaints.some((complaint) => complaint.includes(what)),
    follower.complaints.join('; '),
  ).toBe(true);
});

test('a master playlist needs bandwidth, codecs and a URI', () => {
  const good = '#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1,CODECS="avc1.42c01f,mp4a.40.2",FRAME-RATE=29.970\na.m3u8\n';
  expect(checkMasterPlaylist(good).complaints).toEqual([]);
  for (const part of ['BANDWIDTH=1,', 'CODECS="avc1.42c01f,mp4a.40.2",', 'a.m3u8\n']) {
    expect(checkMasterPlaylist(good.replace(part, '')).complaints.length, part).toBeGreaterThan(0);
  }
});

test.each([
  ['', '', null],
  ['TARGETDURATION:2', 'TARGETDURATION:3', 'target durations'],
  ['PART-TARGET=0.336', 'PART-TARGET=0.4', 'part targets'],
  ['DISCONTINUITY-SEQUENCE:3', 'DISCONTINUITY-SEQUENCE:4', 'discontinuity numbers'],
  ['00:00:16.000Z\n#EXTINF:2,', '00:00:16.000Z\n#EXTINF:1,', 'lasts 1 s here'],
  ['T00:00:18.000Z', 'T00:00:17.500Z', 'begins where the other'],
  [/T00:/g, 'T01:', 'of the same time'],
] as const)('two variants of a show: %s against %s', (good, bad, complaint) => {
  const complaints = compareVariants(parseMediaPlaylist(GOOD), parseMediaPlaylist(GOOD.replace(good, bad)));
  if (complaint === null) expect(complaints).toEqual([]);
  else expect(complaints.join()).toContain(complaint);
});
