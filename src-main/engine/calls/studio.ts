import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import type { StudioInfo } from '../../../src-shared/ipc/contract.ts';
import { lanAddresses } from '../../process/lan-addresses.ts';
import type { RecordOptions } from '../../process/server-contract.ts';
import type { Store } from '../store/store.ts';
import type { AreaHandlers, EngineContext } from './context.ts';

/** whether viewers on this machine's network may watch */
const LAN_SETTING = 'server.lan';

/** whether the live server keeps rehearsals */
const KEEP_SETTING = 'server.keepShows';
/** as the page says it */
const KEPT_BYTES_MAX = 20 * 1024 ** 3;

/** Where rehearsals are kept, and how many of them. */
export function keptShows(recordingsDirectory: string): RecordOptions {
  return { directory: join(recordingsDirectory, 'Rehearsals'), maxBytes: KEPT_BYTES_MAX };
}

export async function showsKept(store: Store): Promise<boolean> {
  return (await store.settings.get(KEEP_SETTING).catch(() => null)) === true;
}

/** Only a plain yes opens the server to the network. */
export async function lanAllowed(store: Store): Promise<boolean> {
  return (await store.settings.get(LAN_SETTING).catch(() => null)) === true;
}

type Studio = Pick<EngineContext, 'host' | 'version' | 'dataDirectory' | 'recordingsDirectory' | 'server' | 'ladder'>;

export function studioInfo({ host, version, dataDirectory, recordingsDirectory, server, ladder }: Studio): StudioInfo {
  const viewerUrl = server.running?.httpUrl ?? null;
  const { lan, keepsShows } = server;
  const lanUrls = lan && viewerUrl ? lanAddresses().map((address) => `http://${address}:${new URL(viewerUrl).port}`) : [];
  const { choice } = ladder;
  const logicalCores = availableParallelism();
  return { version, host, dataDirectory, recordingsDirectory, viewerUrl, lan, lanUrls, keepsShows, ladder: choice, logicalCores };
}

export function studioCalls(context: EngineContext): AreaHandlers<'studio' | 'server' | 'stats'> {
  return {
    'studio.info': () => studioInfo(context),
    'server.lan': async ({ on }) => {
      await context.store.settings.set(LAN_SETTING, on);
      context.server.setLan(on);
      context.emit('studio.changed', studioInfo(context));
    },
    'server.keepShows': async ({ on }) => {
      await context.store.settings.set(KEEP_SETTING, on);
      context.server.setKeepsShows(on);
      context.emit('studio.changed', studioInfo(context));
    },
    'server.ladder': async ({ choice }) => {
      await context.ladder.choose(choice);
      context.emit('studio.changed', studioInfo(context));
    },
    'stats.get': () => context.monitor.stats(),
  };
}
