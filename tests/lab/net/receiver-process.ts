/** The far end of the lab: RTMP servers that note when each picture and each sound has arrived. */
import { setPriority } from 'node:os';
import { answerOrders } from './answering.ts';
import type { ReceiverOptions } from './protocol.ts';
import { Receiver } from './receiver.ts';

/** its clock readings are the measurement: it must not wait for the encoder's threads */
const PRIORITY = -10;

const receivers: Receiver[] = [];
const of = (index: number): Receiver => {
  const receiver = receivers[index];
  if (!receiver) throw new Error(`there is no receiver ${index}`);
  return receiver;
};

if (process.getuid?.() === 0) setPriority(PRIORITY);
answerOrders({
  listen: async (options: ReceiverOptions) => {
    const receiver = await Receiver.listen(options);
    return { index: receivers.push(receiver) - 1, port: receiver.port };
  },
  log: (index: number) => of(index).log,
  /** ends every connection with a reset */
  reset: (index: number) => of(index).reset(),
  close: (index: number) => of(index).close(),
});
