import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fromHex, toHex } from '../../../tests/support/hex.ts';
import { WireError } from '../wire-error.ts';
import type { RtmpMessage } from './chunk.ts';
import { COMMAND_NAME_MAX, decodeCommand, encodeCommand, onStatus, statusOf } from './command.ts';
import {
  acknowledgement,
  type Body,
  CHUNK_STREAM,
  commandMessage,
  mediaMessage,
  parseBody,
  setChunkSize,
  setPeerBandwidth,
  streamBegin,
  windowAckSize,
} from './message.ts';

const received = (type: number, hex: string): RtmpMessage => ({
  chunkStreamId: 3,
  type,
  streamId: 1,
  timestampMs: 1_000,
  payload: fromHex(hex),
});

test.each<[RtmpMessage, number, string, Body]>([
  [setChunkSize(4_096), 1, '00001000', { kind: 'set-chunk-size', sizeBytes: 4_096 }],
  [acknowledgement(0xffffffff), 3, 'ffffffff', { kind: 'acknowledgement', sequence: 0xffffffff }],
  [windowAckSize(2_500_000), 5, '002625a0', { kind: 'window-ack-size', sizeBytes: 2_500_000 }],
  [setPeerBandwidth(2_500_000, 2), 6, '002625a002', { kind: 'set-peer-bandwidth', sizeBytes: 2_500_000, limit: 2 }],
  [streamBegin(1), 4, '000000000001', { kind: 'user-control', event: 0, data: fromHex('00000001') }],
])('control message %#', (message, type, hex, body) => {
  expect(message).toMatchObject({ chunkStreamId: 2, streamId: 0, type });
  expect(toHex(message.payload)).toBe(hex);
  expect(parseBody(message)).toEqual(body);
});

test('media goes on a chunk stream of its kind', () => {
  expect(mediaMessage('audio', 1, 23, Uint8Array.of(0xaf))).toMatchObject({
    chunkStreamId: CHUNK_STREAM.audio,
    type: 8,
    streamId: 1,
    timestampMs: 23,
  });
  expect(parseBody(mediaMessage('video', 1, 0, Uint8Array.of(0x17)))).toEqual({ kind: 'video', data: Uint8Array.of(0x17) });
});

describe('commands', () => {
  const hex = '02 0007 7075626c697368 00 4014000000000000 05 02 0003 6b6579 02 0004 6c697665';
  const command = { name: 'publish', transactionId: 5, object: null, args: ['key', 'live'] };

  test('both directions', () => {
    expect(toHex(encodeCommand(command))).toBe(hex.replaceAll(' ', ''));
    expect(decodeCommand(fromHex(hex))).toEqual(command);
    expect(parseBody(commandMessage(command))).toEqual({ kind: 'command', command });
  });

  test('AMF3 messages, with and without their zero byte', () => {
    for (const prefix of ['00', '']) expect(parseBody(received(17, prefix + hex))).toEqual({ kind: 'command', command });
    expect(parseBody(received(15, '00 020001 61'))).toEqual({ kind: 'data', data: fromHex('02000161') });
  });

  test('a name alone is a command', () => {
    expect(decodeCommand(fromHex('02 0001 61'))).toEqual({ name: 'a', transactionId: 0, object: null, args: [] });
  });

  test.each(['', '05', '02 0001 61 02 0001 61', `02 00ff ${'61'.repeat(255)}`, '02 ffff 61'])('refuses %s', (bad) => {
    expect(() => decodeCommand(fromHex(bad))).toThrow(WireError);
    expect(COMMAND_NAME_MAX).toBeLessThan(255);
  });

  test('the status of a reply', () => {
    const status = onStatus('error', 'NetStream.Publish.BadName', 'taken');
    expect(statusOf(decodeCommand(encodeCommand(status)))).toEqual({
      level: 'error',
      code: 'NetStream.Publish.BadName',
      description: 'taken',
    });
    expect(statusOf(command)).toBeNull();
  });
});

describe('aggregates', () => {
  test('parts are shifted to the time of the whole', () => {
    const body = parseBody(received(22, '08 000001 000064 00 000000 aa 0000000c  09 000001 000085 00 000000 bb 0000000c'));
    expect(body).toMatchObject({
      kind: 'aggregate',
      messages: [
        { type: 8, timestampMs: 1_000, streamId: 1, payload: Uint8Array.of(0xaa) },
        { type: 9, timestampMs: 1_033, payload: Uint8Array.of(0xbb) },
      ],
    });
  });

  test.each([
    ['in one another', '16 000001 000000 00 000000 aa'],
    ['cut off', '08 00ffff 000000 00 000000 aa'],
    ['of too many parts', '08 000000 000000 00 000000 00000000'.repeat(1_025)],
  ])('%s are refused', (_name, hex) => expect(() => parseBody(received(22, hex))).toThrow(WireError));
});

test.each([1, 2, 3, 4, 5, 6])('control message %i cut off is refused', (type) => {
  expect(() => parseBody(received(type, '00'))).toThrow(WireError);
});

test('a type that nobody knows is named and otherwise left alone', () => {
  expect(parseBody(received(99, ''))).toEqual({ kind: 'unknown', type: 99 });
});

test('property: a hostile message of any type gives a body or a WireError', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 24 }), fc.uint8Array({ maxLength: 60 }), (type, payload) => {
      try {
        parseBody({ ...received(type, ''), payload });
      } catch (error) {
        expect(error).toBeInstanceOf(WireError);
      }
    }),
    { numRuns: 500 },
  );
});
