import { Popover } from 'radix-ui';
import { useTranslation } from 'react-i18next';
import type { CodecFallback, DestinationView, EncodeState, PublisherRate, PublisherStatus } from '../../../src-shared/domain/index.ts';
import { useEngine } from '../../engine-client/engine.ts';
import { formatBitrate } from '../../ui/format.ts';
import { encoderName } from '../settings/encoder-names.ts';
import { CongestionMeter } from './congestion-meter.tsx';
import { ConnectionDetails } from './connection-details.tsx';
import { reasonOf } from './rate-words.ts';
import { StateWords } from './state-words.tsx';

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
          {state.phase === 'live' && <EncodeWords status={status} />}
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
  const show = useEngine('profile.list', ({ activeId, profiles }) => profiles.find(({ id }) => id === activeId)?.video);
  const why = reasonOf(rate);
  const reason = t(`destinations.reason.${why}`, { rate: formatBitrate(rate.targetKbps, i18n.language) });
  return (
    <p className="rate-words" data-reason={why}>
      {show && isSmaller(rate, show) ? `${reason} · ${rate.heightPx}p${Math.round(rate.frameRate)}` : reason}
    </p>
  );
}

type Format = Pick<PublisherRate, 'heightPx' | 'frameRate'>;

function isSmaller(rate: Format, show: Format): boolean {
  return rate.heightPx < show.heightPx || rate.frameRate < show.frameRate;
}

const ordinaryCodecs = ({ video, audio }: CodecFallback) => [video && 'H.264', audio && 'AAC'].filter(Boolean).join(' + ');

/** What it gets in the place of what it is set to get: another codec, or the same from another encoder. */
function EncodeWords({ status: { rate, codecFallback, tracks } }: { status: PublisherStatus }) {
  const { t } = useTranslation();
  const encode = (encodes: readonly EncodeState[]) => encodes.find(({ renditionId }) => renditionId === rate.renditionId);
  const wanted = useEngine('stats.get', ({ encoder }) => encode(encoder.encodes)?.insteadOf ?? null);
  const used = useEngine('stats.get', ({ encoder }) => encode(encoder.encodes)?.encoder ?? null);
  return (
    <>
      {codecFallback && (
        <p className="encode-words">
          {t(`destinations.codecFallback.${codecFallback.failure ? 'refused' : 'set'}`, { codecs: ordinaryCodecs(codecFallback) })}
        </p>
      )}
      {tracks && (
        <p className="encode-words" data-warning={tracks.failure || tracks.paused ? true : undefined}>
          {t(`destinations.tracks.${tracks.failure ? 'leftOut' : tracks.paused ? 'paused' : 'sent'}`, {
            pictures: tracks.video,
            sounds: tracks.audio,
          })}
        </p>
      )}
      {wanted && used && (
        <p className="encode-words" data-warning>
          {t('health.insteadOf', { wanted: encoderName(wanted), used: encoderName(used) })}
        </p>
      )}
    </>
  );
}
