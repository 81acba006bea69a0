import { Popover } from 'radix-ui';
import { useTranslation } from 'react-i18next';
import type { DestinationView, PublisherStatus } from '../../../src-shared/domain/index.ts';
import { formatBitrate } from '../../ui/format.ts';
import { CongestionMeter } from './congestion-meter.tsx';
import { ConnectionDetails } from './connection-details.tsx';
import { reasonOf } from './rate-words.ts';
import { isSmaller } from './show-format.ts';
import { StateWords } from './state-words.tsx';
import { useShow } from './use-show.ts';

interface Props {
  destination: DestinationView;
  status: PublisherStatus;
  /** the destination sends to both its ingests */
  isOneOfTwo: boolean;
}

/** One connection of the show: how it stands, what it gets and why, how congested its way is. */
export function Connection({ destination, status, isOneOfTwo }: Props) {
  const { t } = useTranslation();
  const { state, ingest } = status;
  return (
    <Popover.Root>
      <Popover.Anchor className="connection" data-phase={state.phase}>
        {isOneOfTwo && <div className="connection-ingest">{t(`destinations.ingest.${ingest}`)}</div>}
        <div className="destination-words" data-phase={state.phase}>
          <StateWords destination={destination} status={status} isOneOfTwo={isOneOfTwo} />
          {state.phase === 'live' && <RateWords status={status} />}
        </div>
        {state.phase === 'live' && (
          <div className="connection-figures">
            <CongestionMeter status={status} />
            <ConnectionDetails destination={destination} status={status} />
          </div>
        )}
      </Popover.Anchor>
    </Popover.Root>
  );
}

/** Why the rate is what it is; and the size, when it is not the show's. */
function RateWords({ status: { rate } }: { status: PublisherStatus }) {
  const { t, i18n } = useTranslation();
  const show = useShow((state) => state.show);
  const why = reasonOf(rate);
  const reason = t(`destinations.reason.${why}`, { rate: formatBitrate(rate.targetKbps, i18n.language) });
  return (
    <p className="rate-words" data-reason={why}>
      {isSmaller(rate, show) ? `${reason} · ${rate.heightPx}p${Math.round(rate.frameRate)}` : reason}
    </p>
  );
}
