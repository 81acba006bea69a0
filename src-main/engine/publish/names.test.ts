import type { LookupAddress } from 'node:dns';
import type { LookupFunction } from 'node:net';
import { expect, test } from 'vitest';
import { Names } from './names.ts';

const address = (last: number): LookupAddress[] => [{ address: `192.0.2.${last}`, family: 4 }];
const ask = (lookup: LookupFunction, name: string) =>
  new Promise<string>((resolve, reject) => lookup(name, {}, (error, found) => (error ? reject(error) : resolve(String(found)))));

/** A resolver whose answers are given by hand. */
function resolver() {
  const asked: { name: string; answer: (addresses: LookupAddress[]) => void; fail: (error: Error) => void }[] = [];
  const resolve = (name: string) => new Promise<LookupAddress[]>((answer, fail) => asked.push({ name, answer, fail }));
  return { asked, resolve };
}

test('one look-up a name serves all who ask', async () => {
  const { asked, resolve } = resolver();
  const names = new Names(resolve);
  const answers = [ask(names.fresh, 'a'), ask(names.known, 'a'), ask(names.fresh, 'a')];
  expect(asked).toHaveLength(1);
  asked[0]?.answer(address(1));
  expect(await Promise.all(answers)).toEqual(['192.0.2.1', '192.0.2.1', '192.0.2.1']);
});

test('no more than two at a time; the others follow', async () => {
  const { asked, resolve } = resolver();
  const names = new Names(resolve);
  const answers = ['a', 'b', 'c'].map((name) => ask(names.fresh, name));
  await Promise.resolve();
  expect(asked.map(({ name }) => name)).toEqual(['a', 'b']);
  asked[0]?.answer(address(1));
  await answers[0];
  await new Promise(setImmediate);
  expect(asked.map(({ name }) => name)).toEqual(['a', 'b', 'c']);
});

test('with a dead resolver a known name is still known, at once or after it has failed', async () => {
  const { asked, resolve } = resolver();
  const names = new Names(resolve);
  const first = ask(names.fresh, 'a');
  asked[0]?.answer(address(1));
  await first;
  expect(await ask(names.known, 'a')).toBe('192.0.2.1'); // while a look-up is under way
  const fresh = ask(names.fresh, 'a');
  asked[1]?.fail(new Error('no resolver'));
  expect(await fresh).toBe('192.0.2.1');
  await expect(async () => {
    const unknown = ask(names.known, 'b');
    await new Promise(setImmediate);
    asked[2]?.fail(new Error('no resolver'));
    await unknown;
  }).rejects.toThrow('no resolver');
});

test('a server that moves is found at its new place', async () => {
  const { asked, resolve } = resolver();
  const names = new Names(resolve);
  for (const last of [1, 2]) {
    const found = ask(names.fresh, 'a');
    asked.at(-1)?.answer(address(last));
    expect(await found).toBe(`192.0.2.${last}`);
  }
});
