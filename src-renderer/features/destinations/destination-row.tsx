import { Copy, ExternalLink, MoreHorizontal, Pencil, RotateCw, Trash2 } from 'lucide-react';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { DestinationView, PublisherStatus } from '../../../src-shared/domain/index.ts';
import { link, useEngine } from '../../engine-client/engine.ts';
import { openLink } from '../../engine-client/shell.ts';
import { IconButton } from '../../ui/button.tsx';
import { Switch } from '../../ui/fields.tsx';
import { formatBitrate } from '../../ui/format.ts';
import { Menu, MenuItem } from '../../ui/menu.tsx';
import { useFailureText } from '../activity/failure-text.ts';
import { say } from '../activity/notices.ts';
import { engineNowUs } from '../health/stats-history.ts';

export function DestinationRow({ destination, onEdit }: { destination: DestinationView; onEdit: () => void }) {
  const { t } = useTranslation();
  const { id, name, enabled, kind } = destination;
  const publisher = useEngine('stats.get', ({ publishers }) => publishers.find(({ destinationId }) => destinationId === id));
  const phase = publisher?.state.phase ?? 'idle';
  const enable = (on: boolean) =>
    void link.invoke('destination.save', { destination: { id, name, kind, url: destination.url, enabled: on } }).catch(say);
  return (
    <li className="destination" data-phase={phase} data-kind={kind}>
      <div className="list-row">
        <span className="lamp" aria-hidden="true" />
        <div className="grow">
          <div className="truncate">{name}</div>
          <div className="destination-words" data-phase={phase}>
            <StateWords destination={destination} publisher={publisher} />
          </div>
        </div>
        {kind === 'rtmp' && (
          <Menu
            align="end"
            trigger={
              <button type="button" className="icon-button small" aria-label={t('common.more', { name })}>
                <MoreHorizontal size={15} />
              </button>
            }
          >
            <MenuItem icon={<Pencil size={15} />} onSelect={onEdit}>
              {t('common.edit')}
            </MenuItem>
            <MenuItem icon={<Trash2 size={15} />} onSelect={() => void link.invoke('destination.remove', { id }).catch(say)}>
              {t('common.remove')}
            </MenuItem>
          </Menu>
        )}
        <Switch label={t('destinations.enable', { name })} checked={enabled} onChange={enable} />
      </div>
      {kind === 'rehearsal' && enabled && <ViewerLink />}
    </li>
  );
}

/** The state in words; a wait is counted down, with a way not to wait. */
function StateWords({ destination, publisher }: { destination: DestinationView; publisher: PublisherStatus | undefined }) {
  const { t, i18n } = useTranslation();
  const failureText = useFailureText();
  const state = publisher?.state ?? { phase: 'idle' as const };
  const retry = (
    <button type="button" className="link" onClick={() => void link.invoke('destination.retry', { id: destination.id }).catch(say)}>
      <RotateCw size={12} /> {t('destinations.retryNow')}
    </button>
  );
  switch (state.phase) {
    case 'idle':
      return (
        <>
          {!destination.enabled
            ? t('destinations.off')
            : destination.kind === 'rtmp' && !destination.hasKey
              ? t('destinations.noKey')
              : t('destinations.ready')}
        </>
      );
    case 'connecting':
      return <>{t('destinations.connecting')}</>;
    case 'live':
      return (
        <span className="figure">
          {t(destination.kind === 'rehearsal' ? 'destinations.rehearsing' : 'destinations.live')} ·{' '}
          {formatBitrate(publisher?.stats.bitrateKbps ?? 0, i18n.language)}
          {state.reconnects > 0 && ` · ${t('destinations.reconnects', { count: state.reconnects })}`}
        </span>
      );
    case 'failing-over':
      return <p>{failureText(state.failure)}</p>;
    case 'waiting':
      return (
        <>
          <Countdown dueUs={state.dueUs} /> {retry}
          <p>{failureText(state.failure)}</p>
        </>
      );
    case 'stopping':
      return <>{t('destinations.stopping')}</>;
    case 'stopped':
      return state.failure ? (
        <>
          {t('destinations.stopped')} {retry}
          <p>{failureText(state.failure)}</p>
        </>
      ) : (
        t('destinations.ready')
      );
    default:
      return state satisfies never;
  }
}

function Countdown({ dueUs }: { dueUs: number }) {
  const { t } = useTranslation();
  const [, tick] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => tick((n) => n + 1), 500);
    return () => clearInterval(timer);
  }, []);
  const seconds = Math.max(0, Math.ceil((dueUs - (engineNowUs() ?? dueUs)) / 1_000_000));
  return <span className="figure">{t('destinations.waiting', { seconds })}</span>;
}

/** Where rehearsal viewers watch: the page of the embedded live server. */
function ViewerLink() {
  const { t } = useTranslation();
  const url = useEngine('studio.info', ({ viewerUrl }) => viewerUrl);
  const [copied, setCopied] = useState(false);
  if (!url) return null;
  const copy = () =>
    void navigator.clipboard.writeText(url).then(() => {
      setCopied(true);
      setTimeout(() => setCopied(false), 1_500);
    }, say);
  return (
    <div className="viewer-link">
      <a
        className="truncate grow selectable"
        href={url}
        target="_blank"
        rel="noopener noreferrer"
        aria-label={t('destinations.viewerPage')}
      >
        {url.replace(/^https?:\/\//, '')}
      </a>
      <IconButton small label={t(copied ? 'common.copied' : 'destinations.copyLink')} onClick={copy}>
        <Copy size={14} />
      </IconButton>
      <IconButton small label={t('destinations.openViewer')} onClick={() => openLink(url)}>
        <ExternalLink size={14} />
      </IconButton>
    </div>
  );
}
