import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Gather } from './gather.ts';

test('what is large is passed on as it is, what is small becomes one piece', () => {
  const gather = new Gather();
  const [head, body, tail] = [new Uint8Array(11).fill(1), new Uint8Array(4_000).fill(2), new Uint8Array(4).fill(3)];
  for (const piece of [head, head, body, tail]) gather.add(piece);
  const pieces = gather.take();
  expect(pieces.map(({ length }) => length)).toEqual([22, 4_000, 4]);
  expect(pieces[1]).toBe(body);
  expect(gather.take()).toEqual([]);
});

test('property: every byte comes out, in order, and later pieces do not change those before', () => {
  const piece = fc.uint8Array({ maxLength: 3_000 });
  fc.assert(
    fc.property(fc.array(fc.array(piece, { maxLength: 8 }), { maxLength: 4 }), (batches) => {
      const gather = new Gather();
      const taken = batches.map((batch) => {
        for (const one of batch) gather.add(one);
        return gather.take();
      });
      expect(taken.map((pieces) => Buffer.concat(pieces))).toEqual(batches.map((batch) => Buffer.concat(batch)));
      expect(gather.isEmpty).toBe(true);
    }),
  );
});
