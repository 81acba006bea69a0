import { TriangleAlert } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import type { StudioStats } from '../../../src-shared/domain/index.ts';
import { useEngine } from '../../engine-client/engine.ts';
import { formatBitrate, formatBytes, formatSeconds } from '../../ui/format.ts';
import { useFailureText } from '../activity/failure-text.ts';
import { totalKbps, worstCongestion } from '../health/figures.ts';
import { useMedia } from '../stage/media.ts';
import { statusOf } from './status.ts';

/** First what it means to the user, then the figures. */
export function StatusStrip() {
  const { t, i18n } = useTranslation();
  const stats = useEngine('stats.get');
  const destinations = useEngine('destination.list');
  const framesPerSecond = useMedia(({ compositor }) => compositor?.framesPerSecond);
  const failureText = useFailureText();
  if (!stats) return <div className="status" />;
  const status = statusOf(stats);
  const subject = destinations?.find(({ id }) => id === status.destinationId)?.name;
  const sentence = t(`status.${status.key}`, { rate: formatBitrate(status.kbps ?? 0, i18n.language) });
  const words = status.failure
    ? [subject, failureText(status.failure)].filter(Boolean).join(': ')
    : stats.link
      ? t('status.madeUp', { sentence: status.key === 'rehearsing' ? t('status.onlyYou') : sentence })
      : sentence;
  return (
    <div className="status" role="status" aria-live="polite">
      <span className="status-words" data-level={status.level} title={words}>
        {status.level !== 'calm' && <TriangleAlert size={14} aria-hidden="true" />}
        <span className="truncate">{words}</span>
      </span>
      <dl className="status-figures figure" aria-live="off">
        {figures(stats, framesPerSecond, i18n.language).map(([key, value]) => (
          <div key={key} data-figure={key}>
            <dt>{t(`figures.${key}`)}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </div>
  );
}

type Figure = 'fps' | 'dropped' | 'bitrate' | 'glass' | 'congestion' | 'queue' | 'cpu' | 'disk';

function figures(stats: StudioStats, framesPerSecond: number | undefined, language: string): readonly (readonly [Figure, string])[] {
  const onAir = stats.session.phase === 'on-air';
  // what a destination misses while it is away is no picture dropped on the way
  const dropped = stats.publishers.filter(({ state }) => state.phase === 'live').reduce((sum, one) => sum + one.stats.framesDropped, 0);
  const { glassMs } = stats.metrics;
  const queueMs = Math.max(0, ...stats.publishers.map((one) => one.stats.queueMs));
  return [
    ['fps', framesPerSecond === undefined ? '–' : framesPerSecond.toFixed(1)],
    ['dropped', onAir ? dropped.toLocaleString(language) : '–'],
    ['bitrate', onAir ? formatBitrate(totalKbps(stats.publishers), language) : '–'],
    // what viewers of our own server tell of it; nobody else can
    ['glass', onAir && glassMs !== undefined ? formatSeconds(glassMs, language) : '–'],
    ['congestion', onAir ? `${Math.round(worstCongestion(stats.publishers) * 100)} %` : '–'],
    ['queue', onAir ? `${Math.round(queueMs)} ms` : '–'],
    ['cpu', `${Math.round(stats.encoder.cpuPct + stats.engineCpuPct)} %`],
    ['disk', formatBytes(stats.freeDiskBytes, language)],
  ];
}
