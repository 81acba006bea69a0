/** Sends the engine's events to every interface that is attached. */
import type { Unsubscribe } from '../../src-shared/disposable.ts';
import type { Channel } from '../../src-shared/ipc/channel.ts';
import type { EventName, EventValue } from '../../src-shared/ipc/contract.ts';
import { pushed } from '../../src-shared/ipc/rpc.ts';
import type { Log } from './log.ts';

/** A page that reads is never this far behind: one that is gets no more, and may come again. */
const BEHIND_MAX_BYTES = 8 * 1_024 * 1_024;

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
    let message: unknown;
    try {
      message = pushed(event, value);
    } catch (error) {
      return this.#log.error(`events: ${event} does not fit its contract: ${String(error)}`); // our mistake must not end a show
    }
    for (const channel of [...this.#channels]) this.#send(channel, event, message);
  };

  /** One page's trouble is not the others'. */
  #send(channel: Channel, event: EventName, message: unknown): void {
    try {
      channel.sendJson(message);
      if (channel.bufferedBytes <= BEHIND_MAX_BYTES) return;
      this.#log.warn(`events: a page does not read: ${channel.bufferedBytes} bytes wait for it; its connection is closed`);
      channel.close();
    } catch (error) {
      this.#log.error(`events: ${event} could not be sent to a page: ${String(error)}`);
    }
  }

  closeAll(): void {
    for (const channel of [...this.#channels]) channel.close();
  }
}
