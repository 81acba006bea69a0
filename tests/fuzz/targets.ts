/**
 * What the fuzzers feed, within this process: each parser by itself, and the whole way of a connection's bytes through
 * session, hub and outputs. A target may refuse an input in the ways its code has for that; anything else thrown is found.
 */
import { createHmac } from 'node:crypto';
import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { Access } from '../../src-main/server/access/access.ts';
import { AddressLimits } from '../../src-main/server/access/address-limits.ts';
import { StreamKeys } from '../../src-main/server/access/stream-keys.ts';
import { Hub } from '../../src-main/server/hub/hub.ts';
import { inspectAudio, inspectVideo } from '../../src-main/server/hub/inspect.ts';
import type { LiveStream } from '../../src-main/server/hub/live-stream.ts';
import { splitTracks } from '../../src-main/server/hub/split-tracks.ts';
import { RtmpConnection } from '../../src-main/server/ingest/rtmp-connection.ts';
import { RtmpSession } from '../../src-main/server/ingest/rtmp-session.ts';
import { SERVER_LIMITS } from '../../src-main/server/limits.ts';
import { HlsOutputs } from '../../src-main/server/out/hls/outputs.ts';
import { decode } from '../../src-main/wire/amf0.ts';
import { FlvReader, parseAudioBody, parseMetadata, parseVideoBody, TAG } from '../../src-main/wire/flv.ts';
import { parseExAudioBody } from '../../src-main/wire/flv-extended-audio.ts';
import { parseExVideoBody } from '../../src-main/wire/flv-extended-video.ts';
import { ChunkReader } from '../../src-main/wire/rtmp/chunk.ts';
import { decodeCommand } from '../../src-main/wire/rtmp/command.ts';
import { ClientHandshake, RANDOM_BYTES, ServerHandshake } from '../../src-main/wire/rtmp/handshake.ts';
import { parseBody } from '../../src-main/wire/rtmp/message.ts';
import { WireError } from '../../src-main/wire/wire-error.ts';
import { amfMessage, chunks, flvFile, handshake } from './grammar.ts';
import { join, pieces } from './mutate.ts';
import type { Random } from './random.ts';

export interface Target {
  name: string;
  /** an input that is right in most places */
  generate(random: Random): Uint8Array;
  /** @returns what became of it, in a few words, several with `; ` between them: an input with a new one is worth keeping. Throws what should never be thrown */
  run(input: Uint8Array, random: Random): string;
}

const NOTHING = new Uint8Array(RANDOM_BYTES);
const hmac = (key: Uint8Array, data: Uint8Array) => createHmac('sha256', key).update(data).digest();

/** The ways out that wire code has: a value, or a WireError. */
function outcome(parse: () => unknown): string {
  try {
    return String(parse());
  } catch (error) {
    if (error instanceof WireError) return error.message.replace(/\d+/g, 'N');
    throw error;
  }
}

function runHandshake(input: Uint8Array, random: Random): string {
  return [new ServerHandshake(NOTHING, hmac), new ClientHandshake(NOTHING)]
    .map((end) =>
      outcome(() => {
        for (const piece of pieces(random, input)) if (end.feed(piece).done) return 'done';
        return 'unfinished';
      }),
    )
    .join(', ');
}

function runChunks(input: Uint8Array, random: Random): string {
  const reader = new ChunkReader({ messageMaxBytes: SERVER_LIMITS.messageBytesMax });
  const kinds = new Set<string>();
  const end = outcome(() => {
    for (const piece of pieces(random, input)) for (const message of reader.feed(piece)) kinds.add(outcome(() => parseBody(message).kind));
    return '';
  });
  return [...kinds, end].join('; ');
}

function runAmf(input: Uint8Array): string {
  return [decode, decodeCommand, parseMetadata].map((parse) => outcome(() => typeof parse(input))).join(', ');
}

function runFlv(input: Uint8Array, random: Random): string {
  const reader = new FlvReader();
  const kinds = new Set<string>();
  const end = outcome(() => {
    for (const piece of pieces(random, input)) {
      for (const { type, data } of reader.feed(piece)) {
        if (type === TAG.script) kinds.add(outcome(() => parseMetadata(data) !== null));
        else if (type === TAG.video) for (const parse of [parseVideoBody, parseExVideoBody]) kinds.add(outcome(() => parse(data).packet));
        else for (const parse of [parseAudioBody, parseExAudioBody]) kinds.add(outcome(() => parse(data).packet));
        const kind = type === TAG.video ? 'video' : 'audio';
        for (const { body } of splitTracks(kind, data)) kinds.add((kind === 'video' ? inspectVideo(body) : inspectAudio(body)).kind);
      }
    }
    return '';
  });
  return [...kinds, end].join('; ');
}

/** A connection without a network: publishes and plays into a hub from which HLS in both forms is made, too. */
function runSession(input: Uint8Array, random: Random): string {
  const limits = { ...SERVER_LIMITS, hlsBytesMax: 2 ** 22 };
  const hub = new Hub(limits, () => {});
  hub.serve(['live']);
  const stream = hub.stream('live') as LiveStream;
  const outputs = new HlsOutputs(limits);
  const running = (['fmp4', 'ts'] as const).map((format) => outputs.start(stream, format, stream));
  const [keys, addresses] = [new StreamKeys([{ name: 'live', key: 'sesame' }]), new AddressLimits(limits)];
  const access = new Access({ keys, addresses, onPublish: null, onPlay: null, limits });
  const socket = socketOf();
  new RtmpConnection(socket, limits, (own) => new RtmpSession(own, { hub, access, addresses, limits }));
  try {
    for (const piece of pieces(random, input)) if (!socket.destroyed) socket.emit('data', Buffer.from(piece));
    const texts = running.map((output) => output.playlist({ skip: false, reports: [] }).length > 0);
    return [socket.destroyed, stream.publishing, stream.viewers, stats(stream), ...texts, running.map(({ problem }) => problem)].join(' ');
  } finally {
    socket.destroy();
    socket.emit('close');
    for (const output of running) output.end();
    hub.close();
  }
}

const stats = (stream: LiveStream) => (stream.stats().gopCacheBytes > 0 ? 'frames' : 'none');

function socketOf(): Socket {
  const socket = new Duplex({ read: () => {}, write: (_bytes, _encoding, done) => done() });
  const nothing = () => socket;
  return Object.assign(socket, { setNoDelay: nothing, setKeepAlive: nothing, setTimeout: nothing }) as unknown as Socket;
}

/** The recordings of real publishers and what was kept earlier are mutated beside these. */
export const TARGETS: Target[] = [
  { name: 'handshake', generate: handshake, run: runHandshake },
  { name: 'chunk', generate: (random) => chunks(random, false), run: runChunks },
  { name: 'amf', generate: amfMessage, run: runAmf },
  { name: 'flv', generate: flvFile, run: runFlv },
  { name: 'session', generate: (random) => join(handshakeOf(random), chunks(random, true)), run: runSession },
];

/** One that leads on, in most cases. */
const handshakeOf = (random: Random) => (random.oneIn(20) ? handshake(random) : join(Uint8Array.of(3), new Uint8Array(2 * 1_536)));
