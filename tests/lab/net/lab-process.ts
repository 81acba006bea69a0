/** A process of the lab, in a namespace or not, that answers orders. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Namespace } from './namespaces.ts';
import type { Answer, Order } from './protocol.ts';

export type LabScript = 'receiver-process' | 'show-process' | 'feeder-process' | 'relay-process';

interface Waiting {
  resolve: (value: never) => void;
  reject: (error: Error) => void;
}

export class LabProcess implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, Waiting>();
  #nextId = 1;
  #ended: string | null = null;

  /** @param namespace null: where this process is */
  constructor(script: LabScript, namespace: Namespace | null) {
    const file = fileURLToPath(new URL(`${script}.ts`, import.meta.url));
    const command = [process.execPath, file];
    const [program = '', ...args] = namespace ? ['ip', ...namespace.command(...command)] : command;
    this.#child = spawn(program, args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'], serialization: 'advanced' });
    this.#child.on('message', (message) => this.#receive(message as Answer));
    this.#child.on('error', (error) => this.#end(`${script} did not start: ${error.message}`));
    this.#child.on('exit', (code, signal) => this.#end(`${script} ended (${signal ?? code})`));
  }

  /** @throws what the process threw, or that it has ended */
  ask<T>(name: string, input: unknown = null): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      if (this.#ended !== null) return reject(new Error(this.#ended));
      const order: Order = { id: this.#nextId++, name, input };
      this.#waiting.set(order.id, { resolve: resolve as (value: never) => void, reject });
      this.#child.send(order);
    });
  }

  /** It ends itself when its orders do; after a while it is made to. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#ended !== null) return;
    const ended = once(this.#child, 'exit');
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), 5_000);
    if (this.#child.connected) this.#child.disconnect();
    await ended;
    clearTimeout(timer);
  }

  #receive(answer: Answer): void {
    const waiting = this.#waiting.get(answer.id);
    this.#waiting.delete(answer.id);
    if ('error' in answer) waiting?.reject(new Error(answer.error));
    else waiting?.resolve(answer.value as never);
  }

  #end(why: string): void {
    this.#ended ??= why;
    for (const { reject } of this.#waiting.values()) reject(new Error(why));
    this.#waiting.clear();
  }
}
