/** The format of this window's show, kept from its start. */
import { create } from 'zustand';
import type { StudioStats } from '../../../src-shared/domain/index.ts';
import type { CallOutput } from '../../../src-shared/ipc/contract.ts';
import { link, queries } from '../../engine-client/engine.ts';
import { type Format, nextShow, type Show } from './show-format.ts';

export const useShow = create<{ show: Show | null }>(() => ({ show: null }));

link.onClient((client) => {
  client.on('stats', note);
  client.on('session.changed', (session) => note({ session, publishers: [] }));
});

function note(stats: Pick<StudioStats, 'session' | 'publishers'>): void {
  useShow.setState(({ show }) => ({ show: nextShow(show, stats, profileFormat()) }));
}

function profileFormat(): Format {
  const { activeId, profiles } = queries.getQueryData<CallOutput<'profile.list'>>(['profile.list']) ?? {};
  return profiles?.find(({ id }) => id === activeId)?.video ?? { heightPx: 0, frameRate: 0 };
}
