/** How a show ends: everyone is left within a time that does not depend on anything broken, and the rest is put away behind. */
import { setTimeout as wait } from 'node:timers/promises';
import type { EncoderStats, PublisherStatus } from '../../../src-shared/domain/index.ts';
import type { Log } from '../log.ts';
import type { Program } from './program.ts';
import type { PublisherSet } from './publisher-set.ts';
import type { RehearsalUplink } from './rehearsal-uplink.ts';
import type { ShowRecord } from './show-record.ts';

/** An encoder gets so long for a show's last pictures; with the goodbye (publish/tuning.ts) a show is off the air in 1.7 s. */
const LAST_PICTURES_MS = 400;

export interface Leaving {
  /** never rejects */
  encoderEnds: Promise<void>;
  /** everyone has been left: the last figures of all connections */
  last: Promise<PublisherStatus[]>;
}

export interface LeaveOptions {
  program: Program;
  publishers: PublisherSet;
  statuses: () => PublisherStatus[];
  log: Log;
}

/** Asks nothing of the store, and lets nobody wait for an encoder that does not end. */
export function leaveAll({ program, publishers, statuses, log }: LeaveOptions): Leaving {
  const away = statuses().filter(({ state }) => state.phase !== 'live'); // closing takes them off the list
  const leaving = publishers.closeAway();
  const encoderEnds = program
    .change({ streaming: false, relief: null }) // a recording that goes on has the machine to itself again
    .catch((error: unknown) => log.warn(`session: the encoder did not end in order: ${String(error)}`));
  const leaveLive = async () => {
    await Promise.race([encoderEnds, wait(LAST_PICTURES_MS)]);
    const last = [...away, ...statuses()];
    await Promise.all([leaving, publishers.closeAll()]);
    return last;
  };
  return { encoderEnds, last: leaveLive() };
}

export interface Remains {
  uplink: RehearsalUplink | null;
  record: ShowRecord | null;
  figures: EncoderStats;
  log: Log;
}

/** What nobody has to wait for: the uplink once all are left, the row in the history. Never rejects. */
export async function putAway({ encoderEnds, last }: Leaving, { uplink, record, figures, log }: Remains): Promise<void> {
  const isLeft = last.then(
    () => {},
    (error: unknown) => log.error(`session: not everyone was left in order: ${String(error)}`),
  );
  const uplinkEnds = isLeft.then(() => uplink?.close());
  const recorded = last.then((publishers) => record?.end(publishers, figures));
  await Promise.allSettled([encoderEnds, isLeft, uplinkEnds, recorded]);
}
