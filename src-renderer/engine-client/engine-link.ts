/** Keeps one typed client to the engine alive: reconnects when the engine restarts, and says how it stands. */
import { Emitter, type Unsubscribe } from '../../src-shared/disposable.ts';
import { StudioError, toFailure } from '../../src-shared/errors.ts';
import type { Channel } from '../../src-shared/ipc/channel.ts';
import type { CallInput, CallName, CallOutput } from '../../src-shared/ipc/contract.ts';
import { Client } from '../../src-shared/ipc/rpc.ts';

export type LinkState =
  | { phase: 'connecting'; attempt: number }
  | { phase: 'connected' }
  | { phase: 'waiting'; attempt: number; reason: string }
  /** the engine does not know our token: a new address is needed, trying again is of no use */
  | { phase: 'refused' };

const RETRY_MS = [250, 500, 1_000, 2_000] as const;

export class EngineLink {
  readonly #connect: () => Promise<Channel>;
  readonly #states = new Emitter<LinkState>();
  readonly #setups = new Set<(client: Client) => void>();
  #client: Client | null = null;
  #state: LinkState = { phase: 'connecting', attempt: 1 };
  #attempt = 0;

  constructor(connect: () => Promise<Channel>) {
    this.#connect = connect;
  }

  get state(): LinkState {
    return this.#state;
  }

  readonly subscribe = (listener: () => void): Unsubscribe => this.#states.on(listener);
  readonly snapshot = (): LinkState => this.#state;

  /** Runs for every new connection, before the state says `connected`. */
  onClient(setup: (client: Client) => void): void {
    this.#setups.add(setup);
    if (this.#client) setup(this.#client);
  }

  invoke<N extends CallName>(name: N, ...input: CallInput<N> extends void ? [] : [CallInput<N>]): Promise<CallOutput<N>> {
    if (!this.#client) return Promise.reject(new StudioError('ipc.disconnected', 'The studio engine is starting; try again in a moment.'));
    return this.#client.invoke(name, ...input);
  }

  async start(): Promise<void> {
    this.#attempt += 1;
    this.#set({ phase: 'connecting', attempt: this.#attempt });
    try {
      const client = new Client(await this.#connect());
      client.closed.on((reason) => this.#lost(reason));
      await client.invoke('studio.info'); // the hello has been accepted once a call is answered
      this.#client = client;
      this.#attempt = 0;
      for (const setup of this.#setups) setup(client);
      this.#set({ phase: 'connected' });
    } catch (error) {
      this.#lost(toFailure(error).message);
    }
  }

  #lost(reason: string): void {
    if (this.#state.phase === 'waiting' || this.#state.phase === 'refused') return;
    this.#client = null;
    if (/token|unauthori[sz]ed|4401/i.test(reason)) return this.#set({ phase: 'refused' });
    this.#set({ phase: 'waiting', attempt: this.#attempt, reason });
    setTimeout(() => void this.start(), RETRY_MS[Math.min(this.#attempt, RETRY_MS.length - 1)]);
  }

  #set(state: LinkState): void {
    this.#state = state;
    this.#states.emit(state);
  }
}
