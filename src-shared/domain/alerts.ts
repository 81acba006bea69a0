/** Rules over the figures: when one has been beyond its threshold for a while, the user is told; and when it is well again. Pure. */
import { z } from 'zod';
import { MetricName, type MetricValues } from './metrics.ts';

export const AlertRule = z.strictObject({
  metric: MetricName,
  enabled: z.boolean(),
  /** which side of the threshold is bad */
  bad: z.enum(['above', 'below']),
  threshold: z.number().min(0).max(10_000_000),
  /** how far back on the good side it must be to end, in percent of the threshold: a figure that sways around it is one alert */
  hysteresisPct: z.number().min(0).max(90),
  /** so long without a break before it begins, and before it ends */
  forS: z.number().min(0).max(3_600),
});
export type AlertRule = z.infer<typeof AlertRule>;

/** At most one for each figure and side. */
export const AlertRules = z
  .array(AlertRule)
  .max(100)
  .refine((rules) => new Set(rules.map(ruleKey)).size === rules.length, 'two rules watch the same');
export type AlertRules = z.infer<typeof AlertRules>;

export const AlertState = z.discriminatedUnion('phase', [
  z.strictObject({ phase: z.literal('calm') }),
  /** beyond the threshold, but not for long enough yet */
  z.strictObject({ phase: z.literal('pending'), sinceMs: z.number() }),
  /** `worst`: the furthest value since it began; `wellSinceMs`: back on the good side, but not for long enough yet */
  z.strictObject({ phase: z.literal('firing'), sinceMs: z.number(), worst: z.number(), wellSinceMs: z.number().nullable() }),
]);
export type AlertState = z.infer<typeof AlertState>;

export const Alert = z.strictObject({ rule: AlertRule, state: AlertState });
export type Alert = z.infer<typeof Alert>;

export const CALM: AlertState = { phase: 'calm' };

export function ruleKey({ metric, bad }: Pick<AlertRule, 'metric' | 'bad'>): string {
  return `${metric} ${bad}`;
}

/** Where the value has to come back to. */
export function endsAt({ bad, threshold, hysteresisPct }: AlertRule): number {
  return threshold * (1 + ((bad === 'above' ? -1 : 1) * hysteresisPct) / 100);
}

/**
 * One step of a rule. A figure that is not known is neither bad nor a reason to go on: nobody watches any more, say.
 * @param nowMs of a clock that does not jump
 */
export function nextAlert(state: AlertState, rule: AlertRule, value: number | null, nowMs: number): AlertState {
  if (!rule.enabled) return CALM;
  const holdMs = rule.forS * 1_000;
  switch (state.phase) {
    case 'calm':
    case 'pending': {
      if (value === null || !isBad(rule, value)) return CALM;
      const sinceMs = state.phase === 'pending' ? state.sinceMs : nowMs;
      return nowMs - sinceMs < holdMs ? { phase: 'pending', sinceMs } : { phase: 'firing', sinceMs, worst: value, wellSinceMs: null };
    }
    case 'firing': {
      if (value !== null && !isWell(rule, value)) return { ...state, worst: worse(rule, state.worst, value), wellSinceMs: null };
      const wellSinceMs = state.wellSinceMs ?? nowMs;
      return nowMs - wellSinceMs < holdMs ? { ...state, wellSinceMs } : CALM;
    }
    default:
      return state satisfies never;
  }
}

/** All rules at once, by `ruleKey`. @returns the states now, and which rules began or ended in this step */
export function stepAlerts(
  states: ReadonlyMap<string, AlertState>,
  rules: readonly AlertRule[],
  values: MetricValues,
  nowMs: number,
): { states: Map<string, AlertState>; changes: { rule: AlertRule; began: boolean; worst: number }[] } {
  const next = new Map<string, AlertState>();
  const changes: { rule: AlertRule; began: boolean; worst: number }[] = [];
  for (const rule of rules) {
    const key = ruleKey(rule);
    const before = states.get(key) ?? CALM;
    const after = nextAlert(before, rule, values[rule.metric] ?? null, nowMs);
    next.set(key, after);
    if (before.phase !== 'firing' && after.phase === 'firing') changes.push({ rule, began: true, worst: after.worst });
    // one that was switched off has nothing to tell
    if (before.phase === 'firing' && after.phase !== 'firing' && rule.enabled) changes.push({ rule, began: false, worst: before.worst });
  }
  return { states: next, changes };
}

const isBad = ({ bad, threshold }: AlertRule, value: number) => (bad === 'above' ? value > threshold : value < threshold);
const isWell = (rule: AlertRule, value: number) => (rule.bad === 'above' ? value <= endsAt(rule) : value >= endsAt(rule));
const worse = ({ bad }: AlertRule, a: number, b: number) => (bad === 'above' ? Math.max(a, b) : Math.min(a, b));

const rule = (metric: MetricName, threshold: number, forS: number): AlertRule => ({
  metric,
  enabled: true,
  bad: 'above',
  threshold,
  hysteresisPct: 20,
  forS,
});

/** What a show should not come to. The rate control's own work (drops of a moment, a reconnection) is told by itself and is no alert. */
export const USUAL_RULES: AlertRules = [
  rule('uplinkQueueMs', 3_000, 15),
  rule('viewerQueueMs', 2_500, 30),
  rule('droppedPerMin', 300, 20),
  rule('latePerMin', 300, 20),
  rule('stallsPerMin', 6, 10),
  rule('reconnectsPerMin', 6, 10),
  rule('glassWorstMs', 10_000, 20),
  rule('startupWorstMs', 8_000, 20),
  rule('stalledWorstPct', 10, 20),
  rule('engineCpuPct', 90, 60),
  rule('serverCpuPct', 90, 60),
  rule('serverLoopMs', 200, 30),
  rule('engineMiB', 2_000, 60),
  rule('encoderMiB', 4_000, 60),
  rule('serverMiB', 2_000, 60),
];
