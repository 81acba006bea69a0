import { FlaskConical } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { StudioStats } from '../../../src-shared/domain/index.ts';
import { toggleView } from '../../app/preferences.ts';
import { useEngine } from '../../engine-client/engine.ts';
import { IconButton } from '../../ui/button.tsx';
import { formatBitrate } from '../../ui/format.ts';
import { encoderName } from '../settings/encoder-names.ts';
import { drawSparkline } from './sparkline.ts';
import { type HealthSample, healthChanged, healthSamples } from './stats-history.ts';

type Measure = keyof HealthSample;
const MEASURES: readonly Measure[] = ['bitrateKbps', 'queueMs', 'congestionPct', 'droppedPerS', 'rttMs', 'encodeMs'];

/** The last two minutes: what leaves, what waits, how congested the uplink is, what was lost, what encoding costs. */
export function Health() {
  const { t } = useTranslation();
  return (
    <section className="panel health" aria-label={t('health.title')}>
      <div className="panel-head">
        <h2>{t('health.title')}</h2>
        <MadeUpLink />
        <IconButton small label={t('rehearsal.title')} onClick={() => toggleView('rehearsal')}>
          <FlaskConical size={15} />
        </IconButton>
      </div>
      <EncodingTrouble />
      <div className="health-grid">
        {MEASURES.map((measure) => (
          <Spark key={measure} measure={measure} />
        ))}
      </div>
    </section>
  );
}

/** Why the show looks other than the profile says: encoding cannot keep up, or its encoder keeps failing. */
function EncodingTrouble() {
  const { t } = useTranslation();
  const relief = useEngine('stats.get', ({ encoder }) => encoder.relief);
  const wanted = useEngine('stats.get', ({ encoder }) => insteadOf(encoder)?.insteadOf ?? null);
  const used = useEngine('stats.get', ({ encoder }) => insteadOf(encoder)?.encoder ?? null);
  if (!relief && !wanted) return null;
  return (
    <p className="health-trouble" role="status">
      {wanted && used && t('health.insteadOf', { wanted: encoderName(wanted), used: encoderName(used) })}{' '}
      {relief && t(`health.relief.${relief}`)}
    </p>
  );
}

const insteadOf = ({ encodes }: StudioStats['encoder']) => encodes.find((encode) => encode.insteadOf !== null);

/** The uplink of a network rehearsal, while one runs. */
function MadeUpLink() {
  const { t, i18n } = useTranslation();
  const link = useEngine('stats.get', (stats) => stats.link);
  if (!link) return <span className="faint health-span">{t('health.span')}</span>;
  return (
    <button type="button" className="made-up-link figure" title={t('rehearsal.title')} onClick={() => toggleView('rehearsal')}>
      {t(`rehearsal.links.${link.profile}.name`)} · {formatBitrate(link.capacityKbps, i18n.language)}
    </button>
  );
}

function Spark({ measure }: { measure: Measure }) {
  const { t, i18n } = useTranslation();
  const canvas = useRef<HTMLCanvasElement>(null);
  const [latest, setLatest] = useState<number | null>(null);
  useEffect(() => {
    const draw = () => {
      const values = healthSamples().map((sample) => sample[measure]);
      setLatest(values.at(-1) ?? null);
      if (canvas.current)
        drawSparkline(
          canvas.current,
          values.map((value) => value ?? 0),
          measure === 'congestionPct' ? { top: 100 } : {},
        );
    };
    draw();
    return healthChanged.on(draw);
  }, [measure]);
  return (
    <div className="spark">
      <div className="spark-label">
        <span className="truncate">{t(`health.${measure}`)}</span>
        <span className="figure">{latest === null ? '–' : figureOf(measure, latest, i18n.language)}</span>
      </div>
      <canvas ref={canvas} />
    </div>
  );
}

function figureOf(measure: Measure, value: number, language: string): string {
  switch (measure) {
    case 'bitrateKbps':
      return formatBitrate(value, language);
    case 'congestionPct':
      return `${Math.round(value)} %`;
    case 'droppedPerS':
      return `${value} /s`;
    case 'queueMs':
    case 'rttMs':
      return `${Math.round(value)} ms`;
    case 'encodeMs':
      return `${value.toFixed(1)} ms`;
    default:
      return measure satisfies never;
  }
}
