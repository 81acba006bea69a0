import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { WireError } from '../wire-error.ts';
import { ClientHandshake, PART_BYTES, RANDOM_BYTES, ServerHandshake } from './handshake.ts';

const random = (fill: number) => new Uint8Array(RANDOM_BYTES).fill(fill);
const joined = (...parts: Uint8Array[]) => Uint8Array.from(parts.flatMap((part) => [...part]));

test('both ends shake hands, whatever the cuts, and keep the bytes that follow', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 4_000 }), fc.integer({ min: 1, max: 4_000 }), (clientStep, serverStep) => {
      const client = new ClientHandshake(random(1));
      const server = new ServerHandshake(random(2));
      const answers = pump(server, client.hello, serverStep);
      expect(answers.done).toBe(false);
      const finish = pump(client, joined(answers.reply, Uint8Array.of(7, 8)), clientStep);
      expect(finish).toMatchObject({ done: true, rest: Uint8Array.of(7, 8) });
      expect(finish.reply.subarray(8)).toEqual(random(2));
      const end = pump(server, joined(finish.reply, Uint8Array.of(9)), serverStep);
      expect(end).toMatchObject({ done: true, rest: Uint8Array.of(9) });
    }),
    { numRuns: 30 },
  );
});

test('the server says version 3, version number 0, and echoes the client', () => {
  const hello = new ClientHandshake(random(5)).hello;
  hello.set([0, 0, 1, 2, 9, 0, 124, 2], 1); // the time and the version of a digest client
  const { reply } = new ServerHandshake(random(6)).feed(hello);
  expect(reply.length).toBe(1 + 2 * PART_BYTES);
  expect([...reply.subarray(0, 10)]).toEqual([3, 0, 0, 0, 0, 0, 0, 0, 0, 6]);
  expect([...reply.subarray(1 + PART_BYTES, 1 + PART_BYTES + 9)]).toEqual([0, 0, 1, 2, 0, 0, 0, 0, 5]);
});

describe('another protocol is refused at its first byte', () => {
  test.each([0x00, 0x02, 0x06, 0x16, 0x47, 0x48])('%i', (byte) => {
    if (byte !== 0x16) expect(() => new ServerHandshake(random(0)).feed(Uint8Array.of(byte))).toThrow(WireError);
    expect(() => new ClientHandshake(random(0)).feed(Uint8Array.of(byte))).toThrow(WireError);
  });
});

test('a wrong number of random bytes is refused', () => expect(() => new ClientHandshake(new Uint8Array(3))).toThrow(WireError));

function pump(end: ClientHandshake | ServerHandshake, bytes: Uint8Array, step: number) {
  let reply = new Uint8Array(0);
  let rest = new Uint8Array(0);
  let done = false;
  for (let at = 0; at < bytes.length; at += step) {
    const piece = bytes.subarray(at, at + step);
    if (done) rest = joined(rest, piece);
    else {
      const now = end.feed(piece);
      reply = joined(reply, now.reply);
      rest = joined(now.rest);
      done = now.done;
    }
  }
  return { reply, rest, done };
}
