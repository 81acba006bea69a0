/** Writes resources/links/NAME.up, the uplinks of network rehearsals, from their seeds: `node build/links.mjs` (Node 24). */
import { mkdirSync, writeFileSync } from 'node:fs';
import { LINK_PROFILES } from '../src-main/engine/link/profiles.ts';
import { serialiseTrace } from '../src-main/engine/link/trace.ts';
import { at } from './bootstrap/run.mjs';

mkdirSync(at('resources/links'), { recursive: true });
for (const [name, { seed, generate }] of Object.entries(LINK_PROFILES)) {
  writeFileSync(at(`resources/links/${name}.up`), serialiseTrace(generate(seed)));
}
