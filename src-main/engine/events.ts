/** Sends the engine's events to every interface that is attached. */
import type { Unsubscribe } from '../../src-shared/disposable.ts';
import type { Channel } from '../../src-shared/ipc/channel.ts';
import type { EventName, EventValue } from '../../src-shared/ipc/contract.ts';
import { push } from '../../src-shared/ipc/rpc.ts';

export type Emit = <N extends EventName>(event: N, value: EventValue<N>) => void;

export class EventHub {
  readonly #channels = new Set<Channel>();

  add(channel: Channel): Unsubscribe {
    this.#channels.add(channel);
    channel.onClose(() => this.#channels.delete(channel));
    return () => this.#channels.delete(channel);
  }

  readonly emit: Emit = (event, value) => {
    for (const channel of this.#channels) push(channel, event, value);
  };

  closeAll(): void {
    for (const channel of [...this.#channels]) channel.close();
  }
}
