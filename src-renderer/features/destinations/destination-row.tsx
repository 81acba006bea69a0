import { MoreHorizontal, Pencil, Trash2 } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import type { DestinationView, PublisherState, PublisherStatus } from '../../../src-shared/domain/index.ts';
import { link, useEngine } from '../../engine-client/engine.ts';
import { Switch } from '../../ui/fields.tsx';
import { Menu, MenuItem } from '../../ui/menu.tsx';
import { say } from '../activity/notices.ts';
import { Connection } from './connection.tsx';
import { storedOf } from './draft.ts';
import { ViewerLink } from './viewer-link.tsx';

const NOT_PART: readonly PublisherStatus[] = [];

/** A destination with each of its connections: one, or two when it sends to both its ingests. */
export function DestinationRow({ destination, onEdit }: { destination: DestinationView; onEdit: () => void }) {
  const { t } = useTranslation();
  const { id, name, enabled, kind } = destination;
  const connections =
    useEngine('stats.get', ({ publishers }) => publishers.filter(({ destinationId }) => destinationId === id)) ?? NOT_PART;
  const phase = worstPhase(connections);
  const enable = (on: boolean) =>
    void link.invoke('destination.save', { destination: { ...storedOf(destination), enabled: on } }).catch(say);
  return (
    <li className="destination" data-phase={phase} data-kind={kind}>
      <div className="list-row">
        <span className="lamp" aria-hidden="true" />
        <div className="grow">
          <div className="truncate">{name}</div>
          {connections.length === 0 && <OffAirWords destination={destination} />}
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
      {connections.map((status) => (
        <Connection key={status.ingest} destination={destination} status={status} isOneOfTwo={connections.length > 1} />
      ))}
      {kind === 'rehearsal' && enabled && <ViewerLink />}
    </li>
  );
}

const WORST_FIRST = [
  'stopped',
  'waiting',
  'failing-over',
  'connecting',
  'stopping',
  'live',
  'idle',
] as const satisfies readonly PublisherState['phase'][];

/** What the lamp tells: it is calm only when every connection is. */
function worstPhase(connections: readonly PublisherStatus[]): PublisherState['phase'] {
  return WORST_FIRST.find((phase) => connections.some(({ state }) => state.phase === phase)) ?? 'idle';
}

/** Why nothing goes there now. */
function OffAirWords({ destination: { enabled, kind, hasKey, video } }: { destination: DestinationView }) {
  const { t } = useTranslation();
  const rehearsing = useEngine('stats.get', ({ session }) => session.phase === 'on-air' && !session.live);
  const words = !enabled ? 'off' : kind === 'rtmp' && rehearsing ? 'leftAlone' : kind === 'rtmp' && !hasKey ? 'noKey' : 'ready';
  const own = video && `${video.widthPx} × ${video.heightPx}, ${video.frameRate} fps`;
  return <div className="destination-words">{[t(`destinations.${words}`), own].filter(Boolean).join(' · ')}</div>;
}
