/**
 * Structure-aware inputs: RTMP, AMF and FLV that are right in most places, so that they come far, and wrong in one. The
 * writers are of their own making, since ours refuse to write what is wrong.
 */
import { createHmac } from 'node:crypto';
import { join } from './mutate.ts';
import type { Random } from './random.ts';

const text = (value: string) => new TextEncoder().encode(value);

function number(value: number, count: number): Uint8Array {
  return Uint8Array.from({ length: count }, (_, i) => Math.floor(value / 256 ** (count - 1 - i)) & 0xff);
}

const NAMES = [
  'connect',
  'createStream',
  'releaseStream',
  'FCPublish',
  'publish',
  'play',
  'deleteStream',
  'closeStream',
  'FCUnpublish',
  '_checkbw',
  'onStatus',
  '@setDataFrame',
  'onMetaData',
  'x'.repeat(65),
];
const TEXTS = [
  'live',
  'live?key=sesame',
  'sesame',
  'live?video=1',
  'live?audio=99',
  'rtmp://127.0.0.1/live',
  '../../etc/passwd',
  'a'.repeat(300),
  '',
  '\u0000',
  '$(reboot)',
  '<script>',
  'é\ud800',
];
const KEYS = [
  'app',
  'tcUrl',
  'tcurl',
  'capsEx',
  'fourCcList',
  'videoFourCcInfoMap',
  'objectEncoding',
  'videocodecid',
  'audioTrackIdInfoMap',
  'width',
  '__proto__',
  'constructor',
  '',
];

export function amfValue(random: Random, depth = 0): Uint8Array {
  const deep = depth > 20 || random.oneIn(3);
  switch (random.below(deep ? 9 : 14)) {
    case 0:
    case 1:
      return join(Uint8Array.of(2), number(0, 1), ...amfText(random));
    case 2:
      return join(Uint8Array.of(0), random.oneIn(4) ? random.bytes(8) : number(random.below(9), 8));
    case 3:
      return Uint8Array.of(1, random.below(3));
    case 4:
      return Uint8Array.of(random.pick([5, 6, 13]));
    case 5:
      return join(Uint8Array.of(11), random.bytes(8), random.bytes(2));
    case 6:
      return join(Uint8Array.of(random.pick([12, 15])), number(random.oneIn(5) ? random.edgy(32) : 3, 4), text('abc'));
    case 7:
      return Uint8Array.of(random.pick([4, 7, 9, 14, 17, 255]));
    case 8:
      return join(Uint8Array.of(2), number(random.oneIn(9) ? random.edgy(16) : 4, 2), text('live'));
    case 9:
      return join(
        Uint8Array.of(10),
        number(random.oneIn(5) ? random.edgy(32) : 2, 4),
        amfValue(random, depth + 1),
        amfValue(random, depth + 1),
      );
    default: {
      const head = random.pick([
        Uint8Array.of(3),
        join(Uint8Array.of(8), number(random.edgy(32), 4)),
        join(Uint8Array.of(16), number(1, 2), text('C')),
      ]);
      const entries = Array.from({ length: random.below(4) }, () => join(...keyed(random.pick(KEYS)), amfValue(random, depth + 1)));
      return join(head, ...entries, random.oneIn(12) ? new Uint8Array(0) : Uint8Array.of(0, 0, 9));
    }
  }
}

const amfText = (random: Random) => {
  const value = text(random.pick(TEXTS));
  return [number(value.length, 1), value]; // behind one zero byte: 16 bits of length
};
const keyed = (key: string) => [number(text(key).length, 2), text(key)];
const string = (value: string) => join(Uint8Array.of(2), number(text(value).length, 2), text(value));

/** Of a few hundred levels: what recursion without a bound dies of. */
const nested = (random: Random) => join(...Array.from({ length: random.pick([15, 17, 3_000]) }, () => Uint8Array.of(3, 0, 1, 0x61)));

export function amfMessage(random: Random): Uint8Array {
  if (random.oneIn(20)) return join(string('connect'), nested(random));
  const name = random.oneIn(10) ? amfValue(random) : string(random.pick(NAMES));
  const values = Array.from({ length: random.below(4) }, () => amfValue(random));
  return join(name, join(Uint8Array.of(0), number(random.below(9), 8)), ...values);
}

/** FLV tag bodies, old and extended, with pictures that are none. */
export function mediaBody(random: Random, kind: 'video' | 'audio'): Uint8Array {
  const payload = random.bytes(random.pick([0, 1, 5, 40, 900]));
  if (random.oneIn(3)) {
    const extended = kind === 'video' ? 0x80 | (random.below(8) << 4) | random.below(10) : 0x90 | random.below(10);
    const fourCc = text(random.pick(['avc1', 'hvc1', 'av01', 'vp09', 'Opus', 'mp4a', 'fLaC', '????']));
    const several = [
      Uint8Array.of(random.pick([0x00, 0x01, 0x10, 0x11, 0x20, 0x21, 0xff])),
      fourCc,
      Uint8Array.of(random.below(4)),
      number(random.oneIn(3) ? random.edgy(24) : payload.length, 3),
    ];
    const modEx = [Uint8Array.of(random.pick([0, 2, 255])), random.bytes(3), Uint8Array.of(random.below(16))];
    const middle = random.pick([[fourCc], several, [...modEx, fourCc], [...modEx, ...several]]);
    return join(Uint8Array.of(extended), ...middle, payload);
  }
  if (kind === 'audio')
    return join(
      Uint8Array.of(random.pick([0xaf, 0xaf, 0x2f, random.below(256)]), random.pick([0, 1, 1, 7])),
      random.oneIn(2) ? Uint8Array.of(0x11, 0x90) : payload,
    );
  const composition = number(random.oneIn(5) ? random.edgy(24) : 0, 3);
  const packet = random.pick([0, 1, 1, 1, 2, 9]);
  const data = packet === 0 ? avcConfig(random) : nalUnits(random, payload);
  return join(Uint8Array.of(random.pick([0x17, 0x27, 0x27, 0x57, 0x12, random.below(256)]), packet), composition, data);
}

/** A configuration record whose counts and lengths may be anything. */
function avcConfig(random: Random): Uint8Array {
  const sps = random.oneIn(2)
    ? Uint8Array.from(Buffer.from('6742c01fda014016ec0440000003004000000f03c60ca8', 'hex'))
    : random.bytes(random.below(40));
  const pps = Uint8Array.of(0x68, 0xcb, 0x83, 0xcb, 0x20);
  const counts = random.oneIn(4) ? [random.edgy(8), random.edgy(8)] : [0xe1, 1];
  const lengthOf = (bytes: Uint8Array) => number(random.oneIn(6) ? random.edgy(16) : bytes.length, 2);
  return join(
    Uint8Array.of(1, 0x42, 0xc0, 0x1f, 0xff, counts[0] as number),
    lengthOf(sps),
    sps,
    Uint8Array.of(counts[1] as number),
    lengthOf(pps),
    pps,
  );
}

function nalUnits(random: Random, payload: Uint8Array): Uint8Array {
  const units = Array.from({ length: 1 + random.below(4) }, () => {
    const unit = join(Uint8Array.of(random.pick([0x65, 0x41, 0x06, 0x67, 0x68, random.below(256)])), payload.subarray(0, random.below(60)));
    return join(number(random.oneIn(6) ? random.edgy(32) : unit.length, 4), unit);
  });
  return join(...units);
}

export function flvFile(random: Random): Uint8Array {
  const tags = Array.from({ length: random.below(12) }, () => {
    const type = random.pick([8, 9, 9, 18, random.below(256)]);
    const data = type === 18 ? amfMessage(random) : mediaBody(random, type === 8 ? 'audio' : 'video');
    const size = random.oneIn(10) ? random.edgy(24) : data.length;
    return join(Uint8Array.of(type), number(size, 3), number(random.edgy(32), 4), number(0, 3), data, number(11 + size, 4));
  });
  return join(random.oneIn(12) ? random.bytes(13) : Uint8Array.of(0x46, 0x4c, 0x56, 1, 5, 0, 0, 0, 9, 0, 0, 0, 0), ...tags);
}

/** C0, C1 and C2: simple, by digest in either schema, with a digest that is wrong, of another protocol, or cut off. */
export function handshake(random: Random): Uint8Array {
  const c1 = random.bytes(1_536);
  c1.fill(0, 4, 8);
  const schema = random.below(4);
  if (schema < 2) signDigest(c1, schema);
  if (schema === 2) c1.set([9, 0, 124, 2], 4);
  const all = join(Uint8Array.of(random.oneIn(12) ? random.below(256) : 3), c1, random.bytes(1_536));
  return random.oneIn(15) ? all.subarray(0, random.below(all.length)) : all;
}

function signDigest(c1: Uint8Array, schema: number): void {
  c1.set([10, 0, 45, 2], 4);
  const base = schema === 0 ? 8 : 772;
  const at = base + 4 + (((c1[base] as number) + (c1[base + 1] as number) + (c1[base + 2] as number) + (c1[base + 3] as number)) % 728);
  const around = join(c1.subarray(0, at), c1.subarray(at + 32));
  c1.set(createHmac('sha256', 'Genuine Adobe Flash Player 001').update(around).digest(), at);
}

interface Message {
  type: number;
  streamId: number;
  payload: Uint8Array;
}

function anyMessage(random: Random): Message {
  const type = random.pick([1, 2, 3, 4, 5, 6, 8, 9, 9, 9, 15, 17, 18, 20, 20, 20, 22, random.below(256)]);
  const streamId = random.pick([0, 1, 1, 2, 9, random.edgy(32)]);
  return { type, streamId, payload: payloadOf(random, type) };
}

function payloadOf(random: Random, type: number): Uint8Array {
  if (type === 1)
    return number(random.pick([0, 1, 128, 4_096, 60_000, 0x7fffffff, 0x80000000, random.edgy(32)]), random.pick([4, 4, 4, 0, 2, 9]));
  if (type < 7) return random.oneIn(4) ? random.bytes(random.below(8)) : number(random.edgy(32), 4);
  if (type === 8) return mediaBody(random, 'audio');
  if (type === 9) return mediaBody(random, 'video');
  if (type === 15 || type === 17) return join(new Uint8Array(random.below(3)), amfMessage(random));
  if (type === 18 || type === 20) return amfMessage(random);
  if (type !== 22) return random.bytes(random.below(40));
  const parts = Array.from({ length: random.below(5) }, () => {
    const { type: inner, payload } = anyPart(random);
    return join(
      Uint8Array.of(inner),
      number(random.oneIn(8) ? random.edgy(24) : payload.length, 3),
      number(random.edgy(32), 4),
      number(0, 3),
      payload,
      number(11 + payload.length, 4),
    );
  });
  return join(...parts);
}

const anyPart = (random: Random): Omit<Message, 'streamId'> => {
  const type = random.pick([8, 9, 18, 22, 1, 20]);
  return { type, payload: type === 22 ? new Uint8Array(12) : payloadOf(random, type) };
};

const named = (name: string, ...values: Uint8Array[]): Message => ({
  type: 20,
  streamId: 1,
  payload: join(string(name), join(Uint8Array.of(0), number(0x3ff00000, 4), number(0, 4)), ...values),
});

/** What brings a connection as far as publishing, so that the media behind it is listened to. */
const GREETING: Message[] = [
  named(
    'connect',
    join(
      Uint8Array.of(3),
      ...keyed('app'),
      string('live'),
      ...keyed('fourCcList'),
      Uint8Array.of(10),
      number(1, 4),
      string('*'),
      Uint8Array.of(0, 0, 9),
    ),
  ),
  named('createStream', Uint8Array.of(5)),
  named('publish', Uint8Array.of(5), string('live?key=sesame'), string('live')),
];
const PLAY = named('play', Uint8Array.of(5), string('live'));

/** Messages in chunks, of any form and size. @param greets begins with connect and publish or play */
export function chunks(random: Random, greets: boolean): Uint8Array {
  const writer = new LooseChunks(random);
  const greeting = greets ? [...GREETING.slice(0, 2), random.oneIn(4) ? PLAY : (GREETING[2] as Message)] : [];
  const messages = [...greeting, ...Array.from({ length: random.below(30) }, () => anyMessage(random))];
  return join(...messages.map((message) => writer.write(message)));
}

/** Writes chunks by the rules in most places; where not, what follows may be read as anything. */
class LooseChunks {
  readonly #random: Random;
  #size = 128;
  #timeMs = 0;

  constructor(random: Random) {
    this.#random = random;
  }

  write(message: Message): Uint8Array {
    const random = this.#random;
    const id = random.oneIn(8) ? random.pick([2, 63, 64, 319, 320, 65_599, random.below(65_600)]) : 3 + random.below(4);
    const format = random.oneIn(6) ? random.below(4) : 0;
    this.#timeMs += random.below(40);
    const time = random.oneIn(12) ? random.edgy(32) : this.#timeMs;
    const length = random.oneIn(25) ? random.edgy(24) : message.payload.length;
    const extended = time >= 0xffffff ? [number(time, 4)] : [];
    const fields = [
      number(Math.min(time, 0xffffff), 3),
      join(number(length, 3), Uint8Array.of(message.type)),
      number(message.streamId, 4).reverse(),
    ];
    const out = [basicHeader(format, id), ...fields.slice(0, 3 - format), ...extended];
    for (let at = 0; at === 0 || at < message.payload.length; at += this.#size) {
      if (at > 0) out.push(basicHeader(random.oneIn(30) ? random.below(4) : 3, id), ...(random.oneIn(4) ? [] : extended));
      out.push(message.payload.subarray(at, at + this.#size));
    }
    if (message.type === 1 && message.payload.length >= 4)
      this.#size = Math.max(1, new DataView(message.payload.buffer, message.payload.byteOffset).getUint32(0) & 0xffffff);
    return join(...out);
  }
}

function basicHeader(format: number, id: number): Uint8Array {
  if (id >= 2 && id < 64) return Uint8Array.of((format << 6) | id);
  if (id < 320) return Uint8Array.of(format << 6, (id - 64) & 0xff);
  return Uint8Array.of((format << 6) | 1, (id - 64) & 0xff, (id - 64) >> 8);
}

const PATHS = [
  '/',
  '/health',
  '/watch/live',
  '/live/live.flv',
  '/live/live/index.m3u8',
  '/live/live/ts.m3u8',
  '/live/live/source/fmp4.m3u8',
  '/live/live/source/1.m4s',
  '/live/live/source/p1.m4s',
  '/viewer/x.js',
  '/api/streams',
  '/api/streams/live',
  '/api/streams/live/qoe',
  '/api/streams/live/keyframe',
  '/live/live/480p.flv',
  '/api/time',
  '/metrics',
  '/../../etc/passwd',
  '/%2e%2e/%00',
  '/live/%ff.flv',
];
const QUERIES = [
  '',
  '?',
  '?key=sesame',
  '?_HLS_msn=1&_HLS_part=0',
  '?_HLS_msn=99999999999999999999',
  '?_HLS_part=1',
  '?viewer=0123',
  '?callback=alert(1)',
  '?video=1&audio=-1',
  '?time=1',
  `?${'a'.repeat(3_000)}`,
];
const HEADERS = [
  'Range: bytes=0-1',
  'Range: bytes=5-2,-0,999999999999999999999-',
  'If-None-Match: *',
  'Content-Length: 5',
  'Content-Length: -1',
  'Transfer-Encoding: chunked',
  'Connection: upgrade\r\nUpgrade: h2c',
  'Expect: 100-continue',
  'Origin: https://evil.example',
  'Origin: null',
  'Accept-Encoding: gzip',
  'Sec-Fetch-Site: cross-site',
  `X: ${'y'.repeat(9_000)}`,
  'Bad Header: x',
  ': x',
  'X\u0000: y',
  'Cookie: a=b',
];
const UPGRADE = 'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==';

/** Requests, one behind the other on one connection. */
export function httpRequests(random: Random): Uint8Array {
  const requests = Array.from({ length: 1 + random.below(4) }, () => {
    const method = random.pick(['GET', 'GET', 'GET', 'HEAD', 'OPTIONS', 'POST', 'PUT', 'TRACE', 'PRI', 'gEt', 'X'.repeat(300)]);
    const version = random.pick(['HTTP/1.1', 'HTTP/1.1', 'HTTP/1.0', 'HTTP/2.0', 'HTTP/9', '']);
    const headers = Array.from({ length: random.below(4) }, () => random.pick(HEADERS));
    const host = random.oneIn(6)
      ? []
      : [`Host: ${random.pick(['127.0.0.1', '127.0.0.1', '127.0.0.1', 'evil.example', '[::1]', 'a@b', ''])}`];
    return text(
      [`${method} ${random.pick(PATHS)}${random.pick(QUERIES)} ${version}`, ...host, ...headers, '', random.oneIn(3) ? 'hello' : ''].join(
        '\r\n',
      ),
    );
  });
  return join(...requests);
}

/** A WebSocket's opening and then frames. @see RFC 6455, 5.2 */
export function webSocket(random: Random, path: string): Uint8Array {
  const opening = text(`GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\n${random.oneIn(10) ? '' : UPGRADE}\r\n\r\n`);
  return join(opening, webSocketFrames(random));
}

export function webSocketFrames(random: Random): Uint8Array {
  const frames = Array.from({ length: random.below(12) }, () => {
    const payload = random.oneIn(3)
      ? text(random.pick(['{}', '{"type":"hello"}', '[', '"']))
      : random.bytes(random.pick([0, 1, 20, 125, 126, 70_000]));
    const first = random.oneIn(5) ? random.below(256) : 0x80 | random.pick([0, 1, 2, 8, 9, 10]);
    const stated = random.oneIn(10) ? random.edgy(32) : payload.length;
    const masked = random.oneIn(10) ? 0 : 0x80;
    const length =
      stated < 126
        ? [masked | stated]
        : stated < 65_536
          ? [masked | 126, stated >> 8, stated & 0xff]
          : [masked | 127, 0, 0, 0, 0, ...number(stated, 4)];
    return join(Uint8Array.of(first, ...length), masked ? new Uint8Array(4) : new Uint8Array(0), payload);
  });
  return join(...frames);
}
