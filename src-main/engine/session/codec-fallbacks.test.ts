import { expect, test } from 'vitest';
import type { CodecFallback } from '../../../src-shared/domain/index.ts';
import { ordinaryOf, STREAM_RENDITION } from '../rendition/plan.ts';
import { CodecFallbacks } from './codec-fallbacks.ts';
import type { Connection } from './publisher-set.ts';

const refused: CodecFallback = { video: true, audio: false, failure: null };
const connection = (key: string, codecFallback: CodecFallback | null, base = STREAM_RENDITION) =>
  ({ key, codecFallback, base, home: STREAM_RENDITION }) as Connection;

function setUp(...connections: Connection[]) {
  const asked: string[][] = [];
  const encodes = {
    busy: false,
    fallBack: async (some: readonly Connection[]) => {
      asked.push(some.map(({ key }) => key));
      return false;
    },
  };
  const clock = { nowUs: 0 };
  const fallbacks = new CodecFallbacks({ connections: () => connections, encodes, nowUs: () => clock.nowUs });
  return { fallbacks, encodes, clock, asked };
}

test('those whose server refuses the picture move together, once nothing else is under way', () => {
  const { fallbacks, encodes, asked } = setUp(
    connection('takes-it', null),
    connection('a', refused),
    connection('b', refused),
    connection('has-it', refused, ordinaryOf(STREAM_RENDITION)),
  );
  encodes.busy = true;
  fallbacks.tick();
  expect(asked).toEqual([]);
  encodes.busy = false;
  fallbacks.tick();
  expect(asked).toEqual([['a', 'b']]);
});

test('what did not come up is tried again after ten seconds, and another destination need not wait for that', () => {
  const connections = [connection('a', refused)];
  const { fallbacks, clock, asked } = setUp(...connections);
  const other = setUp(...connections, connection('b', refused));
  fallbacks.tick();
  clock.nowUs = 9_900_000;
  fallbacks.tick();
  expect(asked).toEqual([['a']]);
  clock.nowUs = 10_000_000;
  fallbacks.tick();
  expect(asked).toEqual([['a'], ['a']]);
  other.fallbacks.tick();
  expect(other.asked).toEqual([['a', 'b']]);
});
