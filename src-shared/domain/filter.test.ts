import { describe, expect, test } from 'vitest';
import { FILTER_RANGES, FILTER_TRAITS, Filter, filteredSize } from './filter.ts';
import { Source } from './source.ts';

const kinds = Object.keys(FILTER_RANGES) as Filter['kind'][];

test('a source of before there were filters has none', () => {
  expect(Source.parse({ id: 'a', name: 'A', kind: 'colour', colour: '#000000' }).filters).toEqual([]);
});

test.each(kinds)('%s: begins with what the table says, and is held within it', (kind) => {
  const filter = Filter.parse({ id: 'f', kind }) as Filter & Record<string, number>;
  expect(filter.enabled).toBe(true);
  for (const [name, range] of Object.entries(FILTER_RANGES[kind])) {
    expect(filter[name]).toBe(range.initial);
    expect(range.initial).toBeGreaterThanOrEqual(range.min);
    expect(range.initial).toBeLessThanOrEqual(range.max);
    expect(Filter.safeParse({ ...filter, [name]: range.max + 1 }).success).toBe(false);
    expect(Filter.safeParse({ ...filter, [name]: range.min - 1 }).success).toBe(false);
  }
  expect('assetId' in filter).toBe(FILTER_TRAITS[kind].asset !== null);
});

test('an unknown field or kind is refused', () => {
  expect(Filter.safeParse({ id: 'f', kind: 'colour', speed: 1 }).success).toBe(false);
  expect(Filter.safeParse({ id: 'f', kind: 'wobble' }).success).toBe(false);
});

describe('size after filters', () => {
  const crop = (part: object, enabled = true) => Filter.parse({ id: 'f', kind: 'crop', enabled, ...part });
  test.each([
    [[], 100, 50],
    [[crop({ leftPx: 10, topPx: 5 }), crop({ rightPx: 20 })], 70, 45],
    [[crop({ leftPx: 10 }, false)], 100, 50],
    [[crop({ leftPx: 90, rightPx: 90 })], 1, 50],
  ])('%#', (filters, width, height) => expect(filteredSize(filters, { width: 100, height: 50 })).toEqual({ width, height }));
});
