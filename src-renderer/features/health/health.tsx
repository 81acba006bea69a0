import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { formatBitrate } from '../../ui/format.ts';
import { drawSparkline } from './sparkline.ts';
import { type HealthSample, healthChanged, healthSamples } from './stats-history.ts';

type Measure = keyof HealthSample;
const MEASURES: readonly Measure[] = ['bitrateKbps', 'queueMs', 'droppedPerS', 'encodeMs'];

/** The last two minutes: what leaves, what waits, what was lost, what encoding costs. */
export function Health() {
  const { t } = useTranslation();
  return (
    <section className="panel health" aria-label={t('health.title')}>
      <div className="panel-head">
        <h2>{t('health.title')}</h2>
        <span className="faint health-span">{t('health.span')}</span>
      </div>
      <div className="health-grid">
        {MEASURES.map((measure) => (
          <Spark key={measure} measure={measure} />
        ))}
      </div>
    </section>
  );
}

function Spark({ measure }: { measure: Measure }) {
  const { t, i18n } = useTranslation();
  const canvas = useRef<HTMLCanvasElement>(null);
  const [latest, setLatest] = useState<number | undefined>(undefined);
  useEffect(() => {
    const draw = () => {
      const values = healthSamples().map((sample) => sample[measure]);
      setLatest(values.at(-1));
      if (canvas.current) drawSparkline(canvas.current, values);
    };
    draw();
    return healthChanged.on(draw);
  }, [measure]);
  const value =
    latest === undefined
      ? '–'
      : measure === 'bitrateKbps'
        ? formatBitrate(latest, i18n.language)
        : measure === 'droppedPerS'
          ? `${latest} /s`
          : `${latest.toFixed(measure === 'encodeMs' ? 1 : 0)} ms`;
  return (
    <div className="spark">
      <div className="spark-label">
        <span>{t(`health.${measure}`)}</span>
        <span className="figure">{value}</span>
      </div>
      <canvas ref={canvas} />
    </div>
  );
}
