import { type Destination, type DestinationView, REHEARSAL_ID } from '../../../src-shared/domain/index.ts';
import { StudioError } from '../../../src-shared/errors.ts';
import { parseRtmpUrl } from '../publish/rtmp/url.ts';
import type { AreaHandlers, EngineContext } from './context.ts';

export function destinationCalls({ store, secrets, session, emit }: EngineContext): AreaHandlers<'destination'> {
  const view = async (destination: Destination): Promise<DestinationView> => ({
    ...destination,
    hasKey: destination.kind === 'rehearsal' || (await secrets.get(destination.id)) !== null,
  });
  const list = async () => Promise.all((await store.destinations.list()).map(view));
  const movesAway = async ({ id, kind, url }: Destination) => {
    const before = (await store.destinations.list()).find((one) => one.id === id);
    return before?.kind === 'rtmp' && kind === 'rtmp' && hostOf(before.url) !== hostOf(url);
  };
  const changed = async () => {
    emit('destinations.changed', await list());
    await session.refresh();
  };
  return {
    'destination.list': list,
    'destination.save': async ({ destination, streamKey }) => {
      check(destination);
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
function check({ id, kind, url }: Destination): void {
  if ((kind === 'rehearsal') !== (id === REHEARSAL_ID))
    throw new StudioError('store.conflict', 'There is exactly one rehearsal; it is built in.');
  if (kind === 'rtmp') parseRtmpUrl(url);
}
