import { useSyncExternalStore } from 'react';

const query = matchMedia('(max-width: 1179px), (max-height: 660px)');
const subscribe = (listener: () => void) => {
  query.addEventListener('change', listener);
  return () => query.removeEventListener('change', listener);
};

/** True where the docks have to share one column. */
export function useCompact(): boolean {
  return useSyncExternalStore(subscribe, () => query.matches);
}
