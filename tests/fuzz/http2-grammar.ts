/** HTTP/2 that is right in most places: requests, and what has brought down servers of it (RFC 9113, 10.5). */
import { FLAG, FRAME, frame, headerBlock, PREFACE, request, requestFields, SETTING, settings } from '../support/raw-http2.ts';
import { join } from './mutate.ts';
import type { Random } from './random.ts';

const PATHS = [
  '/health',
  '/live/live.flv',
  '/live/live/index.m3u8',
  '/live/live/source/fmp4.m3u8?_HLS_msn=9',
  '/api/streams',
  '/api/streams/live/qoe',
  '/watch/live',
  '/viewer/../../package.json',
  '*',
  '',
];
const METHODS = ['GET', 'GET', 'GET', 'HEAD', 'POST', 'OPTIONS', 'CONNECT', 'PRI', ''];
/** that no request may have (RFC 9113, 8.2), and some that it may */
const FIELDS = [
  ['connection', 'close'],
  ['transfer-encoding', 'chunked'],
  ['Upper', 'case'],
  [':path', '/again'],
  [':status', '200'],
  [':protocol', 'websocket'],
  ['content-length', '5'],
  ['content-length', '-1'],
  ['expect', '100-continue'],
  ['cookie', 'a=b; '.repeat(500)],
  ['range', 'bytes=0-0,-1'],
  ['x', 'y\r\nz: 1'],
  ['te', 'trailers'],
  ['', ''],
] as const;

type Flood = (random: Random, count: number) => Uint8Array[];
const times = (count: number, make: (i: number) => Uint8Array | Uint8Array[]) => Array.from({ length: count }, (_, i) => make(i)).flat();

const FLOODS: Flood[] = [
  // CVE-2023-44487: rapid reset
  (random, count) => times(count, (i) => [request(2 * i + 1, random.pick(PATHS)), frame(FRAME.reset, 0, 2 * i + 1, [0, 0, 0, 8])]),
  // CVE-2024-27983 and others: CONTINUATION without end, and headers that are cut off
  (random, count) => [
    frame(FRAME.headers, 0, 1, headerBlock(requestFields('/health'))),
    ...times(count, () => frame(FRAME.continuation, 0, 1, random.oneIn(2) ? [] : headerBlock([['x', 'y'.repeat(100)]]))),
  ],
  // CVE-2019-9515, -9512, -9518, -9513: settings, pings, empty data, priorities
  (random, count) => times(count, () => settings([random.below(8), random.edgy(32)])),
  (_random, count) => times(count, () => frame(FRAME.ping, 0, 0, new Uint8Array(8))),
  (_random, count) => [
    frame(FRAME.headers, FLAG.endHeaders, 1, headerBlock(requestFields('/api/streams/live/qoe', 'POST'))),
    ...times(count, () => frame(FRAME.data, 0, 1)),
  ],
  (random, count) => times(count, () => frame(FRAME.priority, 0, random.pick([1, 3, 5]), [0x80, 0, 0, random.below(9), 1])),
  // CVE-2019-9511, -9517: windows that stay shut, or are opened by one byte, or too far
  (random, count) => [
    settings([SETTING.initialWindowSize, random.pick([0, 1, 2 ** 31 - 1])]),
    ...times(Math.min(count, 40), (i) => request(2 * i + 1, random.pick(PATHS))),
    ...times(count, () => frame(FRAME.windowUpdate, 0, random.pick([0, 1, 3]), [random.pick([0, 0x7f]), 0, 0, random.below(2)])),
  ],
  // HPACK: one large entry, named again and again
  (_random, count) => [
    frame(FRAME.headers, FLAG.endHeaders | FLAG.endStream, 1, [0x40, 1, 0x78, 127, 0x81, 0x1e, ...new Uint8Array(4_000).fill(0x61)]),
    ...times(Math.min(count, 100), (i) => frame(FRAME.headers, 5, 2 * i + 3, new Uint8Array(1_000).fill(0xbe))),
  ],
];

export function http2(random: Random): Uint8Array {
  const opening = random.oneIn(20) ? new Uint8Array(0) : PREFACE;
  const first = random.oneIn(10) ? new Uint8Array(0) : settings([random.below(10), random.edgy(32)]);
  const flood = random.oneIn(3) ? random.pick(FLOODS)(random, random.pick([5, 150, 1_500])) : [];
  return join(
    opening,
    first,
    ...times(random.below(8), (i) => anyFrame(random, i)),
    ...flood,
    ...times(random.below(3), (i) => anyFrame(random, i)),
  );
}

function anyFrame(random: Random, i: number): Uint8Array {
  const streamId = random.oneIn(6) ? random.edgy(32) : 2 * i + 1;
  if (random.oneIn(2)) {
    const extra = Array.from({ length: random.below(3) }, () => random.pick(FIELDS));
    const block = headerBlock([...requestFields(random.pick(PATHS), random.pick(METHODS)), ...extra]);
    return frame(FRAME.headers, random.oneIn(5) ? random.below(256) : 5, streamId, random.oneIn(5) ? random.bytes(40) : block);
  }
  const type = random.oneIn(6) ? random.below(256) : random.below(10);
  const payload = random.bytes(random.pick([0, 4, 5, 8, 6, 100, 17_000]));
  return frame(
    type,
    random.oneIn(2) ? 0 : random.below(256),
    random.oneIn(3) ? 0 : streamId,
    payload,
    random.oneIn(10) ? random.edgy(24) : undefined,
  );
}
