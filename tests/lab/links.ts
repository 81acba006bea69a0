/** The links that controllers are compared on: ours, constant ones, and any mahimahi file. */
import { readdirSync, readFileSync } from 'node:fs';
import { basename, extname, join } from 'node:path';
import { LINK_PROFILES } from '../../src-main/engine/link/profiles.ts';
import { type LinkTrace, parseTrace, traceOfRate } from '../../src-main/engine/link/trace.ts';
import { LinkProfileId } from '../../src-shared/domain/link.ts';

export interface LabLink {
  name: string;
  trace: LinkTrace;
  /** each way */
  delayMs: number;
  bufferBytes: number;
  /** how long a show over it lasts: all of the trace */
  durationMs: number;
}

/** A mahimahi file tells neither delay nor buffer: those of a mobile network. */
const RADIO = { delayMs: 30, bufferBytes: 300_000 };
const CONSTANT = { delayMs: 20, bufferBytes: 150_000, durationMs: 60_000 };

export function shippedLinks(): LabLink[] {
  return LinkProfileId.options.map((name) => {
    const { delayMs, bufferBytes } = LINK_PROFILES[name];
    return { ...loadLink(join(import.meta.dirname, '../../resources/links', `${name}.up`)), delayMs, bufferBytes };
  });
}

export function constantLink(kbps: number): LabLink {
  return { name: `constant-${kbps}`, trace: traceOfRate(1_000, () => kbps), ...CONSTANT };
}

/** @throws with the file's name when it is no trace */
export function loadLink(file: string): LabLink {
  try {
    const trace = parseTrace(readFileSync(file, 'utf8'));
    return { name: basename(file, extname(file)), trace, ...RADIO, durationMs: trace.periodMs };
  } catch (error) {
    throw new Error(`${file}: ${(error as Error).message}`, { cause: error });
  }
}

/** Every file of a folder, by name. */
export function linksOf(folder: string): LabLink[] {
  const files = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isFile());
  return files.map(({ name }) => loadLink(join(folder, name))).toSorted((a, b) => (a.name < b.name ? -1 : 1));
}
