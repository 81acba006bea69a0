/** The network rehearsal of this window: what is chosen, and the run that goes on or went last. */
import { create } from 'zustand';
import {
  type DestinationId,
  type DestinationView,
  type LinkProfileId,
  RatePolicy,
  type StudioStats,
} from '../../../src-shared/domain/index.ts';
import { link, queries } from '../../engine-client/engine.ts';
import { say } from '../activity/notices.ts';
import { nextRun, type Run } from './run.ts';

/** Whose rate settings are tried; `profile`: the defaults, up to the profile's bitrate. */
export type SettingsOf = DestinationId | 'profile';

interface Rehearsal {
  link: LinkProfileId;
  /** null: not chosen yet */
  settingsOf: SettingsOf | null;
  busy: boolean;
  run: Run | null;
}

export const useRehearsal = create<Rehearsal>(() => ({ link: 'step', settingsOf: null, busy: false, run: null }));

link.onClient((client) => {
  client.on('stats', (stats) =>
    useRehearsal.setState(({ run }) => {
      const next = nextRun(run, stats);
      if (next === run || !next) return {};
      return next.samples.length === 1 ? { run: next, link: next.link } : { run: next }; // one that another window began
    }),
  );
});

const isRunning = () => queries.getQueryData<StudioStats>(['stats.get'])?.link != null;

export function chooseLink(profile: LinkProfileId): void {
  useRehearsal.setState({ link: profile });
  if (isRunning()) void link.invoke('rehearsal.link', { link: profile }).catch(say);
}

export function chooseSettings(settingsOf: SettingsOf): void {
  useRehearsal.setState({ settingsOf });
}

export function startRehearsal(): void {
  void act(async () => {
    const { link: profile, settingsOf: chosen } = useRehearsal.getState();
    const rate = policyOf(queries.getQueryData<DestinationView[]>(['destination.list']) ?? [], chosen);
    const session = await link.invoke('session.rehearse', { link: profile, rate });
    queries.setQueryData<StudioStats>(['stats.get'], (old) => (old ? { ...old, session } : old));
  });
}

export function stopRehearsal(): void {
  void act(() => link.invoke('session.stop'));
}

/** The destination that is chosen; before a choice the first that is enabled. */
export function settingsOf(destinations: readonly DestinationView[], chosen: SettingsOf | null): SettingsOf {
  const others = destinations.filter(({ kind }) => kind !== 'rehearsal');
  if (chosen === 'profile' || others.some(({ id }) => id === chosen)) return chosen ?? 'profile';
  return (others.find(({ enabled }) => enabled) ?? others[0])?.id ?? 'profile';
}

export function policyOf(destinations: readonly DestinationView[], chosen: SettingsOf | null): RatePolicy {
  const id = settingsOf(destinations, chosen);
  return destinations.find((one) => one.id === id)?.rate ?? RatePolicy.parse({});
}

async function act(run: () => Promise<void>): Promise<void> {
  useRehearsal.setState({ busy: true });
  try {
    await run();
  } catch (error) {
    say(error);
  } finally {
    useRehearsal.setState({ busy: false });
  }
}
