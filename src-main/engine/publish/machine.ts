/** A publisher's life as data: what is remembered of it, what can happen, and what is wanted of the world. The rules are in state.ts. */
import type { Ingest, PublisherState } from '../../../src-shared/domain/index.ts';
import type { Failure } from '../../../src-shared/errors.ts';
import type { PublisherTuning } from './tuning.ts';

/** What an ingest that failed is like: one that answered is left alone for the back-off, a silent one is looked for each second. */
type Found = 'silent' | 'refused';

/** A connection that is to take over from the live one, which goes on until then. */
export interface Successor {
  ingest: Ingest;
  /** where the server has sent us; null: the ingest's own address */
  redirectUrl: string | null;
  failures: number;
  trying: boolean;
  dueUs: number;
}

export interface Machine {
  state: PublisherState;
  /** of the newest attempt; what older ones report means nothing */
  attemptId: number;
  /** rounds of attempts that failed, and sessions that ended soon, in a row */
  failures: number;
  reconnects: number;
  /** when the grace began: at the end of the last session that lasted, or of a first one that the network ended; null before */
  lostUs: number | null;
  /** when a server first answered after that */
  answeredUs: number | null;
  /** The session that has just ended was young: a knock that is answered before this is no reason to try again at once. */
  restUntilUs: number;
  /** what has failed in this round, which ends with a wait */
  found: Partial<Record<Ingest, Found>>;
  /** where the attempt under way goes instead of its ingest's address */
  redirectUrl: string | null;
  successor: Successor | null;
  /** while a successor that is connected has not taken over yet: what it would take over from, as it was before */
  previous: Machine | null;
  /** from the backup to the primary: how often that went wrong in a row, and when it may be tried again */
  returns: { failures: number; dueUs: number };
}

export type PublisherEvent =
  | { type: 'start' }
  | { type: 'connected'; attemptId: number; nowUs: number }
  /** @param answered whether the server's port did. `jitter`: 0 to 1 */
  | { type: 'failed'; attemptId: number; nowUs: number; failure: Failure; answered: boolean; jitter: number }
  /** the live connection */
  | { type: 'lost'; nowUs: number; failure: Failure; jitter: number }
  /** the server asks for a new connection before it ends this one: Enhanced RTMP v2, Reconnect Request. null: to the same address */
  | { type: 'moved'; nowUs: number; url: string | null; jitter: number }
  /** a successor has taken over: what it followed is gone */
  | { type: 'went-over' }
  /** a connected successor is lost before it took over: the one before it goes on */
  | { type: 'fell-back'; nowUs: number; failure: Failure; jitter: number }
  /** a server that was knocked at answers */
  | { type: 'answered'; nowUs: number; ingest: Ingest }
  /** the time that `wants` gave has come */
  | { type: 'due' }
  /** the user, or the system's word that the network is back */
  | { type: 'retry' }
  | { type: 'stop' }
  /** everything is closed */
  | { type: 'closed' };

export interface StateRules extends Pick<PublisherTuning, 'backoffFirstMs' | 'backoffMaxMs' | 'stableMs' | 'graceMs'> {
  hasBackup: boolean;
}

export interface Wants {
  attempt: { id: number; ingest: Ingest; redirectUrl: string | null } | null;
  /** when `due` is to come */
  dueUs: number | null;
  /** to knock at each second */
  knock: readonly Ingest[];
}

export const INITIAL: Machine = {
  state: { phase: 'idle' },
  attemptId: 0,
  failures: 0,
  reconnects: 0,
  lostUs: null,
  answeredUs: null,
  restUntilUs: Number.NEGATIVE_INFINITY,
  found: {},
  redirectUrl: null,
  successor: null,
  previous: null,
  returns: { failures: 0, dueUs: 0 },
};
