import { RotateCw } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import type { DestinationView, PublisherState, PublisherStatus } from '../../../src-shared/domain/index.ts';
import { link } from '../../engine-client/engine.ts';
import { formatBitrate } from '../../ui/format.ts';
import { useFailureText } from '../activity/failure-text.ts';
import { say } from '../activity/notices.ts';
import { formatCountdown, useSecondsUntil } from './countdown.ts';

interface Props {
  destination: DestinationView;
  status: PublisherStatus;
  isOneOfTwo: boolean;
}

/** The state in words; a wait is counted down, with a way not to wait. */
export function StateWords({ destination, status: { state, stats }, isOneOfTwo }: Props) {
  const { t, i18n } = useTranslation();
  const failureText = useFailureText();
  const where = destination.backup && !isOneOfTwo && 'ingest' in state ? ` · ${t(`destinations.ingest.${state.ingest}`)}` : '';
  switch (state.phase) {
    case 'idle':
      return <>{t('destinations.ready')}</>;
    case 'connecting':
      return (
        <>
          {t(state.attempt > 1 ? 'destinations.connectingAgain' : 'destinations.connecting', { attempt: state.attempt })}
          {where}
          <Grace name={destination.name} state={state} />
        </>
      );
    case 'live':
      return (
        <span className="figure">
          {t(destination.kind === 'rehearsal' ? 'destinations.rehearsing' : 'destinations.live')} ·{' '}
          {formatBitrate(stats.bitrateKbps, i18n.language)}
          {state.reconnects > 0 && ` · ${t('destinations.reconnects', { count: state.reconnects })}`}
          {state.ingest === 'backup' && where}
        </span>
      );
    case 'failing-over':
      return (
        <>
          {t('destinations.failingOver', { ingest: t(`destinations.ingest.${state.ingest}`) })}
          <p>{failureText(state.failure)}</p>
          <Grace name={destination.name} state={state} />
        </>
      );
    case 'waiting':
      return (
        <>
          <div className="wait">
            <Wait dueUs={state.dueUs} attempt={state.attempt} />
            <Retry destination={destination} />
          </div>
          <p>{failureText(state.failure)}</p>
          <Grace name={destination.name} state={state} />
        </>
      );
    case 'stopping':
      return <>{t('destinations.stopping')}</>;
    case 'stopped':
      if (!state.failure) return <>{t('destinations.ready')}</>;
      return (
        <>
          {t('destinations.stopped')} <Retry destination={destination} />
          <p>{failureText(state.failure)}</p>
        </>
      );
    default:
      return state satisfies never;
  }
}

function Retry({ destination: { id, name } }: { destination: DestinationView }) {
  const { t } = useTranslation();
  return (
    <button
      type="button"
      className="link"
      aria-label={t('destinations.retryNowFor', { name })}
      onClick={() => void link.invoke('destination.retry', { id }).catch(say)}
    >
      <RotateCw size={12} aria-hidden="true" /> {t('destinations.retryNow')}
    </button>
  );
}

/** A server that does not answer at all is looked for every second: then there is no time to count down. */
function Wait({ dueUs, attempt }: { dueUs: number; attempt: number }) {
  const { t } = useTranslation();
  const seconds = useSecondsUntil(dueUs);
  if (seconds === null) return null;
  return (
    <span className="figure">{seconds > 0 ? t('destinations.waiting', { seconds, attempt: attempt + 1 }) : t('destinations.looking')}</span>
  );
}

type Dropped = Extract<PublisherState, { graceUntilUs: number | null }>;

/** How long the platform is expected to keep the show that has dropped. */
function Grace({ name, state: { graceUntilUs } }: { name: string; state: Dropped }) {
  const { t } = useTranslation();
  const seconds = useSecondsUntil(graceUntilUs);
  if (seconds === null) return null;
  return (
    <p className="figure grace">
      {seconds > 0 ? t('destinations.grace', { name, time: formatCountdown(seconds) }) : t('destinations.graceOver', { name })}
    </p>
  );
}
