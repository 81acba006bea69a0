/** The loop: generated inputs, mutated ones, and mutations of whatever had an outcome that none had before. */
import { CORPUS_FOLDER, corpusOf, keep, recordings } from './corpus.ts';
import { mutate } from './mutate.ts';
import { Random } from './random.ts';
import type { Target } from './targets.ts';

export interface FuzzOptions {
  seed: number;
  /** until this many milliseconds have passed, or so many inputs were tried */
  untilMs?: number;
  runs?: number;
  /** writes inputs with new outcomes to the corpus */
  keepNew?: boolean;
  /** of the corpus, to write into */
  folder?: string;
}

export interface FuzzReport {
  runs: number;
  outcomes: ReadonlySet<string>;
  /** CPU time of the slowest input */
  slowestMs: number;
}

/** Of one input, in CPU time: a machine that is busy otherwise does not count. Real ones take a few ms. */
export const INPUT_CPU_MS_MAX = 2_000;
/** kept inputs stay small: they are committed */
const KEPT_BYTES_MAX = 8 * 1024;
const LIVE_MAX = 400;

/** An input that does what none may: thrown, or taking too long. It is written to the corpus. */
export class Found extends Error {}

export function fuzz(target: Target, options: FuzzOptions): FuzzReport {
  const { seed, untilMs = Number.POSITIVE_INFINITY, runs = Number.POSITIVE_INFINITY, keepNew = false, folder = CORPUS_FOLDER } = options;
  const startMs = performance.now();
  const inputs = [...corpusOf(target.name), ...seedsOf(target)];
  const outcomes = new Set<string>();
  const report = { runs: 0, outcomes, slowestMs: 0 };
  const attempt = (input: Uint8Array, inputSeed: number) => tryOne(target, input, { seed: inputSeed, folder, report });
  // not by which of them came together: there would be no end to what is kept, and to trying it again
  const isNew = (outcome: string) => {
    const before = outcomes.size;
    for (const part of outcome.split('; ')) outcomes.add(part);
    return outcomes.size > before;
  };
  for (const input of inputs) isNew(attempt(input, seed));
  for (let run = 0; run < runs && performance.now() - startMs < untilMs; run += 1) {
    const random = new Random(seed + run);
    const generated = random.oneIn(2) || inputs.length === 0 ? target.generate(random) : random.pick(inputs);
    const input = random.oneIn(3) ? generated : mutate(random, generated, inputs);
    if (!isNew(attempt(input, seed + run))) continue;
    if (inputs.length < LIVE_MAX) inputs.push(input);
    if (keepNew && input.length <= KEPT_BYTES_MAX) keep(folder, target.name, input);
  }
  return report;
}

/** Of sessions, whole recordings; of chunks, what follows the handshake; of handshakes, what comes first. */
function seedsOf({ name }: Target): Uint8Array[] {
  const handshakeBytes = 1 + 2 * 1_536;
  if (name === 'session') return recordings();
  if (name === 'chunk') return recordings().map((bytes) => bytes.subarray(handshakeBytes));
  if (name === 'handshake') return recordings().map((bytes) => bytes.subarray(0, handshakeBytes + 64));
  return [];
}

interface Attempt {
  seed: number;
  /** where what is found is written */
  folder: string;
  report: { runs: number; slowestMs: number };
}

function tryOne(target: Target, input: Uint8Array, { seed, folder, report }: Attempt): string {
  const found = (what: string, cause?: unknown) =>
    new Found(`${target.name}, seed ${seed}: ${what}; the input is in ${keep(folder, target.name, input, 'found-')}`, { cause });
  const before = process.cpuUsage();
  let outcome: string;
  try {
    outcome = target.run(input, new Random(seed));
  } catch (error) {
    throw found(String(error), error);
  }
  const { user, system } = process.cpuUsage(before);
  const ms = (user + system) / 1_000;
  report.runs += 1;
  report.slowestMs = Math.max(report.slowestMs, ms);
  if (ms > INPUT_CPU_MS_MAX) throw found(`${ms.toFixed(0)} ms for one input`);
  return outcome;
}
