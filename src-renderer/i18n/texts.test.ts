import { expect, test } from 'vitest';
import { en } from './en.ts';
import { zhCN } from './zh-cn.ts';

/** Every text of a language by its dotted key. */
function flatten(texts: object, prefix = ''): [string, string][] {
  return Object.entries(texts).flatMap(([key, value]) =>
    typeof value === 'string' ? [[prefix + key, value] as [string, string]] : flatten(value, `${prefix}${key}.`),
  );
}

const english = new Map(flatten(en));
const chinese = flatten(zhCN).filter(([key]) => !key.startsWith('failure.'));
const holes = (text: string) => [...text.matchAll(/\{\{(\w+)\}\}/g)].map(([, name]) => name).sort();

test('Chinese has every key of English and no other', () => {
  expect(chinese.map(([key]) => key).sort()).toEqual([...english.keys()].sort());
});

test.each(chinese)('%s fills in the same values', (key, text) => {
  expect(holes(text)).toEqual(holes(english.get(key) ?? ''));
});
