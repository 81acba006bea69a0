/** The rules that watch the figures, and which of them are broken now. */
import { TriangleAlert } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { type Alert, type AlertRule, endsAt, METRICS, ruleKey } from '../../../src-shared/domain/index.ts';
import { link, queries, useEngine } from '../../engine-client/engine.ts';
import { NumberField, Switch } from '../../ui/fields.tsx';
import { say } from '../activity/notices.ts';
import { formatMetric, UNIT_WORDS } from './charts.ts';

const NONE: readonly Alert[] = [];

/** What is beyond its limit now; nothing is shown while all is well. */
export function FiringAlerts() {
  const { t, i18n } = useTranslation();
  const alerts = useEngine('alerts.list') ?? NONE;
  const firing = alerts.flatMap(({ rule, state }) => (state.phase === 'firing' ? [{ rule, state }] : []));
  return (
    <div role="status">
      <ul className="firing-alerts">
        {firing.map(({ rule, state }) => (
          <li key={ruleKey(rule)}>
            <TriangleAlert size={15} aria-hidden="true" />
            {t('monitor.alert.began', {
              name: t(`monitor.metrics.${rule.metric}`),
              worst: formatMetric(rule.metric, state.worst, i18n.language),
              limit: formatMetric(rule.metric, rule.threshold, i18n.language),
            })}
          </li>
        ))}
      </ul>
    </div>
  );
}

export function AlertRuleList() {
  const { t } = useTranslation();
  const alerts = useEngine('alerts.list') ?? NONE;
  return (
    <section className="alert-rules" aria-label={t('monitor.rules.title')}>
      <h3>{t('monitor.rules.title')}</h3>
      <p className="hint">{t('monitor.rules.hint')}</p>
      <ul>
        {alerts.map((alert) => (
          <RuleRow key={ruleKey(alert.rule)} alert={alert} />
        ))}
      </ul>
    </section>
  );
}

function RuleRow({ alert: { rule, state } }: { alert: Alert }) {
  const { t, i18n } = useTranslation();
  const name = t(`monitor.metrics.${rule.metric}`);
  const unit = UNIT_WORDS[METRICS[rule.metric].unit];
  return (
    <li className="alert-rule" data-phase={state.phase}>
      <div className="row">
        <Switch label={t('monitor.rules.watch', { name })} checked={rule.enabled} onChange={(enabled) => save({ ...rule, enabled })} />
        <strong className="truncate grow">{name}</strong>
        <span className="alert-phase">{rule.enabled ? t(`monitor.rules.phase.${state.phase}`) : t('monitor.rules.off')}</span>
      </div>
      <div className="pair">
        <NumberField
          label={t(`monitor.rules.${rule.bad}`, { name })}
          value={rule.threshold}
          unit={unit}
          min={0}
          max={10_000_000}
          hint={t('monitor.rules.ends', { limit: formatMetric(rule.metric, endsAt(rule), i18n.language) })}
          onCommit={(threshold) => save({ ...rule, threshold })}
        />
        <NumberField
          label={t('monitor.rules.for', { name })}
          value={rule.forS}
          unit="s"
          min={0}
          max={3_600}
          onCommit={(forS) => save({ ...rule, forS })}
        />
      </div>
    </li>
  );
}

/** The engine's answer is pushed; on the newest rules, so that two quick edits do not undo each other. */
function save(changed: AlertRule): void {
  const alerts = queries.getQueryData<Alert[]>(['alerts.list']) ?? [];
  const next = alerts.map((alert) => (ruleKey(alert.rule) === ruleKey(changed) ? { ...alert, rule: changed } : alert));
  queries.setQueryData(['alerts.list'], next);
  link
    .invoke(
      'alerts.save',
      next.map(({ rule }) => rule),
    )
    .catch((error: unknown) => {
      say(error);
      void queries.invalidateQueries({ queryKey: ['alerts.list'] });
    });
}
