/**
 * The process that makes the rungs of one stream of the live server. Drivers and decoders may crash, and what comes from
 * strangers is decoded here: it costs the rungs, and neither the server nor the source's viewers anything.
 */
import { toFailure } from '../../../src-shared/errors.ts';
import type { FromLadder, ToLadder } from '../../process/ladder-contract.ts';
import { connectParent } from '../../process/parent.ts';
import { yieldToOthers } from './niceness.ts';

/** the last messages leave, native calls end */
const EXIT_AFTER_MS = 200;

const connected = connectParent<FromLadder, ToLadder>();
if (!connected) {
  process.stderr.write('The ladder is started by the live server. Start Tidecast with `npm start`.\n');
  process.exit(2);
}
const parent = connected;
parent.onGone(() => process.kill(process.pid, 'SIGKILL'));
process.on('SIGINT', () => {}); // Ctrl-C reaches every process of the terminal: the server decides
const { LadderWork, quiet } = await import('./native.ts').catch((error: unknown) => {
  parent.send({ type: 'failed', rung: null, ...toFailure(error) });
  setTimeout(() => process.exit(1), EXIT_AFTER_MS);
  return new Promise<never>(() => {});
});
quiet();
const niceness = Number(process.argv[2] ?? 0);
let isNice = niceness === 0;
const ladder = new LadderWork((message) => {
  parent.send(message);
  if (isNice || message.type !== 'picture') return;
  isNice = true; // whoever asked for it waits no longer
  yieldToOthers(niceness);
});
parent.send({ type: 'ready', pid: process.pid });
parent.onMessage((message) => {
  const done = ladder.receive(message);
  if (message.type === 'stop') void done.finally(() => setTimeout(() => process.exit(0), EXIT_AFTER_MS));
});
