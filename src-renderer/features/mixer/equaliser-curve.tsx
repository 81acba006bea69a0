import { useTranslation } from 'react-i18next';
import type { AudioFilterOf } from '../../../src-shared/domain/index.ts';
import { equaliserDb } from '../../audio/dsp/equaliser.ts';

const WIDTH = 280;
const HEIGHT = 84;
const RANGE_DB = 24;
const POINTS = 96;
const DECADES_HZ = [100, 1_000, 10_000];

const xOf = (hz: number) => (Math.log10(hz / 20) / 3) * WIDTH;
const yOf = (db: number) => HEIGHT / 2 - (Math.max(-RANGE_DB, Math.min(RANGE_DB, db)) / RANGE_DB) * (HEIGHT / 2 - 4);

/** What the equaliser does from 20 Hz to 20 kHz, by the formula that its filters are made from. */
export function EqualiserCurve({ filter }: { filter: AudioFilterOf<'equaliser'> }) {
  const { t } = useTranslation();
  const line = Array.from({ length: POINTS + 1 }, (_, n) => {
    const hz = 20 * 1_000 ** (n / POINTS);
    return `${xOf(hz).toFixed(1)},${yOf(equaliserDb(filter, hz)).toFixed(1)}`;
  }).join(' ');
  return (
    <svg className="equaliser-curve" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={t('mixer.equaliserCurve')}>
      {DECADES_HZ.map((hz) => (
        <line key={hz} x1={xOf(hz)} x2={xOf(hz)} y1="0" y2={HEIGHT} />
      ))}
      <line x1="0" x2={WIDTH} y1={yOf(0)} y2={yOf(0)} />
      <polyline points={line} />
    </svg>
  );
}
