/** Does what the state machine wants: the one attempt, the timer, the knocks. Knows nothing of any protocol. */
import type { Socket } from 'node:net';
import type { Ingest, PublisherState } from '../../../src-shared/domain/index.ts';
import { type Failure, toFailure } from '../../../src-shared/errors.ts';
import { US_PER_MS } from '../../../src-shared/units.ts';
import type { Clock } from '../../process/clock.ts';
import { type Door, Knocker } from './knocker.ts';
import { INITIAL, type Machine, type PublisherEvent, type StateRules } from './machine.ts';
import { next, wants } from './state.ts';
import type { PublisherTuning } from './tuning.ts';

export interface Where {
  ingest: Ingest;
  /** where the server has sent us instead of the ingest's own address */
  redirectUrl: string | null;
}

export interface Attempt {
  signal: AbortSignal;
  /** to be called once the server's port has answered */
  onAnswered: () => void;
  /** a knock that was answered: TCP that is open already */
  open: Socket | null;
}

export interface LifecycleOptions<Connection> {
  /** asked at each event, since the user may change them */
  rules: () => StateRules;
  tuning: Pick<PublisherTuning, 'knockEveryMs' | 'knockMs' | 'random'>;
  clock: Clock;
  doors: Record<Ingest, Door | null>;
  /** Rejects when `signal` fires, with nothing left open. */
  connect: (where: Where, attempt: Attempt) => Promise<Connection>;
  /** It takes over from the one before, if that is still there. What it throws makes the attempt a failed one. */
  onConnected: (connection: Connection, where: Where) => void;
  /** one that came about while it was being given up, or that could not be used */
  onUnwanted: (connection: Connection) => void;
  onChange: (state: PublisherState) => void;
  /** what our own code threw and should not have */
  onMistake: (error: unknown) => void;
}

export class Lifecycle<Connection> {
  readonly #options: LifecycleOptions<Connection>;
  readonly #knocker: Knocker;
  #machine: Machine = INITIAL;
  #attempt: { id: number; controller: AbortController } | null = null;
  /** answered just now; the attempt that follows takes it */
  #open: { ingest: Ingest; socket: Socket } | null = null;
  #timer: { dueUs: number; handle: NodeJS.Timeout } | null = null;

  constructor(options: LifecycleOptions<Connection>) {
    this.#options = options;
    const { knockEveryMs: everyMs, knockMs: patienceMs, random } = options.tuning;
    const onAnswer = (ingest: Ingest, socket: Socket) => this.#onAnswer(ingest, socket);
    this.#knocker = new Knocker({ doors: options.doors, everyMs, patienceMs, random, onAnswer });
  }

  get state(): PublisherState {
    return this.#machine.state;
  }

  start(): void {
    this.#dispatch({ type: 'start' });
  }

  retry(): void {
    this.#dispatch({ type: 'retry' });
  }

  /** The live connection is no more. */
  lost(error: unknown): void {
    this.#dispatch({ type: 'lost', ...this.#setback(error) });
  }

  /** A connection that was made beside the live one has taken over from it. */
  wentOver(): void {
    this.#dispatch({ type: 'went-over' });
  }

  /** It is lost before it could: the live one goes on. */
  fellBack(error: unknown): void {
    this.#dispatch({ type: 'fell-back', ...this.#setback(error) });
  }

  /** The server asks for a new connection. @param url null: to where the live one goes */
  moved(url: string | null): void {
    this.#dispatch({ type: 'moved', nowUs: this.#nowUs(), url, jitter: this.#options.tuning.random() });
  }

  /** Nothing begins any more, and an attempt under way ends; `closed` has to follow. */
  stop(): void {
    this.#dispatch({ type: 'stop' });
  }

  closed(): void {
    this.#dispatch({ type: 'closed' });
  }

  #dispatch(event: PublisherEvent): void {
    const before = this.#machine;
    this.#machine = next(before, event, this.#options.rules());
    if (this.#machine === before) return;
    this.#apply();
    if (this.#machine.state !== before.state) this.#tell(this.#machine.state);
  }

  /** Whoever only watches must not stand in the way of what happens. */
  #tell(state: PublisherState): void {
    try {
      this.#options.onChange(state);
    } catch (error) {
      this.#options.onMistake(error);
    }
  }

  #apply(): void {
    const { attempt, dueUs, knock } = wants(this.#machine);
    if (this.#attempt && this.#attempt.id !== attempt?.id) {
      this.#attempt.controller.abort();
      this.#attempt = null;
    }
    if (attempt && !this.#attempt) void this.#try(attempt.id, attempt);
    if (this.#timer && this.#timer.dueUs !== dueUs) {
      clearTimeout(this.#timer.handle);
      this.#timer = null;
    }
    if (dueUs !== null && !this.#timer) {
      const handle = setTimeout(() => this.#onDue(), Math.max(0, (dueUs - this.#nowUs()) / US_PER_MS));
      this.#timer = { dueUs, handle };
    }
    this.#knocker.set(knock);
  }

  #onDue(): void {
    this.#timer = null;
    this.#dispatch({ type: 'due' });
  }

  #onAnswer(ingest: Ingest, socket: Socket): void {
    this.#open = { ingest, socket };
    this.#dispatch({ type: 'answered', nowUs: this.#nowUs(), ingest });
    if (this.#open) socket.destroy(); // nobody wanted it
    this.#open = null;
  }

  #takeOpen({ ingest, redirectUrl }: Where): Socket | null {
    if (this.#open?.ingest !== ingest || redirectUrl !== null) return null;
    const { socket } = this.#open;
    this.#open = null;
    return socket;
  }

  async #try(attemptId: number, { ingest, redirectUrl }: Where): Promise<void> {
    const controller = new AbortController();
    this.#attempt = { id: attemptId, controller };
    const where = { ingest, redirectUrl };
    let answered = false;
    try {
      const onAnswered = () => void (answered = true);
      const connection = await this.#options.connect(where, { signal: controller.signal, onAnswered, open: this.#takeOpen(where) });
      if (controller.signal.aborted) return this.#options.onUnwanted(connection);
      onAnswered(); // there it is, whatever becomes of it
      this.#use(connection, where);
    } catch (error) {
      if (controller.signal.aborted) return;
      this.#attempt = null;
      return this.#dispatch({ type: 'failed', attemptId, answered, ...this.#setback(error) });
    }
    this.#attempt = null;
    this.#dispatch({ type: 'connected', attemptId, nowUs: this.#nowUs() });
  }

  #use(connection: Connection, where: Where): void {
    try {
      this.#options.onConnected(connection, where);
    } catch (error) {
      this.#options.onMistake(error);
      this.#options.onUnwanted(connection);
      throw error;
    }
  }

  #setback(error: unknown): { nowUs: number; failure: Failure; jitter: number } {
    return { nowUs: this.#nowUs(), failure: toFailure(error), jitter: this.#options.tuning.random() };
  }

  #nowUs(): number {
    return this.#options.clock.nowUs();
  }
}
