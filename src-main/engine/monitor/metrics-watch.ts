/** Watches the figures: keeps the last minutes in memory and the rest in the store, and tells of what goes beyond the user's limits. */
import {
  type ActivityEvent,
  type Alert,
  AlertRules,
  type AlertState,
  CALM,
  foldSamples,
  type MetricSample,
  type MetricValues,
  ruleKey,
  stepAlerts,
  USUAL_RULES,
} from '../../../src-shared/domain/index.ts';
import type { Emit } from '../events.ts';
import type { Log } from '../log.ts';
import type { Store } from '../store/store.ts';
import type { ActivityLog } from './activity-log.ts';
import { MetricCollector, type MetricInput } from './metric-collector.ts';

const RULES_KEY = 'alerts.rules';
/** in memory, one a second */
const RECENT_KEPT = 15 * 60;
const STORED_EVERY = 10;

export interface MetricsWatchOptions {
  store: Pick<Store, 'metrics' | 'settings'>;
  activities: Pick<ActivityLog, 'add'>;
  emit: Emit;
  log: Pick<Log, 'warn'>;
}

export class MetricsWatch {
  readonly #options: MetricsWatchOptions;
  readonly #collector = new MetricCollector();
  readonly #recent: MetricSample[] = [];
  #rules: AlertRules;
  #states: ReadonlyMap<string, AlertState> = new Map();
  #unstored: MetricSample[] = [];

  private constructor(options: MetricsWatchOptions, rules: AlertRules) {
    this.#options = options;
    this.#rules = rules;
  }

  static async open(options: MetricsWatchOptions): Promise<MetricsWatch> {
    const saved = AlertRules.safeParse(await options.store.settings.get(RULES_KEY));
    return new MetricsWatch(options, withUsual(saved.success ? saved.data : []));
  }

  /** the newest */
  get values(): MetricValues {
    return this.#recent.at(-1)?.values ?? {};
  }

  /** of the last quarter of an hour, one a second, oldest first */
  get recent(): readonly MetricSample[] {
    return this.#recent;
  }

  get alerts(): Alert[] {
    return this.#rules.map((rule) => ({ rule, state: this.#states.get(ruleKey(rule)) ?? CALM }));
  }

  /** @throws what the store says; the rules are in force only if they were kept */
  async saveRules(rules: AlertRules): Promise<void> {
    await this.#options.store.settings.set(RULES_KEY, rules);
    this.#rules = withUsual(rules);
    this.#options.emit('alerts.changed', this.alerts);
  }

  /**
   * To be called each second.
   * @param nowMs of a clock that does not jump
   * @param isBusy a show, a recording, a publisher or a viewer: otherwise nothing is worth keeping
   */
  tick(input: MetricInput, nowMs: number, isBusy: boolean): void {
    const sample = { atMs: Date.now(), values: rounded(this.#collector.collect(input, nowMs)) };
    this.#recent.push(sample);
    if (this.#recent.length > RECENT_KEPT) this.#recent.shift();
    this.#watch(sample.values, nowMs);
    if (isBusy) this.#keep(sample);
  }

  #watch(values: MetricValues, nowMs: number): void {
    const before = this.#states;
    const { states, changes } = stepAlerts(before, this.#rules, values, nowMs);
    this.#states = states;
    for (const { rule, began, worst } of changes) {
      const { metric, bad, threshold } = rule;
      const event: ActivityEvent = { kind: 'alert', metric, bad, threshold, worst, began };
      const message = began
        ? `${metric} has been ${bad} ${threshold} for ${rule.forS} s: ${worst}.`
        : `${metric} is well again; it came to ${worst}.`;
      this.#options.activities.add({ level: began ? 'warning' : 'info', subject: 'Monitor', message, event });
    }
    const isNews = this.#rules.some((rule) => before.get(ruleKey(rule))?.phase !== states.get(ruleKey(rule))?.phase);
    if (isNews) this.#options.emit('alerts.changed', this.alerts);
  }

  #keep(sample: MetricSample): void {
    this.#unstored.push(sample);
    if (this.#unstored.length < STORED_EVERY) return;
    const folded = foldSamples(this.#unstored);
    this.#unstored = [];
    this.#options.store.metrics.add(folded).catch((error: unknown) => this.#options.log.warn(`metrics: not stored: ${String(error)}`));
  }
}

/** A figure that became watched after the user saved his rules has the usual one. */
function withUsual(rules: AlertRules): AlertRules {
  const saved = new Map(rules.map((rule) => [ruleKey(rule), rule]));
  const usual = new Set(USUAL_RULES.map(ruleKey));
  return [...USUAL_RULES.map((rule) => saved.get(ruleKey(rule)) ?? rule), ...rules.filter((rule) => !usual.has(ruleKey(rule)))];
}

/** Two decimals: nobody reads more, and each is kept thousands of times. */
function rounded(values: MetricValues): MetricValues {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, Math.round(value * 100) / 100]));
}
