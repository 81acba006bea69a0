/** The monitor: figures of all processes, of the server and of its viewers, now and in the past, and the rules that watch them. */

import { useQuery } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { ShowSummary } from '../../../src-shared/domain/index.ts';
import { Panel } from '../../app/panel.tsx';
import { link } from '../../engine-client/engine.ts';
import { Empty } from '../../ui/button.tsx';
import { SelectField } from '../../ui/fields.tsx';
import { formatElapsed } from '../../ui/format.ts';
import { AlertRuleList, FiringAlerts } from './alert-rules.tsx';
import { CHARTS } from './charts.ts';
import { MetricChart } from './metric-chart.tsx';
import { type Stretch, useMetricSource } from './metric-source.ts';

const HOUR_MS = 3_600_000;
const SPANS = { day: 24 * HOUR_MS, month: 30 * 24 * HOUR_MS } as const;

export function Monitor() {
  const { t, i18n } = useTranslation();
  const [chosen, setChosen] = useState('live');
  const shows = useShows();
  const show = shows.find(({ id }) => chosen === `show-${id}`) ?? null;
  const stretch = useMemo(() => stretchOf(chosen, show), [chosen, show]);
  const { source, isEmpty } = useMetricSource(stretch);
  const options = [
    ...(['live', 'day', 'month'] as const).map((value) => ({ value: value as string, label: t(`monitor.spans.${value}`) })),
    ...shows.map((one) => ({ value: `show-${one.id}`, label: showName(one) })),
  ];
  function showName({ startedAtMs, endedAtMs, live }: ShowSummary): string {
    const began = new Date(startedAtMs).toLocaleString(i18n.language, { dateStyle: 'medium', timeStyle: 'short' });
    const lasted = endedAtMs === null ? '' : ` · ${formatElapsed(endedAtMs - startedAtMs)}`;
    return `${t(live ? 'monitor.show' : 'monitor.rehearsal')} ${began}${lasted}`;
  }
  return (
    <Panel title={t('monitor.title')}>
      <FiringAlerts />
      <SelectField label={t('monitor.time')} inline value={chosen} options={options} onChange={setChosen} />
      {show && (
        <p className="soft monitor-summary">
          {t('monitor.summary', { sent: show.framesSent, dropped: show.framesDropped, incidents: show.incidents })}
        </p>
      )}
      {isEmpty ? (
        <Empty>{t('monitor.empty')}</Empty>
      ) : (
        <div className="metric-charts">
          {CHARTS.map(({ id, metrics }) => (
            <MetricChart key={id} id={id} metrics={metrics} source={source} />
          ))}
        </div>
      )}
      <AlertRuleList />
    </Panel>
  );
}

/** Newest first; asked for when the view opens. */
function useShows(): readonly ShowSummary[] {
  const { data } = useQuery({ queryKey: ['metrics.shows'], staleTime: 0, queryFn: () => link.invoke('metrics.shows') });
  return data ?? [];
}

/** One that was cut off has no end: what followed within an hour is shown. */
function stretchOf(chosen: string, show: ShowSummary | null): Stretch | null {
  if (show) return { fromMs: show.startedAtMs, toMs: show.endedAtMs ?? Math.min(Date.now(), show.startedAtMs + HOUR_MS) };
  if (chosen !== 'day' && chosen !== 'month') return null;
  const toMs = Date.now();
  return { fromMs: toMs - SPANS[chosen], toMs };
}
