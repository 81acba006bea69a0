/** The parts of a show, all real, over an encoder, a store and a live server that do as a test says. */
import type { EncodeFailure, EncoderSupervisor } from '../../src-main/engine/encoder/encoder-supervisor.ts';
import type { Log } from '../../src-main/engine/log.ts';
import type { ActivityInput, ActivityLog } from '../../src-main/engine/monitor/activity-log.ts';
import { type RenditionPlan, renditionChanges } from '../../src-main/engine/rendition/plan.ts';
import { MemorySecrets } from '../../src-main/engine/secrets.ts';
import type { LiveServerSupervisor } from '../../src-main/engine/server/live-server-supervisor.ts';
import { Program } from '../../src-main/engine/session/program.ts';
import { Recorder } from '../../src-main/engine/session/recorder.ts';
import { Session } from '../../src-main/engine/session/session.ts';
import type { Store } from '../../src-main/engine/store/store.ts';
import { monotonicClock } from '../../src-main/process/clock.ts';
import type { MediaHeader, MediaPacket } from '../../src-main/process/packet.ts';
import { Emitter } from '../../src-shared/disposable.ts';
import {
  DEFAULT_PROFILE,
  Destination,
  DestinationId,
  type Profile,
  type RenditionId,
  type SessionState,
} from '../../src-shared/domain/index.ts';
import type { Failure } from '../../src-shared/errors.ts';

const id = DestinationId.parse('11111111-1111-4111-8111-111111111111');
/** where no server listens */
export const nobody = Destination.parse({ id, name: 'Nobody', kind: 'rtmp', url: 'rtmp://127.0.0.1:1/live', enabled: true });
const log: Log = { debug() {}, info() {}, warn() {}, error() {} };

/** Gives headers for what is opened and says what is closed, as the encoder does; no pictures. */
function scriptedEncoder() {
  const plans: RenditionPlan[] = [];
  const idrs: RenditionId[] = [];
  const headers = new Emitter<MediaHeader>();
  const closed = new Emitter<RenditionId>();
  let renditions: RenditionPlan['renditions'] = [];
  return {
    plans,
    idrs,
    headers,
    closed,
    packets: new Emitter<MediaPacket>(),
    failed: new Emitter<EncodeFailure>(),
    requestIdr: (renditionIds: RenditionId[]) => void idrs.push(...renditionIds),
    setBitrate() {},
    stats: { cpuPct: 0, restarts: 0, framesLate: 0, encodes: [] },
    replaced: new Emitter<Failure>(),
    thumbnail: async (): Promise<Uint8Array | null> => null,
    async want(plan: RenditionPlan) {
      plans.push(plan);
      const { open, close } = renditionChanges(renditions, plan.renditions);
      renditions = plan.renditions;
      for (const renditionId of close) closed.emit(renditionId);
      if (open.length > 0)
        headers.emit({
          kind: 'audio',
          codec: 'aac',
          sampleRateHz: 48_000,
          channels: 2,
          bitrateKbps: 160,
          config: new Uint8Array([0x11, 0x90]),
        });
      const config = new Uint8Array([1, 0x64, 0, 0x1f, 0xff, 0xe0, 0]);
      for (const { id: renditionId, video } of open) headers.emit({ ...video, kind: 'video', renditionId, codec: 'h264', config });
    },
  };
}

/** @param folder where recordings go */
export function scriptedShow(folder: string, profile: Profile = DEFAULT_PROFILE) {
  const updates: unknown[] = [];
  const said: ActivityInput[] = [];
  const activities = { add: (activity: ActivityInput) => void said.push(activity) } as unknown as ActivityLog;
  const destinations = [nobody];
  let broken = false;
  const answer = <T>(value: T) => (broken ? Promise.reject(new Error('the store is gone')) : Promise.resolve(value));
  const store = {
    profiles: { list: () => answer({ activeId: profile.id, profiles: [profile] }) },
    destinations: { list: () => answer([...destinations]) },
    recordings: {
      list: () => answer([]),
      insert: () => answer(undefined),
      update: () => answer(undefined),
      setThumbnail: () => answer(undefined),
    },
    sessions: { begin: () => answer({ id: 1 }), update: (_: number, changes: unknown) => answer(void updates.push(changes)) },
  } as unknown as Store;
  const clock = monotonicClock();
  const scripted = scriptedEncoder();
  const encoder = scripted as unknown as EncoderSupervisor;
  const program = new Program(encoder, clock, log);
  const running = { rtmpUrl: 'rtmp://127.0.0.1:1/live' };
  const server = {
    changed: new Emitter(),
    idrWanted: new Emitter(),
    running,
    whenRunning: async () => running,
    rehearsal: { streamName: 'rehearsal', key: 'key' },
  } as unknown as LiveServerSupervisor;
  const secrets = new MemorySecrets();
  const states: SessionState['phase'][] = [];
  const emit = (event: string, value: unknown) => void (event === 'session.changed' && states.push((value as SessionState).phase));
  const shared = { program, store, activities, clock, emit, log };
  const session = new Session({ ...shared, encoder, server, secrets, onPublished() {} });
  const recorder = new Recorder({ ...shared, encoder, defaultFolder: folder });
  return {
    scripted,
    session,
    recorder,
    program,
    store,
    encoder,
    secrets,
    destinations,
    states,
    updates,
    said,
    server,
    breakStore: () => void (broken = true),
  };
}
