/** What the handlers of calls work with. One file per area; `handlers.ts` puts them together. */
import type { CallName } from '../../../src-shared/ipc/contract.ts';
import type { Handlers } from '../../../src-shared/ipc/rpc.ts';
import type { EncoderCatalogue } from '../encoder/encoder-catalogue.ts';
import type { EncoderSupervisor } from '../encoder/encoder-supervisor.ts';
import type { Emit } from '../events.ts';
import type { ActivityLog } from '../monitor/activity-log.ts';
import type { MetricsWatch } from '../monitor/metrics-watch.ts';
import type { Monitor } from '../monitor/monitor.ts';
import type { Secrets } from '../secrets.ts';
import type { LadderSwitch } from '../server/ladder-switch.ts';
import type { LiveServerSupervisor } from '../server/live-server-supervisor.ts';
import type { ProfileFollower } from '../session/profile-follower.ts';
import type { Program } from '../session/program.ts';
import type { Recorder } from '../session/recorder.ts';
import type { Session } from '../session/session.ts';
import type { Store } from '../store/store.ts';

export interface EngineContext {
  host: 'electron' | 'browser';
  version: string;
  dataDirectory: string;
  recordingsDirectory: string;
  store: Store;
  secrets: Secrets;
  encoder: EncoderSupervisor;
  encoders: EncoderCatalogue;
  server: LiveServerSupervisor;
  ladder: LadderSwitch;
  program: Program;
  profiles: ProfileFollower;
  session: Session;
  recorder: Recorder;
  monitor: Monitor;
  metrics: MetricsWatch;
  activities: ActivityLog;
  emit: Emit;
}

/** The handlers of the calls whose names begin with one of the areas. */
export type AreaHandlers<Area extends string> = Pick<Handlers, Extract<CallName, `${Area}.${string}`>>;
