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
