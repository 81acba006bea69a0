/** The process side of the lab's calls: orders come over IPC, one answer each; the process ends with its parent. */
import type { Answer, Order } from './protocol.ts';

type Handlers = Record<string, (input: never) => unknown>;

export function answerOrders(handlers: Handlers): void {
  process.on('disconnect', () => process.exit(0));
  process.on('message', (message) => void answer(message as Order, handlers));
}

async function answer({ id, name, input }: Order, handlers: Handlers): Promise<void> {
  let reply: Answer;
  try {
    const handler = handlers[name];
    if (!handler) throw new Error(`there is no order ${name}`);
    reply = { id, value: await handler(input as never) };
  } catch (error) {
    reply = { id, error: (error as Error).stack ?? String(error) };
  }
  process.send?.(reply);
}
