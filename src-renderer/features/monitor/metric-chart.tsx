/** One chart: a canvas that is drawn when a figure comes, and a legend with the values under the pointer, or the newest. */
import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import type { MetricName, MetricSample } from '../../../src-shared/domain/index.ts';
import { useView } from '../../app/preferences.ts';
import { type ChartId, formatMetric, formatTick, LINES } from './charts.ts';
import { drawSoon, forget } from './draw-queue.ts';
import type { MetricSource } from './metric-source.ts';

const HEIGHT_PX = 96;
const DAY_MS = 24 * 3_600_000;

export function MetricChart({ id, metrics, source }: { id: ChartId; metrics: readonly MetricName[]; source: MetricSource }) {
  const { t, i18n } = useTranslation();
  const dark = useView((state) => state.dark);
  const place = useRef<HTMLDivElement>(null);
  const figures = useRef<HTMLSpanElement[]>([]);
  useEffect(() => {
    if (!place.current) return;
    void dark; // its colours are read anew
    return showChart({ place: place.current, figures: figures.current, metrics, source, language: i18n.language });
  }, [metrics, source, i18n.language, dark]);
  return (
    <figure className="metric-chart" aria-label={t(`monitor.charts.${id}`)}>
      <figcaption>{t(`monitor.charts.${id}`)}</figcaption>
      <div ref={place} className="metric-canvas" aria-hidden="true" />
      <ul className="metric-legend">
        {metrics.map((name, line) => (
          <li key={name}>
            <svg width="18" height="6" aria-hidden="true">
              <line
                x1="0"
                y1="3"
                x2="18"
                y2="3"
                stroke={`var(${LINES[line]?.colour})`}
                strokeWidth="2"
                strokeDasharray={LINES[line]?.dash.join(' ')}
              />
            </svg>
            <span className="truncate">{t(`monitor.metrics.${name}`)}</span>
            <span
              className="figure"
              ref={(element) => {
                if (element) figures.current[line] = element;
              }}
            />
          </li>
        ))}
      </ul>
    </figure>
  );
}

interface Shown {
  place: HTMLElement;
  figures: HTMLSpanElement[];
  metrics: readonly MetricName[];
  source: MetricSource;
  language: string;
}

/** @returns what takes it away again */
function showChart({ place, figures, metrics, source, language }: Shown): () => void {
  let samples: readonly MetricSample[] = [];
  const write = (index: number | null | undefined) => {
    const values = samples[index ?? samples.length - 1]?.values ?? {};
    metrics.forEach((name, line) => {
      const value = values[name];
      const element = figures[line];
      if (element) element.textContent = value === undefined ? '–' : formatMetric(name, value, language);
    });
  };
  const plot = new uPlot(options({ place, metrics, language, spanMs: source.spanMs, write }), empty(metrics), place);
  let isSeen = false;
  const draw = () => {
    samples = source.samples();
    const { fromMs, toMs } = source.range();
    plot.batch(() => {
      plot.setData(columns(samples, metrics), false);
      plot.setScale('x', { min: fromMs / 1_000, max: toMs / 1_000 });
    });
    write(plot.cursor.idx);
  };
  const later = () => void (isSeen && drawSoon(draw));
  const watcher = new IntersectionObserver((entries) => {
    isSeen = entries.at(-1)?.isIntersecting ?? false;
    later();
  });
  watcher.observe(place);
  const sizes = new ResizeObserver(() => {
    plot.setSize({ width: place.clientWidth, height: HEIGHT_PX });
    later();
  });
  sizes.observe(place);
  const off = source.changed.on(later);
  return () => {
    off();
    forget(draw);
    watcher.disconnect();
    sizes.disconnect();
    plot.destroy();
  };
}

type Columns = [number[], ...(number | null)[][]];

const empty = (metrics: readonly MetricName[]): Columns => [[], ...metrics.map(() => [])];

function columns(samples: readonly MetricSample[], metrics: readonly MetricName[]): Columns {
  return [samples.map(({ atMs }) => atMs / 1_000), ...metrics.map((name) => samples.map(({ values }) => values[name] ?? null))];
}

function options({
  place,
  metrics,
  language,
  spanMs,
  write,
}: Omit<Shown, 'figures' | 'source'> & { spanMs: number; write: (index: number | null | undefined) => void }): uPlot.Options {
  const style = getComputedStyle(place);
  const colour = (name: string) => style.getPropertyValue(name).trim();
  const axis = {
    stroke: colour('--text-faint'),
    font: `11px ${style.fontFamily}`,
    grid: { stroke: colour('--line'), width: 1 },
    ticks: { show: false },
    gap: 4,
  };
  const timeOf = new Intl.DateTimeFormat(
    language,
    spanMs > DAY_MS ? { month: 'numeric', day: 'numeric' } : { hour: '2-digit', minute: '2-digit' },
  );
  const [first] = metrics as [MetricName];
  return {
    width: place.clientWidth,
    height: HEIGHT_PX,
    padding: [8, 10, 0, 0], // above, half of a label's height: the topmost stands at the very edge
    legend: { show: false },
    cursor: { y: false, drag: { x: false, y: false }, points: { size: 5 } },
    scales: { y: { range: (_, __, max) => [0, max > 0 ? max * 1.15 : 1] } },
    axes: [
      { ...axis, size: 18, space: 64, values: (_, ticks) => ticks.map((second) => timeOf.format(second * 1_000)) },
      { ...axis, size: 44, space: 24, values: (_, ticks) => ticks.map((value) => formatTick(first, value, language)) },
    ],
    series: [
      {},
      ...metrics.map((_, line) => ({
        stroke: colour(LINES[line]?.colour ?? '--text'),
        width: 1.5,
        dash: [...(LINES[line]?.dash ?? [])],
        points: { show: false },
        spanGaps: false,
      })),
    ],
    hooks: { setCursor: [(plot) => write(plot.cursor.idx)] },
  };
}
