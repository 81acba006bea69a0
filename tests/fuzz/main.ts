/**
 * `npm run fuzz -- --seconds 3600 [--seed N] [--keep]`: finds what crashes, hangs or grows. Without --seed, another each time.
 * --beside, as `npm test` has it: the parsers within this process alone, which have no sense of time, at the lowest priority.
 */
import { constants, setPriority } from 'node:os';
import { parseArgs } from 'node:util';
import { fuzzParsers, runCampaign } from './campaign.ts';

const { values } = parseArgs({
  options: { seconds: { type: 'string' }, seed: { type: 'string' }, keep: { type: 'boolean' }, beside: { type: 'boolean' } },
});
const [seconds, seed] = [Number(values.seconds ?? 60), Number(values.seed ?? Date.now() % 2 ** 31)];
if (!(seconds > 0) || !Number.isInteger(seed)) {
  console.error('usage: npm run fuzz -- [--seconds N] [--seed N] [--keep] [--beside]');
  process.exit(2);
}
console.log(`seed ${seed}, ${seconds} s`);
// what is thrown behind our back, by a timer or a socket, counts as found
process.on('uncaughtException', (error) => {
  console.error(error);
  process.exit(1);
});
if (values.beside) {
  setPriority(constants.priority.PRIORITY_LOW);
  fuzzParsers({ seconds, seed, say: console.log });
} else await runCampaign({ seconds, seed, keepNew: values.keep === true, say: console.log });
console.log('nothing found');
process.exit(0);
