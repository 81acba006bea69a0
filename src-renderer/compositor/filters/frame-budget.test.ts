import { describe, expect, test } from 'vitest';
import { Filter, type FilterRelief } from '../../../src-shared/domain/index.ts';
import { type BudgetSample, type BudgetState, FULL_BUDGET, nextBudget, reliefsOf } from './frame-budget.ts';

const ALL: FilterRelief[] = ['none', 'half-size', 'skip'];
const sample = (part: Partial<BudgetSample>): BudgetSample => ({ intervalMs: 33.3, pictureMs: 10, filterMs: 4, latePct: 0, ...part });
const SLOW = sample({ pictureMs: 40, filterMs: 30, latePct: 20 });

/** The reliefs after each second. */
function run(samples: readonly BudgetSample[], from: BudgetState = FULL_BUDGET, reliefs = ALL): BudgetState[] {
  const states: BudgetState[] = [];
  for (const one of samples) states.push(nextBudget(states.at(-1) ?? from, one, reliefs));
  return states;
}
const times = <T>(count: number, value: T): T[] => Array.from({ length: count }, () => value);
const ready = (...kinds: Filter['kind'][]) => kinds.map((kind) => ({ filter: Filter.parse({ id: kind, kind }), asset: null }));

describe('what can be given up', () => {
  test.each([
    [[], ['none']],
    [['colour'], ['none', 'half-size']],
    [
      ['colour', 'temporalDenoise'],
      ['none', 'half-size', 'skip'],
    ],
  ] as const)('%j: %j', (kinds, reliefs) => expect(reliefsOf(ready(...kinds))).toEqual(reliefs));
});

describe('steps down', () => {
  test('one after two slow seconds, the next after two more, and no further than there is', () => {
    expect(run(times(7, SLOW)).map(({ relief }) => relief)).toEqual(['none', 'half-size', 'half-size', 'skip', 'skip', 'skip', 'skip']);
  });
  test('one slow second is nothing', () => {
    expect(run([SLOW, sample({}), SLOW, sample({})]).at(-1)?.relief).toBe('none');
  });
  test('ticks that were missed count as slow', () => {
    expect(run(times(2, sample({ latePct: 10 }))).at(-1)?.relief).toBe('half-size');
  });
  test('filters that take little are left as they are: something else is slow', () => {
    expect(run(times(9, sample({ pictureMs: 60, filterMs: 2, latePct: 50 }))).at(-1)?.relief).toBe('none');
  });
});

describe('steps up', () => {
  const down = run(times(2, SLOW)).at(-1) as BudgetState;
  test('after a calm time, if the whole size would fit', () => {
    const calm = sample({ pictureMs: 8, filterMs: 4 }); // 8 + 3 * 4 = 20 of 33
    expect(run(times(7, calm), down).at(-1)?.relief).toBe('half-size');
    expect(run(times(8, calm), down).at(-1)?.relief).toBe('none');
  });
  test('not while the whole size would not fit', () => {
    expect(run(times(200, sample({ pictureMs: 12, filterMs: 6 })), down).at(-1)?.relief).toBe('half-size');
  });
  test('a step that does not last makes the next one wait twice as long', () => {
    const calm = sample({ pictureMs: 8, filterMs: 4 });
    const again = run([...times(8, calm), ...times(2, SLOW)], down).at(-1) as BudgetState;
    expect(again).toMatchObject({ relief: 'half-size', calmWanted: 16 });
    expect(run(times(15, calm), again).at(-1)?.relief).toBe('half-size');
    expect(run(times(16, calm), again).at(-1)?.relief).toBe('none');
    // one that lasts is forgotten
    expect(run(times(16 + 40, calm), again).at(-1)?.calmWanted).toBe(FULL_BUDGET.calmWanted);
  });
  test('at once when the filters are gone', () => {
    expect(run([sample({})], down, ['none']).at(-1)).toEqual(FULL_BUDGET);
  });
});
