/** The one link of this window, the query cache over it, and the hooks that components read with. */
import { keepPreviousData, QueryClient, useQuery } from '@tanstack/react-query';
import { useSyncExternalStore } from 'react';
import type { StudioStats } from '../../src-shared/domain/index.ts';
import type { CallInput, CallName, CallOutput } from '../../src-shared/ipc/contract.ts';
import type { Client } from '../../src-shared/ipc/rpc.ts';
import { noteStats } from '../features/health/stats-history.ts';
import { noteMetrics } from '../features/monitor/live-metrics.ts';
import { connectChannel } from './connect.ts';
import { EngineLink, type LinkState } from './engine-link.ts';

export const link = new EngineLink(connectChannel);

/** The engine pushes what changes, so nothing is stale until the connection was lost. */
export const queries = new QueryClient({
  defaultOptions: {
    queries: { staleTime: Number.POSITIVE_INFINITY, retry: 1, refetchOnWindowFocus: false, networkMode: 'always' },
    mutations: { networkMode: 'always' },
  },
});

type Readable =
  | 'studio.info'
  | 'profile.list'
  | 'destination.list'
  | 'encoders.list'
  | 'recording.list'
  | 'asset.list'
  | 'activity.list'
  | 'alerts.list'
  | 'stats.get';

/** Reads a call's answer; pushes from the engine keep it fresh. Undefined until the first answer. */
export function useEngine<N extends Readable, T = CallOutput<N>>(name: N, select?: (value: CallOutput<N>) => T): T | undefined {
  const { data } = useQuery<CallOutput<N>, Error, T>({
    queryKey: [name],
    queryFn: () => (link.invoke as (name: CallName) => Promise<unknown>)(name) as Promise<CallOutput<N>>,
    ...(select ? { select } : {}),
  });
  return data;
}

/** The engine's answer to what is asked now; the one before until it comes. */
export function useAnswer<N extends 'encoders.ignored' | 'encoders.chain'>(name: N, input: CallInput<N>): CallOutput<N> | undefined {
  const { data } = useQuery<CallOutput<N>>({
    queryKey: [name, input],
    queryFn: () => (link.invoke as (name: CallName, input: unknown) => Promise<unknown>)(name, input) as Promise<CallOutput<N>>,
    placeholderData: keepPreviousData,
  });
  return data;
}

export function useLinkState(): LinkState {
  return useSyncExternalStore(link.subscribe, link.snapshot);
}

link.onClient((client) => {
  bindPushes(client);
  void queries.invalidateQueries();
});

function bindPushes(client: Client): void {
  const stats = (change: Partial<StudioStats>) =>
    queries.setQueryData<StudioStats>(['stats.get'], (old) => (old ? { ...old, ...change } : old));
  client.on('stats', (value) => {
    queries.setQueryData(['stats.get'], value);
    noteStats(value);
    noteMetrics(value);
  });
  client.on('session.changed', (session) => void stats({ session }));
  client.on('publishers.changed', (publishers) => void stats({ publishers }));
  client.on('recorder.changed', (recorder) => void stats({ recorder }));
  client.on('alerts.changed', (value) => void queries.setQueryData(['alerts.list'], value));
  client.on('studio.changed', (value) => void queries.setQueryData(['studio.info'], value));
  client.on('profiles.changed', (value) => void queries.setQueryData(['profile.list'], value));
  client.on('encoders.changed', (value) => {
    queries.setQueryData(['encoders.list'], value);
    void queries.invalidateQueries({ queryKey: ['encoders.chain'] });
  });
  client.on('destinations.changed', (value) => void queries.setQueryData(['destination.list'], value));
  client.on('recordings.changed', (value) => void queries.setQueryData(['recording.list'], value));
  client.on(
    'activity.added',
    (activity) =>
      void queries.setQueryData<CallOutput<'activity.list'>>(['activity.list'], (old = []) =>
        old.some(({ id }) => id === activity.id) ? old : [...old, activity].slice(-500),
      ),
  );
}
