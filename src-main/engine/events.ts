/** Sends the engine's events to every interface that is attached. */
import type { Unsubscribe } from '../../src-shared/disposable.ts';
import type { Channel } from '../../src-shared/ipc/channel.ts';
import type { EventName, EventValue } from '../../src-shared/ipc/contract.ts';
import { push } from '../../src-shared/ipc/rpc.ts';
import type { Log } from './log.ts';

export type Emit = <N extends EventName>(event: N, value: EventValue<N>) => void;

export class EventHub {
  readonly #channels = new Set<Channel>();
  readonly #log: Log;

  constructor(log: Log) {
    this.#log = log;
  }

  add(channel: Channel): Unsubscribe {
    this.#channels.add(channel);
    channel.onClose(() => this.#channels.delete(channel));
    return () => this.#channels.delete(channel);
  }

  readonly emit: Emit = (event, value) => {
    try {
      for (const channel of this.#channels) push(channel, event, value);
    } catch (error) {
      this.#log.error(`events: ${event} does not fit its contract: ${String(error)}`); // our mistake must not end a show
    }
  };

  closeAll(): void {
    for (const channel of [...this.#channels]) channel.close();
  }
}
