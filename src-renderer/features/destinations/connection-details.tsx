import { Info } from 'lucide-react';
import { Popover } from 'radix-ui';
import { useTranslation } from 'react-i18next';
import type { DestinationView, PublisherStatus } from '../../../src-shared/domain/index.ts';
import { link } from '../../engine-client/engine.ts';
import { NumberField } from '../../ui/fields.tsx';
import { formatBitrate, formatBytes } from '../../ui/format.ts';
import { Hint } from '../../ui/hint.tsx';
import { say } from '../activity/notices.ts';
import { storedOf } from './draft.ts';

interface Props {
  destination: DestinationView;
  status: PublisherStatus;
}

/** The figures behind the words, and the ceiling, which takes effect while the show goes on. The popover's root and anchor are the connection's. */
export function ConnectionDetails({ destination, status }: Props) {
  const { t } = useTranslation();
  const title = t('details.title', { name: destination.name });
  return (
    <>
      <Hint label={title}>
        <Popover.Trigger asChild>
          <button type="button" className="icon-button small" aria-label={title}>
            <Info size={14} />
          </button>
        </Popover.Trigger>
      </Hint>
      <Popover.Portal>
        <Popover.Content
          className="popover details"
          side="left"
          align="start"
          sideOffset={40}
          collisionPadding={8}
          aria-label={title}
          onOpenAutoFocus={focusContent}
        >
          <h3>{destination.name}</h3>
          <Figures status={status} />
          <Ceiling destination={destination} status={status} />
        </Popover.Content>
      </Popover.Portal>
    </>
  );
}

/** Not the field in it: a stray key must not change a rate on air. */
const focusContent = (event: Event) => {
  event.preventDefault();
  (event.currentTarget as HTMLElement).focus();
};

function Figures({ status: { stats, rate } }: { status: PublisherStatus }) {
  const { t, i18n } = useTranslation();
  const { language } = i18n;
  const count = (value: number) => value.toLocaleString(language);
  const rows: readonly (readonly [string, string] | false)[] = [
    [t('details.target'), formatBitrate(rate.targetKbps, language)],
    [t('details.picture'), `${rate.widthPx} × ${rate.heightPx}, ${Math.round(rate.frameRate * 100) / 100} fps`],
    [t('details.congestion'), `${Math.round(stats.congestion * 100)} %`],
    [t('details.queue'), `${Math.round(stats.queueMs)} ms · ${formatBytes(stats.queueBytes, language)}`],
    stats.rttMs !== null && [t('details.rtt'), `${Math.round(stats.rttMs)} ms`],
    stats.retransmittedPackets !== null && [t('details.retransmitted'), count(stats.retransmittedPackets)],
    [t('details.sent'), `${count(stats.framesSent)} · ${formatBytes(stats.bytesSent, language)}`],
    [t('details.dropped'), count(stats.framesDropped)],
    stats.clockJumps > 0 && [t('details.clockJumps'), count(stats.clockJumps)],
    [t('details.evidence'), t(`details.evidences.${stats.evidence}`)],
  ];
  return (
    <dl className="figures-list">
      {rows
        .filter((row) => row !== false)
        .map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd className="figure">{value}</dd>
          </div>
        ))}
    </dl>
  );
}

function Ceiling({ destination, status }: Props) {
  const { t } = useTranslation();
  const save = (ceilingKbps: number) => {
    const stored = storedOf(destination);
    const rate = {
      ...stored.rate,
      ceilingKbps: Math.round(ceilingKbps),
      floorKbps: Math.min(stored.rate.floorKbps, Math.round(ceilingKbps)),
    };
    void link.invoke('destination.save', { destination: { ...stored, rate } }).catch(say);
  };
  return (
    <NumberField
      inline
      label={t('destinations.ceiling')}
      hint={t('details.ceilingHint')}
      unit="kbps"
      min={50}
      max={100_000}
      step={100}
      value={destination.rate.ceilingKbps ?? Math.round(status.rate.ceilingKbps)}
      onCommit={save}
    />
  );
}
