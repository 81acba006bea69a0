import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import type { PublisherStatus } from '../../../src-shared/domain/index.ts';
import { congestionLevel } from '../health/figures.ts';
import { drawSparkline } from '../health/sparkline.ts';
import { CONGESTION_KEPT_S, congestionOf, healthChanged } from '../health/stats-history.ts';

/** How congested the way to the server is, now and over the last minute. Empty: all that is encoded is delivered. */
export function CongestionMeter({ status: { destinationId, ingest, stats } }: { status: PublisherStatus }) {
  const { t } = useTranslation();
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const draw = () => {
      if (canvas.current) drawSparkline(canvas.current, congestionOf(destinationId, ingest), { span: CONGESTION_KEPT_S, top: 1 });
    };
    draw();
    return healthChanged.on(draw);
  }, [destinationId, ingest]);
  const percent = Math.round(stats.congestion * 100);
  return (
    <div className="congestion" data-level={congestionLevel(stats.congestion)} title={t('destinations.congestionIs', { percent })}>
      <div
        className="congestion-bar"
        role="meter"
        aria-label={t('health.congestion')}
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={percent}
      >
        <span style={{ width: `${percent}%` }} />
      </div>
      <canvas ref={canvas} />
    </div>
  );
}
