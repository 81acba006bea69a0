/** All that are compared, each with what it would see and could do in its own program. */
import { tidecast } from '../../../src-main/engine/rate-control/tidecast.ts';
import { OUR_PROGRAM, SOCKET_PROGRAM } from '../sim/program.ts';
import type { Contender } from './contender.ts';
import { fixed } from './fixed.ts';
import { larixHybrid } from './larix-hybrid.ts';
import { obsDbr } from './obs-dbr.ts';
import { oracle } from './oracle.ts';
import { BUFFER_MS, seedRule } from './seed-rule.ts';

export const CONTENDERS: Contender[] = [
  { name: 'fixed', controller: () => fixed, program: OUR_PROGRAM },
  { name: 'seed-rule', controller: () => seedRule, program: { ...OUR_PROGRAM, queueMaxMs: BUFFER_MS } },
  { name: 'obs-dbr', controller: () => obsDbr, program: { ...SOCKET_PROGRAM, queueMaxMs: null } },
  { name: 'larix-hybrid', controller: () => larixHybrid, program: SOCKET_PROGRAM },
  { name: 'tidecast', controller: () => tidecast, program: OUR_PROGRAM },
  { name: 'oracle', controller: oracle, program: OUR_PROGRAM },
];

/** @throws when there is none of that name */
export function contender(name: string): Contender {
  const found = CONTENDERS.find((one) => one.name === name);
  if (!found) throw new Error(`There is no controller ${name}; there are: ${CONTENDERS.map((one) => one.name).join(', ')}.`);
  return found;
}
