import { createHmac, randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { PART_BYTES, RANDOM_BYTES, ServerHandshake } from './handshake.ts';

const hmac = (key: Uint8Array, data: Uint8Array) => createHmac('sha256', key).update(data).digest();
const PLAYER = 'Genuine Adobe Flash Player 001';
const SERVER = 'Genuine Adobe Flash Media Server 001';
const TAIL = Buffer.from('f0eec24a8068bee82e00d0d1029e7e576eec5d2d29806fab93b8e636cfeb31ae', 'hex');

/** A client of its own making: where the digest of a part lies, what is around it, and what it should be. */
function digestOf(part: Buffer, schema: number, key: string) {
  const base = schema === 0 ? 8 : 772;
  const sum = part.readUInt8(base) + part.readUInt8(base + 1) + part.readUInt8(base + 2) + part.readUInt8(base + 3);
  const at = base + 4 + (sum % 728);
  const around = Buffer.concat([part.subarray(0, at), part.subarray(at + 32)]);
  return { at, there: part.subarray(at, at + 32), right: createHmac('sha256', key).update(around).digest() };
}

function signedC1(schema: number): Buffer {
  const c1 = randomBytes(PART_BYTES);
  c1.set([0, 0, 0, 0, 9, 0, 124, 2]); // time, Flash Player 9.0.124.2
  const { at, right } = digestOf(c1, schema, PLAYER);
  c1.set(right, at);
  return c1;
}

const answerTo = (c1: Buffer) =>
  Buffer.from(new ServerHandshake(randomBytes(RANDOM_BYTES), hmac).feed(Buffer.concat([Buffer.of(3), c1])).reply);

describe.each([0, 1])('a digest by schema %i', (schema) => {
  test('is answered with one of S1 by the same, and one of it in S2, wherever they lie', () => {
    for (let i = 0; i < 40; i += 1) {
      const c1 = signedC1(schema);
      const reply = answerTo(c1);
      const [s1, s2] = [reply.subarray(1, 1 + PART_BYTES), reply.subarray(1 + PART_BYTES)];
      const { there, right } = digestOf(s1, schema, SERVER);
      expect(there).toEqual(right);
      expect(s1[4]).toBeGreaterThanOrEqual(3); // FFmpeg looks at no digest of an older server
      const key = createHmac('sha256', Buffer.concat([Buffer.from(SERVER), TAIL]))
        .update(digestOf(c1, schema, PLAYER).there)
        .digest();
      expect(s2.subarray(-32)).toEqual(createHmac('sha256', key).update(s2.subarray(0, -32)).digest());
    }
  });

  test('that is wrong leaves the simple form, as does a version of 0', () => {
    const wrong = signedC1(schema);
    const { at } = digestOf(wrong, schema, PLAYER);
    wrong.writeUInt8(wrong.readUInt8(at) ^ 1, at);
    const silent = signedC1(schema);
    silent.fill(0, 4, 8);
    for (const c1 of [wrong, silent]) {
      const reply = answerTo(c1);
      expect([...reply.subarray(0, 9)]).toEqual([3, 0, 0, 0, 0, 0, 0, 0, 0]);
      expect(reply.subarray(1 + PART_BYTES + 8)).toEqual(c1.subarray(8)); // the echo
    }
  });
});
