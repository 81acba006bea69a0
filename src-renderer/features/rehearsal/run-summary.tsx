import { CircleAlert, CircleCheck, TriangleAlert } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import type { RatePolicy } from '../../../src-shared/domain/index.ts';
import { formatBitrate } from '../../ui/format.ts';
import type { Run } from './run.ts';
import { type Summary, summarise } from './summary.ts';

const LOOKS = {
  short: 'calm',
  still: 'calm',
  clean: 'good',
  lowered: 'good',
  late: 'warning',
  dropped: 'warning',
  interrupted: 'warning',
} as const;
const ICONS = { calm: CircleAlert, good: CircleCheck, warning: TriangleAlert } as const;

/** What the run would have meant to viewers: a sentence first, then the figures, then what would help. */
export function RunSummary({ run, policy }: { run: Run; policy: RatePolicy }) {
  const { t, i18n } = useTranslation();
  const summary = summarise(run.samples, policy);
  if (!summary) return <p className="note">{t('rehearsal.noConnection')}</p>;
  const { verdict, advice } = summary;
  const Icon = ICONS[LOOKS[verdict]];
  const values = {
    rate: formatBitrate(summary.lowestKbps, i18n.language),
    seconds: summary.downS,
    delay: seconds(summary.longestDelayMs, i18n.language),
    percent: summary.droppedPct.toLocaleString(i18n.language, { maximumFractionDigits: 1 }),
  };
  return (
    <section className="run-summary" aria-label={t('rehearsal.summary')} data-verdict={verdict}>
      <p className="verdict" data-look={LOOKS[verdict]}>
        <Icon size={16} aria-hidden="true" />
        <span>
          {t(`rehearsal.verdicts.${verdict}`, values)}
          {advice && <span className="advice">{t(`rehearsal.advice.${advice}`)}</span>}
        </span>
      </p>
      <Figures summary={summary} />
    </section>
  );
}

function Figures({ summary }: { summary: Summary }) {
  const { t, i18n } = useTranslation();
  const { language } = i18n;
  const rows = [
    [t('rehearsal.figures.duration'), `${summary.durationS} s`],
    [t('rehearsal.figures.lowest'), formatBitrate(summary.lowestKbps, language)],
    [t('rehearsal.figures.delay'), seconds(summary.longestDelayMs, language)],
    [
      t('rehearsal.figures.dropped'),
      `${summary.dropped.toLocaleString(language)} (${summary.droppedPct.toLocaleString(language, { maximumFractionDigits: 1 })} %)`,
    ],
    [t('rehearsal.figures.reconnects'), summary.reconnects.toLocaleString(language)],
  ] as const;
  return (
    <dl className="figures-list">
      {rows.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd className="figure">{value}</dd>
        </div>
      ))}
    </dl>
  );
}

function seconds(ms: number, language: string): string {
  return `${(ms / 1_000).toLocaleString(language, { minimumFractionDigits: 1, maximumFractionDigits: 1 })} s`;
}
