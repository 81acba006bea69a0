/** What a server answers: one thing at a time is waited for, by what it looks like, and for so long. */
import { type Command, statusOf } from '../../../wire/rtmp/command.ts';

/** @returns what was waited for, or undefined to wait on. May throw to refuse */
type Match<T> = (command: Command) => T | undefined;

interface Waiter {
  match: Match<unknown>;
  resolve: (value: unknown) => void;
  reject: (error: Error) => void;
}

export interface WaitOptions {
  /** sends what is to be answered */
  send: () => void;
  timeoutMs: number;
  /** what is wrong when nothing has come by then */
  late: () => Error;
}

export class Replies {
  #waiter: Waiter | null = null;

  get areAwaited(): boolean {
    return this.#waiter !== null;
  }

  /** @throws what `match` throws, what `fail` is told, or `late` */
  async wait<T>(match: Match<T>, { send, timeoutMs, late }: WaitOptions): Promise<T> {
    let timer: NodeJS.Timeout | undefined;
    try {
      return await new Promise<T>((resolve, reject) => {
        this.#waiter = { match, resolve: (value) => resolve(value as T), reject };
        timer = setTimeout(() => reject(late()), timeoutMs);
        send();
      });
    } finally {
      clearTimeout(timer);
      this.#waiter = null;
    }
  }

  /** It has come, and is no command: the handshake. */
  done(): void {
    this.#waiter?.resolve(undefined);
    this.#waiter = null;
  }

  /** @throws what is made of a refusal */
  take(command: Command): void {
    const waiter = this.#waiter;
    const value = waiter?.match(command);
    if (value === undefined) return;
    this.#waiter = null;
    waiter?.resolve(value);
  }

  fail(error: Error): void {
    this.#waiter?.reject(error);
  }
}

type Rejected = (command: Command) => Error;

/** A command's _result; a refusal is an _error, or a status at level error. */
export function resultOf(transactionId: number, rejected: Rejected): Match<Command> {
  return (command) => {
    if (command.name === '_error' && command.transactionId === transactionId) throw rejected(command);
    if (command.name === 'onStatus' && statusOf(command)?.level === 'error') throw rejected(command);
    return command.name === '_result' && command.transactionId === transactionId ? command : undefined;
  };
}

/** The server's consent to publish, which is a status. */
export function consentTo(transactionId: number, rejected: Rejected): Match<Command> {
  return (command) => {
    if (command.name === '_error' && command.transactionId === transactionId) throw rejected(command);
    if (command.name !== 'onStatus') return undefined;
    const status = statusOf(command);
    if (status?.level === 'error') throw rejected(command);
    return status?.code === 'NetStream.Publish.Start' ? command : undefined;
  };
}
