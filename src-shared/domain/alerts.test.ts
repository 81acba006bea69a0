import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type AlertRule, AlertRules, type AlertState, CALM, endsAt, nextAlert, ruleKey, stepAlerts, USUAL_RULES } from './alerts.ts';

const RULE: AlertRule = { metric: 'glassMs', enabled: true, bad: 'above', threshold: 1_000, hysteresisPct: 20, forS: 10 };

/** The phases second by second. */
function phases(values: (number | null)[], rule = RULE): string[] {
  let state: AlertState = CALM;
  return values.map((value, second) => {
    state = nextAlert(state, rule, value, second * 1_000);
    return state.phase;
  });
}

test('it begins after the time, ends after the time on the other side of the lower bound', () => {
  const bad = new Array<number>(11).fill(1_001);
  const between = new Array<number>(20).fill(900);
  const well = new Array<number>(11).fill(800);
  expect(phases([...bad, ...between, ...well])).toEqual([
    ...new Array<string>(10).fill('pending'),
    ...new Array<string>(31).fill('firing'),
    'calm',
  ]);
});

test('a break, or a figure that is not known, begins the time anew', () => {
  const five = new Array<number>(6).fill(2_000);
  expect(phases([...five, 1_000, ...five, null, ...five])).not.toContain('firing');
});

test('nobody left to ask ends it', () => {
  const firing: AlertState = { phase: 'firing', sinceMs: 0, worst: 2_000, wellSinceMs: null };
  const leaving = nextAlert(firing, RULE, null, 20_000);
  expect(nextAlert(leaving, RULE, null, 30_000)).toEqual(CALM);
});

test('the other side', () => {
  const rule: AlertRule = { ...RULE, metric: 'uplinkKbps', bad: 'below', threshold: 1_000, forS: 0 };
  expect(endsAt(rule)).toBe(1_200);
  expect(phases([1_000, 999, 1_100, 1_200], rule)).toEqual(['calm', 'firing', 'firing', 'calm']);
});

test('a step tells what began and what ended, with the worst value; one that is switched off ends in silence', () => {
  const rule = { ...RULE, forS: 0 };
  const began = stepAlerts(new Map(), [rule], { glassMs: 1_500 }, 0);
  expect(began.changes).toEqual([{ rule, began: true, worst: 1_500 }]);
  const worse = stepAlerts(began.states, [rule], { glassMs: 1_900 }, 1_000);
  expect(worse.changes).toEqual([]);
  expect(stepAlerts(worse.states, [rule], { glassMs: 100 }, 2_000).changes).toEqual([{ rule, began: false, worst: 1_900 }]);
  const off = stepAlerts(worse.states, [{ ...rule, enabled: false }], { glassMs: 1_900 }, 2_000);
  expect([off.changes, off.states.get(ruleKey(rule))]).toEqual([[], CALM]);
});

test('the usual rules are rules; two for the same are not', () => {
  expect(AlertRules.safeParse(USUAL_RULES).success).toBe(true);
  expect(AlertRules.safeParse([RULE, { ...RULE, threshold: 1 }]).success).toBe(false);
});

test('property: it fires only after every value of the whole time was bad, and ends only after every one was well', () => {
  const value = fc.option(fc.integer({ min: 0, max: 2_000 }), { nil: null, freq: 8 });
  fc.assert(
    fc.property(fc.array(value, { maxLength: 80 }), fc.integer({ min: 0, max: 8 }), (values, forS) => {
      const rule = { ...RULE, forS };
      const found = phases(values, rule);
      found.forEach((phase, at) => {
        const window = values.slice(Math.max(0, at - forS), at + 1);
        const before = found[at - 1] ?? 'calm';
        if (phase === 'firing' && before !== 'firing') {
          expect(window).toHaveLength(forS + 1);
          expect(window.every((one) => one !== null && one > rule.threshold)).toBe(true);
        }
        if (before === 'firing' && phase !== 'firing') expect(window.every((one) => one === null || one <= endsAt(rule))).toBe(true);
      });
    }),
  );
});
