import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import type { MeterBank } from './meter-bank.ts';

export function MeterCanvas({ id, bank }: { id: string; bank: MeterBank }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => (canvas.current ? bank.attach(id, canvas.current) : undefined), [id, bank]);
  return <canvas ref={canvas} className="meter" />;
}

export function Scale() {
  return (
    <div className="meter-scale figure" aria-hidden="true">
      {[0, -12, -24, -36, -48].map((db) => (
        <span key={db} style={{ bottom: `${((db + 60) / 60) * 100}%` }}>
          {Math.abs(db)}
        </span>
      ))}
    </div>
  );
}

/** Peak, RMS and loudness in figures, which the bank writes a few times a second without React. */
export function Readings({ id, bank }: { id: string; bank: MeterBank }) {
  const { t } = useTranslation();
  const list = useRef<HTMLDListElement>(null);
  useEffect(() => {
    const values = list.current?.querySelectorAll('dd');
    return values ? bank.attachFigures(id, [...values]) : undefined;
  }, [id, bank]);
  const isMaster = id === 'master';
  return (
    <dl ref={list} className="readings figure" aria-label={t('mixer.readings')}>
      <dt title={t('mixer.peakHint')}>PK</dt>
      <dd />
      <dt title={t('mixer.rmsHint')}>RMS</dt>
      <dd />
      <dt title={t('mixer.lufsHint')}>LUFS</dt>
      <dd />
      {isMaster && (
        <>
          <dt title={t('mixer.integratedHint')}>INT</dt>
          <dd />
        </>
      )}
    </dl>
  );
}
