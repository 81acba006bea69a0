/**
 * The RTMP chunk stream: messages cut into chunks and put together again.
 * @see Adobe RTMP specification 1.0, 5.3
 */
import { WireError } from '../wire-error.ts';

export interface RtmpMessage {
  chunkStreamId: number;
  type: number;
  streamId: number;
  /** modulo 2^32 */
  timestampMs: number;
  payload: Uint8Array;
}

export const CHUNK_SIZE_DEFAULT = 128;
/** a message's length has 24 bits, so larger chunks mean nothing */
export const CHUNK_SIZE_MAX = 0xffffff;
export const MESSAGE_MAX_BYTES = 0xffffff;
/** chunk streams a peer may use; real ones use less than ten */
export const CHUNK_STREAMS_MAX = 64;
/** what all unfinished messages of a connection may announce together */
export const UNFINISHED_MAX_BYTES = 2 * MESSAGE_MAX_BYTES;
const CHUNK_STREAM_ID_MAX = 65_599;
const EXTENDED = 0xffffff;
const FIRST_BUFFER_BYTES = 64 * 1_024;
/** basic header 3, message header 11, extended timestamp 4 */
const HEADER_MAX_BYTES = 18;
const MESSAGE_HEADER_BYTES = [11, 7, 3, 0] as const;

const TYPE_SET_CHUNK_SIZE = 1;
const TYPE_ABORT = 2;

/** What is remembered of a chunk stream being read. */
interface Incoming {
  id: number;
  type: number;
  streamId: number;
  length: number;
  timestampMs: number;
  /** the timestamp or delta field as it was last sent, which a type 3 header repeats */
  field: number;
  extended: boolean;
  /** the unfinished message; grows as bytes come, so that an announced length alone takes no memory */
  buffer: Uint8Array;
  filled: number;
  assembling: boolean;
}

/** Puts messages together. Applies Set Chunk Size and Abort by itself, and returns them too. */
export class ChunkReader {
  readonly #streams = new Map<number, Incoming>();
  readonly #messageMaxBytes: number;
  #chunkSize = CHUNK_SIZE_DEFAULT;
  #unfinishedBytes = 0;
  #rest: Uint8Array = new Uint8Array(0);
  #open: Incoming | null = null;
  #chunkLeft = 0;

  constructor(options: { messageMaxBytes?: number } = {}) {
    this.#messageMaxBytes = options.messageMaxBytes ?? MESSAGE_MAX_BYTES;
  }

  /**
   * @returns the messages that are complete by now, with payloads of their own
   * @throws WireError when the peer breaks the format or a limit: the connection cannot go on
   */
  feed(bytes: Uint8Array): RtmpMessage[] {
    const messages: RtmpMessage[] = [];
    const input = this.#rest.length > 0 ? concat(this.#rest, bytes) : bytes;
    this.#rest = input.subarray(0, 0);
    for (let at = 0; at < input.length; ) {
      if (!this.#open) {
        const headerBytes = this.#readHeader(input.subarray(at, at + HEADER_MAX_BYTES));
        if (headerBytes === 0) {
          this.#rest = input.slice(at);
          break;
        }
        at += headerBytes;
      }
      at += this.#readPayload(input, at, messages);
    }
    return messages;
  }

  /** @returns the header's length, or 0 when it is not all there */
  #readHeader(bytes: Uint8Array): number {
    const basic = readBasicHeader(bytes);
    if (!basic) return 0;
    const { format, id } = basic;
    const known = this.#streams.get(id);
    if (!known && format !== 0) {
      // some servers open a stream with a type 1 header; with types 2 and 3 nothing is known of the message
      if (format !== 1) throw new WireError(`chunk stream ${id} begins with a header of type ${format}`);
    }
    let end = basic.bytes + (MESSAGE_HEADER_BYTES[format] as number);
    if (bytes.length < end) return 0;
    const view = new DataView(bytes.buffer, bytes.byteOffset + basic.bytes, bytes.length - basic.bytes);
    const stated = format === 3 ? 0 : view.getUint16(0) * 256 + view.getUint8(2);
    const extended = format === 3 ? (known as Incoming).extended : stated === EXTENDED;
    let field = format === 3 ? (known as Incoming).field : stated;
    if (extended) {
      if (bytes.length < end + 4) return 0;
      const value = view.getUint32(MESSAGE_HEADER_BYTES[format] as number);
      // the field is repeated on type 3 (5.3.1.3); some senders give the whole timestamp where it was a delta, and some
      // leave it out: then these bytes are payload
      if (format !== 3 || value === field || value === (known as Incoming).timestampMs) end += 4;
      if (format !== 3) field = value;
    }
    const stream = known ?? this.#addStream(id);
    if (stream.assembling) checkContinuation(stream, format, view);
    else this.#beginMessage(stream, format, view, field, extended);
    this.#open = stream;
    this.#chunkLeft = Math.min(this.#chunkSize, stream.length - stream.filled);
    return end;
  }

  #addStream(id: number): Incoming {
    if (this.#streams.size >= CHUNK_STREAMS_MAX) throw new WireError(`the peer uses more than ${CHUNK_STREAMS_MAX} chunk streams`);
    const buffer = new Uint8Array(0);
    const stream = { id, type: 0, streamId: 0, length: 0, timestampMs: 0, field: 0, extended: false, buffer, filled: 0, assembling: false };
    this.#streams.set(id, stream);
    return stream;
  }

  #beginMessage(stream: Incoming, format: number, view: DataView, field: number, extended: boolean): void {
    if (format <= 1) {
      stream.length = view.getUint16(3) * 256 + view.getUint8(5);
      stream.type = view.getUint8(6);
    }
    if (format === 0) stream.streamId = view.getUint32(7, true);
    if (stream.length > this.#messageMaxBytes) throw new WireError(`a message is longer than ${this.#messageMaxBytes} bytes`);
    stream.field = field;
    stream.extended = extended;
    // 5.3.1.2.4: after type 0, a type 3 header takes the timestamp as its delta
    stream.timestampMs = format === 0 ? field : (stream.timestampMs + field) % 2 ** 32;
    this.#unfinishedBytes += stream.length;
    if (this.#unfinishedBytes > UNFINISHED_MAX_BYTES) throw new WireError(`unfinished messages exceed ${UNFINISHED_MAX_BYTES} bytes`);
    stream.assembling = true;
    stream.filled = 0;
    stream.buffer = new Uint8Array(Math.min(stream.length, FIRST_BUFFER_BYTES));
  }

  #readPayload(input: Uint8Array, at: number, messages: RtmpMessage[]): number {
    const stream = this.#open as Incoming;
    const count = Math.min(this.#chunkLeft, input.length - at);
    append(stream, input.subarray(at, at + count));
    this.#chunkLeft -= count;
    if (this.#chunkLeft > 0) return count;
    this.#open = null;
    if (stream.filled === stream.length) this.#finish(stream, messages);
    return count;
  }

  #finish(stream: Incoming, messages: RtmpMessage[]): void {
    const { id, type, streamId, timestampMs, buffer, length } = stream;
    this.#discard(stream);
    const message = { chunkStreamId: id, type, streamId, timestampMs, payload: buffer.subarray(0, length) };
    if (type === TYPE_SET_CHUNK_SIZE) this.#chunkSize = readChunkSize(message.payload);
    if (type === TYPE_ABORT) {
      const aborted = message.payload.length >= 4 ? this.#streams.get(readU32(message.payload)) : undefined;
      if (aborted?.assembling) this.#discard(aborted);
    }
    messages.push(message);
  }

  #discard(stream: Incoming): void {
    this.#unfinishedBytes -= stream.length;
    stream.assembling = false;
    stream.filled = 0;
    stream.buffer = new Uint8Array(0);
  }
}

function readBasicHeader(bytes: Uint8Array): { format: number; id: number; bytes: number } | null {
  if (bytes.length === 0) return null;
  const first = bytes[0] as number;
  const format = first >> 6;
  const id = first & 0x3f;
  if (id >= 2) return { format, id, bytes: 1 };
  if (bytes.length < id + 2) return null;
  if (id === 0) return { format, id: 64 + (bytes[1] as number), bytes: 2 };
  return { format, id: 64 + (bytes[1] as number) + (bytes[2] as number) * 256, bytes: 3 };
}

/** A full header in the middle of a message is let pass if it says the same: a changed length once overran buffers (CVE-2016-10191). */
function checkContinuation(stream: Incoming, format: number, view: DataView): void {
  if (format > 1) return;
  const length = view.getUint16(3) * 256 + view.getUint8(5);
  if (length !== stream.length || view.getUint8(6) !== stream.type)
    throw new WireError('a message changes its length or type while it is received');
}

/** @see 5.4.1 */
function readChunkSize(payload: Uint8Array): number {
  const size = payload.length >= 4 ? readU32(payload) : 0;
  if (size < 1 || size > 0x7fffffff) throw new WireError('the peer sets an impossible chunk size');
  return Math.min(size, CHUNK_SIZE_MAX);
}

function readU32(bytes: Uint8Array): number {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(0);
}

function append(stream: Incoming, bytes: Uint8Array): void {
  const needed = stream.filled + bytes.length;
  if (needed > stream.buffer.length) {
    const grown = new Uint8Array(Math.min(stream.length, Math.max(needed, stream.buffer.length * 2)));
    grown.set(stream.buffer.subarray(0, stream.filled));
    stream.buffer = grown;
  }
  stream.buffer.set(bytes, stream.filled);
  stream.filled = needed;
}

function concat(a: Uint8Array, b: Uint8Array): Uint8Array {
  const out = new Uint8Array(a.length + b.length);
  out.set(a);
  out.set(b, a.length);
  return out;
}

/** What is remembered of a chunk stream being written. */
interface Outgoing {
  streamId: number;
  timestampMs: number;
}

/**
 * Cuts messages into chunks. Uses header types 0 and 1, and 3 for the rest of a message:
 * receivers disagree on what the other forms mean after a type 0 header.
 */
export class ChunkWriter {
  readonly #streams = new Map<number, Outgoing>();
  #chunkSize = CHUNK_SIZE_DEFAULT;

  get chunkSize(): number {
    return this.#chunkSize;
  }

  /** The next message of this chunk stream goes behind one like this, whose chunks came from elsewhere. */
  follow({ chunkStreamId, streamId, timestampMs }: Omit<RtmpMessage, 'type' | 'payload'>): void {
    this.#streams.set(chunkStreamId, { streamId, timestampMs });
  }

  /** Whether the last message of this chunk stream was one like this, so that the next may say only how it differs. */
  stands({ chunkStreamId, streamId, timestampMs }: Omit<RtmpMessage, 'type' | 'payload'>): boolean {
    const last = this.#streams.get(chunkStreamId);
    return last?.streamId === streamId && last.timestampMs === timestampMs;
  }

  /** Takes effect with the next message: to be called after the Set Chunk Size message was written. */
  setChunkSize(bytes: number): void {
    if (!Number.isInteger(bytes) || bytes < 1 || bytes > CHUNK_SIZE_MAX) throw new WireError('a chunk size is out of range');
    this.#chunkSize = bytes;
  }

  write(message: RtmpMessage): Uint8Array {
    const pieces = this.pieces(message);
    const out = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
    let at = 0;
    for (const piece of pieces) {
      out.set(piece, at);
      at += piece.length;
    }
    return out;
  }

  /** The same in pieces: headers, and between them the payload as it lies in memory. */
  pieces(message: RtmpMessage): Uint8Array[] {
    const { chunkStreamId: id, payload } = message;
    if (payload.length > MESSAGE_MAX_BYTES) throw new WireError('a message is too long');
    const header = this.#buildHeader(message);
    const pieces = [chunkHeader(header.format, id, header.bytes, header.extendedMs), payload.subarray(0, this.#chunkSize)];
    for (let from = this.#chunkSize; from < payload.length; from += this.#chunkSize)
      pieces.push(chunkHeader(3, id, NO_BYTES, header.extendedMs), payload.subarray(from, from + this.#chunkSize));
    return pieces;
  }

  #buildHeader({ chunkStreamId, type, streamId, timestampMs, payload }: RtmpMessage) {
    const before = this.#streams.get(chunkStreamId);
    this.#streams.set(chunkStreamId, { streamId, timestampMs });
    const full = !before || before.streamId !== streamId || timestampMs < before.timestampMs;
    const time = full ? timestampMs : timestampMs - before.timestampMs;
    const extendedMs = time >= EXTENDED ? time : null;
    const bytes = new Uint8Array(full ? 11 : 7);
    const view = new DataView(bytes.buffer);
    view.setUint32(0, (extendedMs === null ? time : EXTENDED) * 256);
    view.setUint32(3, payload.length * 256 + type);
    if (full) view.setUint32(7, streamId, true);
    return { format: full ? 0 : 1, bytes, extendedMs };
  }
}

const NO_BYTES = new Uint8Array(0);

/** Basic header, message header, and the extended timestamp where there is one (5.3.1). */
function chunkHeader(format: number, id: number, message: Uint8Array, extendedMs: number | null): Uint8Array {
  const basicBytes = id < 64 ? 1 : id < 320 ? 2 : 3;
  const out = new Uint8Array(basicBytes + message.length + (extendedMs === null ? 0 : 4));
  const at = writeBasicHeader(out, 0, format, id);
  out.set(message, at);
  if (extendedMs !== null) new DataView(out.buffer).setUint32(at + message.length, extendedMs);
  return out;
}

/** @see 5.3.1.1 */
function writeBasicHeader(out: Uint8Array, at: number, format: number, id: number): number {
  if (id < 2 || id > CHUNK_STREAM_ID_MAX) throw new WireError('a chunk stream id is out of range');
  const top = format << 6;
  if (id < 64) {
    out[at] = top | id;
    return at + 1;
  }
  if (id < 320) {
    out[at] = top;
    out[at + 1] = id - 64;
    return at + 2;
  }
  out[at] = top | 1;
  out[at + 1] = (id - 64) & 0xff;
  out[at + 2] = (id - 64) >> 8;
  return at + 3;
}
