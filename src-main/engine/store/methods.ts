import type { StoreCall, StoreInput, StoreOutput } from './protocol.ts';
import type { Store } from './store.ts';

type Call = <N extends StoreCall>(name: N, input: StoreInput<N>) => Promise<StoreOutput<N>>;

const ACTIVITIES_LISTED = 200;
const SESSIONS_LISTED = 100;
/** a chart has no more pixels */
const METRICS_LISTED = 600;

/** The store's methods, each one call of the protocol. */
export function storeMethods(call: Call): Omit<Store, 'incidents' | 'close' | typeof Symbol.asyncDispose> {
  return {
    profiles: {
      list: () => call('profiles.list', undefined),
      save: (profile) => call('profiles.save', profile),
      activate: (id) => call('profiles.activate', { id }),
      remove: (id) => call('profiles.remove', { id }),
    },
    collection: {
      get: () => call('collection.get', undefined),
      save: (edit) => call('collection.save', edit),
    },
    destinations: {
      list: () => call('destinations.list', undefined),
      save: (destination) => call('destinations.save', destination),
      remove: (id) => call('destinations.remove', { id }),
    },
    recordings: {
      list: () => call('recordings.list', undefined),
      get: (id) => call('recordings.get', { id }),
      insert: (recording) => call('recordings.insert', recording),
      update: (id, changes) => call('recordings.update', { id, changes }),
      remove: (id) => call('recordings.remove', { id }),
      setThumbnail: (id, jpeg) => call('recordings.setThumbnail', { id, jpeg }),
      thumbnail: (id) => call('recordings.thumbnail', { id }),
    },
    assets: {
      put: (file) => call('assets.put', file),
      list: () => call('assets.list', undefined),
      find: (id) => call('assets.find', { id }),
    },
    activities: {
      add: (activity) => call('activities.add', activity),
      list: (limit = ACTIVITIES_LISTED) => call('activities.list', { limit }),
    },
    sessions: {
      begin: (session) => call('sessions.begin', session),
      update: (id, changes) => call('sessions.update', { id, changes }),
      list: (limit = SESSIONS_LISTED) => call('sessions.list', { limit }),
    },
    metrics: {
      add: (sample) => call('metrics.add', sample),
      range: (fromMs, toMs, most = METRICS_LISTED) => call('metrics.range', { fromMs, toMs, most }),
    },
    settings: {
      get: (key) => call('settings.get', { key }),
      set: (key, value) => call('settings.set', { key, value }),
      remove: (key) => call('settings.remove', { key }),
    },
  };
}
