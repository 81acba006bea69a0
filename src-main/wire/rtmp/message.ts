/** RTMP messages by type. @see Adobe RTMP specification 1.0, 5.4 and 7.1 */
import { ByteReader } from '../byte-reader.ts';
import { WireError } from '../wire-error.ts';
import type { RtmpMessage } from './chunk.ts';
import { type Command, decodeCommand, encodeCommand } from './command.ts';

export const MESSAGE = {
  setChunkSize: 1,
  abort: 2,
  acknowledgement: 3,
  userControl: 4,
  windowAckSize: 5,
  setPeerBandwidth: 6,
  audio: 8,
  video: 9,
  dataAmf3: 15,
  commandAmf3: 17,
  data: 18,
  command: 20,
  aggregate: 22,
} as const;

/** @see 7.1.7 */
export const USER_CONTROL = {
  streamBegin: 0,
  streamEof: 1,
  streamDry: 2,
  setBufferLength: 3,
  streamIsRecorded: 4,
  pingRequest: 6,
  pingResponse: 7,
} as const;

/** The chunk streams we write on; receivers take any. 2 is fixed for control messages (5.4). */
export const CHUNK_STREAM = { control: 2, command: 3, audio: 4, data: 5, video: 6, report: 7 } as const;

/** @see 5.4.5 */
export const BANDWIDTH_LIMIT = { hard: 0, soft: 1, dynamic: 2 } as const;

export type Body =
  | { kind: 'set-chunk-size'; sizeBytes: number }
  | { kind: 'abort'; chunkStreamId: number }
  | { kind: 'acknowledgement'; sequence: number }
  | { kind: 'user-control'; event: number; data: Uint8Array }
  | { kind: 'window-ack-size'; sizeBytes: number }
  | { kind: 'set-peer-bandwidth'; sizeBytes: number; limit: number }
  | { kind: 'audio' | 'video' | 'data'; data: Uint8Array }
  | { kind: 'command'; command: Command }
  | { kind: 'aggregate'; messages: RtmpMessage[] }
  | { kind: 'unknown'; type: number };

/** parts of one aggregate message */
export const AGGREGATE_PARTS_MAX = 1_024;

/** @throws WireError when the payload does not fit its type */
export function parseBody(message: RtmpMessage): Body {
  const { payload } = message;
  const reader = new ByteReader(payload);
  switch (message.type) {
    case MESSAGE.setChunkSize:
      return { kind: 'set-chunk-size', sizeBytes: reader.u32() };
    case MESSAGE.abort:
      return { kind: 'abort', chunkStreamId: reader.u32() };
    case MESSAGE.acknowledgement:
      return { kind: 'acknowledgement', sequence: reader.u32() };
    case MESSAGE.userControl:
      return { kind: 'user-control', event: reader.u16(), data: reader.bytes(reader.left) };
    case MESSAGE.windowAckSize:
      return { kind: 'window-ack-size', sizeBytes: reader.u32() };
    case MESSAGE.setPeerBandwidth:
      return { kind: 'set-peer-bandwidth', sizeBytes: reader.u32(), limit: reader.left > 0 ? reader.u8() : BANDWIDTH_LIMIT.dynamic };
    case MESSAGE.audio:
      return { kind: 'audio', data: payload };
    case MESSAGE.video:
      return { kind: 'video', data: payload };
    case MESSAGE.data:
      return { kind: 'data', data: payload };
    case MESSAGE.dataAmf3:
      return { kind: 'data', data: withoutAmf3Switch(payload) };
    case MESSAGE.command:
      return { kind: 'command', command: decodeCommand(payload) };
    case MESSAGE.commandAmf3:
      return { kind: 'command', command: decodeCommand(withoutAmf3Switch(payload)) };
    case MESSAGE.aggregate:
      return { kind: 'aggregate', messages: splitAggregate(message) };
    default:
      return { kind: 'unknown', type: message.type };
  }
}

/** AMF3 messages of real clients are AMF0 behind a zero byte. */
function withoutAmf3Switch(payload: Uint8Array): Uint8Array {
  return payload[0] === 0 ? payload.subarray(1) : payload;
}

/** Parts look like FLV tags; their times are shifted so that the first has the aggregate's time. @see 7.1.6 */
function splitAggregate({ chunkStreamId, streamId, timestampMs, payload }: RtmpMessage): RtmpMessage[] {
  const reader = new ByteReader(payload);
  const messages: RtmpMessage[] = [];
  let firstMs: number | null = null;
  while (reader.left > 0) {
    if (messages.length >= AGGREGATE_PARTS_MAX) throw new WireError(`an aggregate has more than ${AGGREGATE_PARTS_MAX} parts`);
    const type = reader.u8();
    if (type === MESSAGE.aggregate) throw new WireError('an aggregate contains an aggregate');
    const length = reader.u24();
    const low = reader.u24();
    const partMs = reader.u8() * 2 ** 24 + low;
    reader.u24(); // the stream id is the aggregate's
    firstMs ??= partMs;
    const data = reader.bytes(length);
    if (reader.left > 0) reader.u32(); // back pointer
    messages.push({ chunkStreamId, type, streamId, timestampMs: (timestampMs + partMs - firstMs + 2 ** 32) % 2 ** 32, payload: data });
  }
  return messages;
}

export function setChunkSize(sizeBytes: number): RtmpMessage {
  return control(MESSAGE.setChunkSize, u32(sizeBytes));
}

/** @param sequence bytes received so far, modulo 2^32. @see 5.4.3 */
export function acknowledgement(sequence: number): RtmpMessage {
  return control(MESSAGE.acknowledgement, u32(sequence));
}

export function windowAckSize(sizeBytes: number): RtmpMessage {
  return control(MESSAGE.windowAckSize, u32(sizeBytes));
}

export function setPeerBandwidth(sizeBytes: number, limit: number): RtmpMessage {
  return control(MESSAGE.setPeerBandwidth, Uint8Array.of(...u32(sizeBytes), limit));
}

export function userControl(event: number, data: Uint8Array): RtmpMessage {
  return control(MESSAGE.userControl, Uint8Array.of(event >> 8, event & 0xff, ...data));
}

export function streamBegin(streamId: number): RtmpMessage {
  return userControl(USER_CONTROL.streamBegin, u32(streamId));
}

export function commandMessage(command: Command, streamId = 0): RtmpMessage {
  return { chunkStreamId: CHUNK_STREAM.command, type: MESSAGE.command, streamId, timestampMs: 0, payload: encodeCommand(command) };
}

export function mediaMessage(kind: 'audio' | 'video' | 'data', streamId: number, timestampMs: number, payload: Uint8Array): RtmpMessage {
  return { chunkStreamId: CHUNK_STREAM[kind], type: MESSAGE[kind], streamId, timestampMs, payload };
}

function control(type: number, payload: Uint8Array): RtmpMessage {
  return { chunkStreamId: CHUNK_STREAM.control, type, streamId: 0, timestampMs: 0, payload };
}

function u32(value: number): Uint8Array {
  return Uint8Array.of((value >>> 24) & 0xff, (value >>> 16) & 0xff, (value >>> 8) & 0xff, value & 0xff);
}
