/**
 * The plan by which filters give way when pictures come late, so that the show keeps its frame rate. Pure: a second's
 * figures go in, what is given up comes out. Down one step after two seconds too slow; up one after a calm time, if
 * what the step gave back would fit. A step up that does not last doubles the calm that the next one takes.
 */
import { FILTER_TRAITS, type FilterRelief } from '../../../src-shared/domain/index.ts';
import type { ReadyFilter } from './chain.ts';

/** One second of the compositor. */
export interface BudgetSample {
  /** from picture to picture, as it should be */
  intervalMs: number;
  /** making one: mean */
  pictureMs: number;
  /** what of it the filters took */
  filterMs: number;
  /** of all ticks: those without a picture, or with one that came when the next was due */
  latePct: number;
}

export interface BudgetState {
  relief: FilterRelief;
  /** seconds in a row that were too slow, or had room */
  slow: number;
  calm: number;
  /** seconds of calm before a step up */
  calmWanted: number;
  /** seconds since the last step up */
  sinceUp: number;
}

export const FULL_BUDGET: BudgetState = { relief: 'none', slow: 0, calm: 0, calmWanted: 8, sinceUp: Number.POSITIVE_INFINITY };

const SLOW_SECONDS = 2;
const CALM_MAX = 120;
/** a step up that lasted so long was right */
const LASTED_SECONDS = 30;
/** of the interval: slower than this is too slow, and what would be less than that has room */
const SLOW_SHARE = 0.9;
const ROOM_SHARE = 0.7;
const LATE_PCT = 8;
/** of the interval: filters that take less are not what holds the pictures up */
const FILTER_SHARE = 0.1;
/** how much more filters take without a step, at most */
const GIVEN_BACK: Record<FilterRelief, number> = { none: 1, 'half-size': 4, skip: 2, models: 1.5 };

/** What these filters can give up, in this order. */
export function reliefsOf(filters: Iterable<ReadyFilter>): FilterRelief[] {
  const traits = [...filters].map(({ filter }) => FILTER_TRAITS[filter.kind]);
  const reliefs: FilterRelief[] = ['none'];
  if (traits.length > 0) reliefs.push('half-size');
  if (traits.some(({ dispensable }) => dispensable)) reliefs.push('skip');
  if (traits.some(({ usesModel }) => usesModel)) reliefs.push('models');
  return reliefs;
}

/** @param reliefs what can be given up now: of `reliefsOf` */
export function nextBudget(before: BudgetState, sample: BudgetSample, reliefs: readonly FilterRelief[]): BudgetState {
  const at = reliefs.indexOf(before.relief);
  // The filters that gave way are gone.
  if (at < 0) return { ...FULL_BUDGET, relief: reliefs.at(-1) ?? 'none' };
  const { intervalMs, pictureMs, filterMs, latePct } = sample;
  const isSlow = pictureMs > SLOW_SHARE * intervalMs || latePct > LATE_PCT;
  const withBack = pictureMs + filterMs * (GIVEN_BACK[before.relief] - 1);
  const hasRoom = !isSlow && withBack < ROOM_SHARE * intervalMs;
  const state: BudgetState = {
    ...before,
    slow: isSlow && filterMs > FILTER_SHARE * intervalMs ? before.slow + 1 : 0,
    calm: hasRoom ? before.calm + 1 : 0,
    sinceUp: before.sinceUp + 1,
  };
  const [lower, higher] = [reliefs[at + 1], reliefs[at - 1]];
  if (state.slow >= SLOW_SECONDS && lower) {
    const calmWanted = state.sinceUp < LASTED_SECONDS ? Math.min(CALM_MAX, state.calmWanted * 2) : state.calmWanted;
    return { ...state, relief: lower, slow: 0, calm: 0, calmWanted };
  }
  if (state.calm >= state.calmWanted && higher) return { ...state, relief: higher, calm: 0, sinceUp: 0 };
  if (higher === undefined && state.sinceUp === LASTED_SECONDS) return { ...state, calmWanted: FULL_BUDGET.calmWanted };
  return state;
}

/** Whether dispensable filters are left out. */
export function isSkipping(relief: FilterRelief): boolean {
  return relief === 'skip' || relief === 'models';
}

const rests = new WeakMap<readonly ReadyFilter[], readonly ReadyFilter[]>();

/** The filters without those that may be left out; the same list for the same list. */
export function indispensable(filters: readonly ReadyFilter[]): readonly ReadyFilter[] {
  let rest = rests.get(filters);
  if (!rest) rests.set(filters, (rest = filters.filter(({ filter }) => !FILTER_TRAITS[filter.kind].dispensable)));
  return rest;
}
