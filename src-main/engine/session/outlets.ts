/** Where a show goes: the destinations with their addresses and keys, an outlet for each connection. */
import {
  type AudioTrack,
  type Destination,
  type EnhancedUse,
  type Ingest,
  REHEARSAL_ID,
  renditionOf,
  type SoundId,
  soundOf,
  tracksOf,
} from '../../../src-shared/domain/index.ts';
import { StudioError } from '../../../src-shared/errors.ts';
import type { ActivityLog } from '../monitor/activity-log.ts';
import type { PublishTarget } from '../publish/publisher.ts';
import type { Secrets } from '../secrets.ts';
import type { LiveServerSupervisor } from '../server/live-server-supervisor.ts';
import type { Store } from '../store/store.ts';
import type { Bases } from './bases.ts';
import type { RehearsalUplink } from './rehearsal-uplink.ts';

/** One connection of a show. */
export interface Outlet {
  destination: Destination;
  /** a destination that sends to both its ingests has an outlet for each */
  ingest: Ingest;
  target: PublishTarget;
  /** TCP ends at a relay on this machine: what the system tells of the connection says nothing of the link behind */
  relayed: boolean;
}

export interface OutletSources {
  store: Store;
  secrets: Secrets;
  server: LiveServerSupervisor;
  activities: ActivityLog;
}

/** The enabled ones, or the rehearsal alone, with the rate policy that is tried, when there is an uplink for it. */
export function wantedDestinations(all: readonly Destination[], uplink: RehearsalUplink | null): Destination[] {
  if (!uplink) return all.filter(({ enabled }) => enabled);
  return all.filter(({ id }) => id === REHEARSAL_ID).map((rehearsal) => ({ ...rehearsal, rate: uplink.rate ?? rehearsal.rate }));
}

/**
 * One whose address or key is not to be had is reported, and left out unless it is open already: then it stays as it is.
 * @throws StudioError server.unavailable for a rehearsal without others, if asked to throw
 */
export async function findOutlets(
  wanted: readonly Destination[],
  sources: OutletSources,
  uplink: RehearsalUplink | null,
  onFailure: 'throw' | 'report',
  open: readonly Outlet[] = [],
): Promise<Outlet[]> {
  const outlets: Outlet[] = [];
  for (const destination of wanted) {
    try {
      outlets.push(...(await outletsOf(destination, sources, uplink)));
    } catch (error) {
      if (!(error instanceof StudioError) || (onFailure === 'throw' && wanted.length === 1)) throw error;
      const { code, message } = error;
      sources.activities.add({ level: 'error', subject: destination.name, failure: { code, message }, message });
      outlets.push(...open.filter((one) => one.destination.id === destination.id).map((one) => ({ ...one, destination })));
    }
  }
  return outlets;
}

/** Without one the server's own word counts. */
function userWord(enhanced: EnhancedUse = 'auto'): Pick<PublishTarget, 'takesEnhanced'> {
  return enhanced === 'auto' ? {} : { takesEnhanced: enhanced === 'always' };
}

/** The encodes that they ask for. */
export function basesOf(outlets: readonly Outlet[]): Bases {
  return new Map(outlets.map(({ destination: { video } }) => [renditionOf(video), video]));
}

/** Those of their further tracks, for which nobody waits. */
export function trackBasesOf(outlets: readonly Outlet[]): Bases {
  return new Map(outlets.flatMap(({ destination }) => tracksOf(destination).video.map((own) => [renditionOf(own), own] as const)));
}

export function trackSoundsOf(outlets: readonly Outlet[]): ReadonlyMap<SoundId, AudioTrack> {
  return new Map(outlets.flatMap(({ destination }) => tracksOf(destination).audio.map((track) => [soundOf(track), track] as const)));
}

export function isLive(outlets: readonly Outlet[]): boolean {
  return outlets.some(({ destination }) => destination.kind !== 'rehearsal');
}

async function outletsOf(destination: Destination, sources: OutletSources, uplink: RehearsalUplink | null): Promise<Outlet[]> {
  const { id: destinationId, kind, url, backup, enhanced } = destination;
  if (kind === 'rehearsal') {
    const { rtmpUrl } = await sources.server.whenRunning();
    const { streamName, key } = sources.server.rehearsal;
    const target = { destinationId, url: uplink ? await uplink.url() : rtmpUrl, backupUrl: null, streamKey: `${streamName}?key=${key}` };
    return [{ destination, ingest: 'primary', target, relayed: uplink !== null }];
  }
  const streamKey = (await sources.secrets.get(destinationId)) ?? '';
  const backupUrl = backup?.mode === 'failover' ? backup.url : null;
  const target: PublishTarget = { destinationId, url, backupUrl, streamKey, ...userWord(enhanced) };
  const primary: Outlet = { destination, ingest: 'primary', target, relayed: false };
  if (backup?.mode !== 'both') return [primary];
  return [primary, { ...primary, ingest: 'backup', target: { ...target, url: backup.url, backupUrl: null } }];
}
