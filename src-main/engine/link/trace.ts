/**
 * What a link lets through over time, in mahimahi's format: one line for each opportunity to send 1,500 bytes, its time
 * in whole milliseconds, rising. The last line is also the trace's length: it repeats from there.
 * @see https://github.com/ravinet/mahimahi, mm-link(1)
 */
import { StudioError } from '../../../src-shared/errors.ts';

export const OPPORTUNITY_BYTES = 1_500;
const OPPORTUNITY_BITS = OPPORTUNITY_BYTES * 8;
/** a quarter of an hour at 100 Mbps */
const MAX_OPPORTUNITIES = 10_000_000;

export interface LinkTrace {
  /** milliseconds since the trace's start, rising; several opportunities may share one */
  readonly timesMs: Uint32Array;
  /** the trace repeats after so long: its last time */
  readonly periodMs: number;
}

/** @throws StudioError `asset.unsupported`, with the line */
export function parseTrace(text: string): LinkTrace {
  const lines = text.split('\n').map((line) => line.replace(/\r$/, ''));
  while (lines.at(-1) === '') lines.pop();
  if (lines.length > MAX_OPPORTUNITIES) throw bad(`it has ${lines.length} lines, and ${MAX_OPPORTUNITIES} are the most`);
  lines.forEach((line, index) => {
    const before = index > 0 ? Number(lines[index - 1]) : 0;
    if (!/^\d{1,9}$/.test(line)) throw bad(`line ${index + 1} is not a time in whole milliseconds: "${line.slice(0, 40)}"`);
    if (Number(line) < before) throw bad(`line ${index + 1} goes back in time, from ${before} to ${Number(line)} ms`);
  });
  return traceOf(lines.map(Number));
}

/** @param timesMs rising @throws StudioError `asset.unsupported` where nothing would ever get through, or all at once */
export function traceOf(timesMs: ArrayLike<number>): LinkTrace {
  const last = timesMs[timesMs.length - 1];
  if (last === undefined) throw bad('it has no lines: nothing would ever get through');
  if (last === 0) throw bad('it ends at 0 ms: a trace needs a length');
  return { timesMs: Uint32Array.from(timesMs), periodMs: last };
}

export function serialiseTrace(trace: LinkTrace): string {
  return `${trace.timesMs.join('\n')}\n`;
}

/** Opportunities since the trace's start, that at `atMs` included. A negative time has none. */
export function opportunitiesUntil({ timesMs, periodMs }: LinkTrace, atMs: number): number {
  if (atMs < 0) return 0;
  const loops = Math.floor(atMs / periodMs);
  return loops * timesMs.length + countUntil(timesMs, atMs - loops * periodMs);
}

/** Opportunities in (fromMs, toMs]. */
export function opportunitiesBetween(trace: LinkTrace, fromMs: number, toMs: number): number {
  return Math.max(0, opportunitiesUntil(trace, toMs) - opportunitiesUntil(trace, fromMs));
}

/** When the opportunity of that index (from 0, and on through the repeats) comes. */
export function opportunityTimeMs({ timesMs, periodMs }: LinkTrace, index: number): number {
  const loops = Math.floor(index / timesMs.length);
  return loops * periodMs + (timesMs[index - loops * timesMs.length] ?? 0);
}

/** Mean over (fromMs, toMs]; 0 for an empty window. */
export function meanKbps(trace: LinkTrace, fromMs: number, toMs: number): number {
  return toMs > fromMs ? (opportunitiesBetween(trace, fromMs, toMs) * OPPORTUNITY_BITS) / (toMs - fromMs) : 0;
}

/** Walks through a trace: each call gives the opportunities since the call before. */
export class TraceCursor {
  readonly #trace: LinkTrace;
  #taken: number;

  /** @param fromMs opportunities up to and at this time are over */
  constructor(trace: LinkTrace, fromMs = 0) {
    this.#trace = trace;
    this.#taken = opportunitiesUntil(trace, fromMs);
  }

  /** When the next opportunity comes. */
  get nextMs(): number {
    return opportunityTimeMs(this.#trace, this.#taken);
  }

  /** @param toMs trace time; one that goes back gives nothing */
  take(toMs: number): number {
    const until = opportunitiesUntil(this.#trace, toMs);
    const count = Math.max(0, until - this.#taken);
    this.#taken += count;
    return count;
  }
}

/**
 * A trace of a rate that changes, each opportunity as soon as its 12,000 bits have come together: whole numbers only, so
 * that it is the same on every machine. The last opportunity comes at `durationMs`, whatever the rate.
 * @param kbpsAt whole kbps (bits a millisecond) in the millisecond that ends at `atMs`
 */
export function traceOfRate(durationMs: number, kbpsAt: (atMs: number) => number): LinkTrace {
  const timesMs: number[] = [];
  let bits = 0;
  for (let atMs = 1; atMs <= durationMs; atMs++) {
    for (bits += kbpsAt(atMs); bits >= OPPORTUNITY_BITS; bits -= OPPORTUNITY_BITS) timesMs.push(atMs);
  }
  if (timesMs.at(-1) !== durationMs) timesMs.push(durationMs);
  return traceOf(timesMs);
}

/** How many of the rising times are at or before `atMs`. */
function countUntil(timesMs: Uint32Array, atMs: number): number {
  let low = 0;
  let high = timesMs.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((timesMs[middle] ?? 0) <= atMs) low = middle + 1;
    else high = middle;
  }
  return low;
}

function bad(why: string): StudioError {
  return new StudioError('asset.unsupported', `This is not a link trace (one time in milliseconds a line, rising): ${why}.`);
}
