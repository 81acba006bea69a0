import { type ReactNode, useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { useView } from '../../app/preferences.ts';
import { formatMbps } from '../../ui/format.ts';
import { engineNowUs } from '../health/stats-history.ts';
import { CHART_HEIGHT_PX, drawChart } from './chart.ts';
import type { Run } from './run.ts';

/** The chart moves slowly: more often than this nobody would see. */
const FRAME_MS = 50;
const still = matchMedia('(prefers-reduced-motion: reduce)');

/** The last minute: what the link takes, what we send, how late it is, what is dropped. */
export function RunChart({ run }: { run: Run }) {
  const { t, i18n } = useTranslation();
  const { language } = i18n;
  const latest = run.samples.at(-1);
  return (
    <figure className="run-chart">
      <dl className="run-legend figure">
        <Legend look="link" name={t('rehearsal.chart.link')}>
          {latest && formatMbps(latest.capacityKbps, language)}
        </Legend>
        <Legend look="ours" name={t('rehearsal.chart.ours')}>
          {latest && formatMbps(latest.bitrateKbps, language)}
        </Legend>
        <Legend look="delay" name={t('rehearsal.chart.delay')}>
          {latest && `${Math.round(latest.delayMs).toLocaleString(language)} ms`}
        </Legend>
        <Legend look="dropped" name={t('rehearsal.chart.dropped')}>
          {run.samples.reduce((sum, { dropped }) => sum + dropped, 0).toLocaleString(language)}
        </Legend>
      </dl>
      <Canvas run={run} label={t('rehearsal.chart.title')} />
      <figcaption className="run-axis faint">
        <span>{t('rehearsal.chart.ago')}</span>
        <span>{t(run.isOver ? 'rehearsal.chart.end' : 'rehearsal.chart.now')}</span>
      </figcaption>
    </figure>
  );
}

function Legend({ look, name, children }: { look: string; name: string; children: ReactNode }) {
  return (
    <div data-look={look}>
      <dt>{name}</dt>
      <dd>{children ?? '–'}</dd>
    </div>
  );
}

function Canvas({ run, label }: { run: Run; label: string }) {
  const { i18n } = useTranslation();
  const canvas = useRef<HTMLCanvasElement>(null);
  const dark = useView((state) => state.dark);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the chart takes its colours from the theme
  useEffect(() => {
    const formatKbps = (kbps: number) => formatMbps(kbps, i18n.language);
    const endUs = (run.samples.at(-1)?.timeUs ?? 0) + 1_100_000;
    const draw = () => {
      const nowUs = run.isOver || still.matches ? endUs : (engineNowUs() ?? endUs);
      if (canvas.current) drawChart(canvas.current, run.samples, { formatKbps, nowUs });
    };
    draw();
    const observer = new ResizeObserver(draw);
    if (canvas.current) observer.observe(canvas.current);
    const timer = run.isOver || still.matches ? undefined : setInterval(draw, FRAME_MS);
    return () => {
      observer.disconnect();
      clearInterval(timer);
    };
  }, [run, i18n.language, dark]);
  return <canvas ref={canvas} role="img" aria-label={label} data-samples={run.samples.length} style={{ height: CHART_HEIGHT_PX }} />;
}
