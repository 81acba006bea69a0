import { ActivityList } from '../features/activity/activity.tsx';
import { Monitor } from '../features/monitor/monitor.tsx';
import { Recordings } from '../features/recordings/recordings.tsx';
import { NetworkRehearsal } from '../features/rehearsal/network-rehearsal.tsx';
import { Settings } from '../features/settings/settings.tsx';
import type { RightView } from './preferences.ts';

const VIEWS = {
  recordings: Recordings,
  settings: Settings,
  activity: ActivityList,
  rehearsal: NetworkRehearsal,
  monitor: Monitor,
} as const;

export function RightViewPanel({ view }: { view: Exclude<RightView, 'show'> }) {
  const View = VIEWS[view];
  return <View />;
}
