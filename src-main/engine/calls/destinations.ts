import { type Destination, type DestinationId, type DestinationView, REHEARSAL_ID } from '../../../src-shared/domain/index.ts';
import { StudioError, toFailure } from '../../../src-shared/errors.ts';
import { parseRtmpUrl } from '../publish/rtmp/url.ts';
import type { AreaHandlers, EngineContext } from './context.ts';

export function destinationCalls({ store, secrets, session, activities, emit }: EngineContext): AreaHandlers<'destination'> {
  const view = async (destination: Destination): Promise<DestinationView> => ({
    ...destination,
    hasKey: destination.kind === 'rehearsal' || (await secrets.get(destination.id)) !== null,
  });
  const list = async () => Promise.all((await store.destinations.list()).map(view));
  const others = async (id: DestinationId) => (await store.destinations.list()).filter((one) => one.id !== id);
  const movesAway = async (destination: Destination) => {
    const before = (await store.destinations.list()).find(({ id }) => id === destination.id);
    if (before?.kind !== 'rtmp' || destination.kind !== 'rtmp') return false;
    const known = [before.url, ...(before.backup ? [before.backup.url] : [])].map(hostOf); // a backup is the same platform's
    return !known.includes(hostOf(destination.url));
  };
  /** What was asked for is done; what follows from it fails on its own account. */
  const changed = async () => {
    await list().then(
      (destinations) => emit('destinations.changed', destinations),
      (error: unknown) => {
        const failure = toFailure(error);
        activities.add({ level: 'warning', subject: 'Destinations', failure, message: failure.message });
      },
    );
    await session.refresh();
  };
  return {
    'destination.list': list,
    'destination.save': async ({ destination, streamKey }) => {
      check(destination);
      session.checkDestinations([...(await others(destination.id)), destination]); // before the key is touched
      // before the new address is known to anyone: a key is never sent to a server it was not given for
      if (await movesAway(destination)) await secrets.delete(destination.id);
      await store.destinations.save(destination);
      if (streamKey === '') await secrets.delete(destination.id);
      else if (streamKey !== undefined) await secrets.set(destination.id, streamKey);
      await changed();
    },
    'destination.remove': async ({ id }) => {
      if (id === REHEARSAL_ID)
        throw new StudioError('store.conflict', 'The rehearsal is built in and cannot be removed. Disable it instead.');
      session.checkDestinations(await others(id));
      await store.destinations.remove(id);
      await secrets.delete(id);
      await changed();
    },
    'destination.retry': ({ id }) => session.retry(id),
  };
}

function hostOf(url: string): string | undefined {
  return URL.parse(url.trim())?.hostname.toLowerCase();
}

/** @throws StudioError rtmp.bad-url, store.conflict */
function check({ id, kind, url, backup }: Destination): void {
  if ((kind === 'rehearsal') !== (id === REHEARSAL_ID))
    throw new StudioError('store.conflict', 'There is exactly one rehearsal; it is built in.');
  if (kind === 'rtmp') parseRtmpUrl(url);
  if (kind === 'rtmp' && backup) parseRtmpUrl(backup.url);
}
