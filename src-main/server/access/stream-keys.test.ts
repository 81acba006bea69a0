import { expect, test } from 'vitest';
import { StreamKeys } from './stream-keys.ts';

const keys = new StreamKeys([
  { name: 'live', key: 'correct horse' },
  { name: 'second', key: 'a&b=c?d' },
]);

test.each([
  ['live?key=correct%20horse', 'live'],
  ['live?a=1&key=correct+horse', 'live'],
  ['correct horse', 'live'],
  ['a&b=c?d', 'second'], // a key that looks like a query
  ['second?key=a%26b%3Dc%3Fd', 'second'],
  ['live', null],
  ['live?key=', null],
  ['live?key=correct%20hors', null],
  ['second?key=correct%20horse', null], // the key of another stream
  ['nowhere?key=correct%20horse', null],
  ['', null],
])('%j publishes %j', (playPath, name) => {
  expect(keys.authorise(playPath)).toBe(name);
});

test('with no streams, nothing can be published', () => {
  expect(new StreamKeys([]).authorise('live?key=')).toBeNull();
});

test.each([
  [[{ name: '../etc', key: 'k' }], /letters, digits/],
  [[{ name: 'a', key: '' }], /key of the stream a/],
  [
    [
      { name: 'a', key: 'k' },
      { name: 'a', key: 'l' },
    ],
    /used twice/,
  ],
])('%j is refused', (streams, message) => {
  expect(() => new StreamKeys(streams)).toThrow(message);
});

test('a stream without a key is known by its name alone; play keys are apart from keys', () => {
  const open = new StreamKeys([
    { name: 'free', key: null },
    { name: 'private', key: 'k', playKey: 'p' },
  ]);
  expect([open.authorise('free'), open.authorise('free?key=anything'), open.authorise('private')]).toEqual(['free', 'free', null]);
  expect([open.needsKey('free'), open.needsKey('private'), open.needsPlayKey('free'), open.needsPlayKey('private')]).toEqual([
    false,
    true,
    false,
    true,
  ]);
  expect([open.opensPlay('private', 'p'), open.opensPlay('private', 'k'), open.opensPlay('free', ''), open.opensPlay('gone', '')]).toEqual([
    true,
    false,
    true,
    false,
  ]);
});
