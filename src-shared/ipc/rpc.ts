/**
 * Calls and events over a `Channel`, validated against the contract at both ends.
 * Wire: { id, call, input } → { id, result }; { event, value }.
 */
import { z } from 'zod';
import { Emitter, type Unsubscribe } from '../disposable.ts';
import { type Failure, type Result, StudioError, toFailure } from '../errors.ts';
import type { Channel } from './channel.ts';
import { type CallInput, type CallName, type CallOutput, calls, type EventName, type EventValue, events } from './contract.ts';

/** `input` is absent where a call takes nothing: JSON has no undefined. */
const Request = z.strictObject({ id: z.int(), call: z.string().max(100), input: z.unknown().optional() });
const Numbered = z.object({ id: z.int() });
const Reply = z.strictObject({ id: z.int(), result: z.unknown() });
const Push = z.strictObject({ event: z.string().max(100), value: z.unknown() });

export type Handlers = { [N in CallName]: (input: z.output<(typeof calls)[N]['input']>) => Promise<CallOutput<N>> | CallOutput<N> };

/** Answers calls that arrive on a channel. A message that fits no schema gets an error and changes nothing. */
export function serve(channel: Channel, handlers: Handlers, log: (line: string) => void = () => {}): Unsubscribe {
  return channel.onMessage((message) => {
    if (message.kind !== 'json') return log('rpc: bytes on a call channel, ignored');
    const request = Request.safeParse(message.value);
    if (!request.success) {
      log('rpc: not a request');
      const numbered = Numbered.safeParse(message.value);
      if (numbered.success)
        channel.sendJson({ id: numbered.data.id, result: fail({ code: 'ipc.bad-input', message: 'This message is not a call.' }) });
      return;
    }
    const { id, call, input } = request.data;
    void answer(call, input, handlers).then((result) => channel.sendJson({ id, result }));
  });
}

async function answer(name: string, input: unknown, handlers: Handlers): Promise<Result<unknown>> {
  if (!Object.hasOwn(calls, name)) return fail({ code: 'ipc.unknown-call', message: `There is no call "${name}".` });
  const contract = calls[name as CallName];
  const parsed = contract.input.safeParse(input);
  if (!parsed.success) return fail({ code: 'ipc.bad-input', message: `${name}: ${z.prettifyError(parsed.error)}` });
  try {
    const value = await (handlers[name as CallName] as (input: unknown) => unknown)(parsed.data);
    const output = contract.output.safeParse(value);
    if (!output.success) return fail({ code: 'ipc.bad-output', message: `${name}: ${z.prettifyError(output.error)}` });
    return { ok: true, value: output.data };
  } catch (error) {
    return fail(toFailure(error));
  }
}

function fail(failure: Failure): Result<never> {
  return { ok: false, ...failure };
}

/** An event as it travels. @throws ZodError when the value does not fit its contract, which is our own mistake */
export function pushed<N extends EventName>(event: N, value: EventValue<N>): z.input<typeof Push> {
  return { event, value: events[event].parse(value) };
}

/** The calling end. `invoke` rejects with a StudioError that carries the far side's code. */
export class Client {
  readonly #channel: Channel;
  readonly #waiting = new Map<number, { name: CallName; resolve: (value: never) => void; reject: (error: StudioError) => void }>();
  readonly #events = new Map<EventName, Emitter<never>>();
  readonly closed = new Emitter<string>();
  #nextId = 1;
  #closedBecause: string | null = null;

  constructor(channel: Channel) {
    this.#channel = channel;
    channel.onMessage((message) => message.kind === 'json' && this.#receive(message.value));
    channel.onClose((reason) => this.#close(reason));
  }

  invoke<N extends CallName>(name: N, ...[input]: CallInput<N> extends void ? [] : [CallInput<N>]): Promise<CallOutput<N>> {
    if (this.#closedBecause !== null) return Promise.reject(disconnected(this.#closedBecause));
    return new Promise((resolve, reject) => {
      const id = this.#nextId++;
      this.#waiting.set(id, { name, resolve, reject });
      this.#channel.sendJson({ id, call: name, input });
    });
  }

  on<N extends EventName>(event: N, listener: (value: EventValue<N>) => void): Unsubscribe {
    let emitter = this.#events.get(event);
    if (!emitter) this.#events.set(event, (emitter = new Emitter<never>()));
    return (emitter as unknown as Emitter<EventValue<N>>).on(listener);
  }

  close(): void {
    this.#channel.close();
  }

  #receive(value: unknown): void {
    const reply = Reply.safeParse(value);
    if (reply.success) return this.#settle(reply.data.id, reply.data.result as Result<unknown>);
    const pushed = Push.safeParse(value);
    if (!pushed.success || !Object.hasOwn(events, pushed.data.event)) return;
    const event = pushed.data.event as EventName;
    const checked = events[event].safeParse(pushed.data.value);
    if (checked.success) (this.#events.get(event) as unknown as Emitter<unknown> | undefined)?.emit(checked.data);
  }

  #settle(id: number, result: Result<unknown>): void {
    const waiting = this.#waiting.get(id);
    if (!waiting) return;
    this.#waiting.delete(id);
    if (!result.ok) return waiting.reject(new StudioError(result.code, result.message));
    const output = calls[waiting.name].output.safeParse(result.value);
    if (output.success) waiting.resolve(output.data as never);
    else waiting.reject(new StudioError('ipc.bad-output', `${waiting.name}: ${z.prettifyError(output.error)}`));
  }

  #close(reason: string): void {
    this.#closedBecause = reason;
    for (const { reject } of this.#waiting.values()) reject(disconnected(reason));
    this.#waiting.clear();
    this.closed.emit(reason);
  }
}

function disconnected(reason: string): StudioError {
  return new StudioError('ipc.disconnected', `The connection to the studio engine is closed (${reason}).`);
}
