/**
 * What the issue asks of a show over a link, the same for the simulator and for real sockets: how late, how much, how
 * whole, how steady, how quick.
 */
import { type LinkTrace, meanKbps, OPPORTUNITY_BYTES } from '../../src-main/engine/link/trace.ts';

/** One coded picture or AAC frame. */
export interface Delivery {
  kind: 'video' | 'audio';
  /** on the RTMP connection */
  bytes: number;
  /** leaves the encoder */
  encodedMs: number;
  /** its last byte is received; null: never, it was dropped */
  arrivedMs: number | null;
}

/** What rate control asked for, each time it did. */
export interface RateStep {
  atMs: number;
  videoKbps: number;
}

/** All times from the beginning of the link's trace. */
export interface Show {
  durationMs: number;
  deliveries: Delivery[];
  rates: RateStep[];
  ceilingKbps: number;
  otherKbps: number;
}

export interface Judgement {
  /** delivered within 2 s ÷ what the link, or the ceiling, would have let through */
  utilisation: number;
  delayP50Ms: number;
  delayP95Ms: number;
  delayMaxMs: number;
  /** of what is encoded from the link's first fall on; null where it does not fall */
  delayP95AfterFallMs: number | null;
  framesDroppedPct: number;
  audioLost: number;
  rateChangesPerMin: number;
  /** from a fall of the link until the rate asked for is at or under what it takes; null where it did not fall, the worst where often */
  reactMs: number | null;
  /** the same for what really leaves the encoder, by the second */
  outputMs: number | null;
  /** from a rise of the link, or its end of an outage, until 90 % of what it or the ceiling allows */
  recoverMs: number | null;
  /** gaps of more than 500 ms between pictures at the receiver */
  freezes: number;
}

const IN_TIME_MS = 2_000;
const FREEZE_MS = 500;
/** of 1,500 bytes on the link, what TCP carries: 20 of IP, 32 of TCP with time stamps */
export const TCP_SHARE = (OPPORTUNITY_BYTES - 52) / OPPORTUNITY_BYTES;

export function judge(show: Show, link: LinkTrace): Judgement {
  const { deliveries, durationMs } = show;
  const delays = delaysOf(deliveries);
  const falls = fallsOf(link, durationMs);
  const frames = deliveries.filter(({ kind }) => kind === 'video');
  const inTimeBytes = deliveries
    .filter(({ encodedMs, arrivedMs }) => arrivedMs !== null && arrivedMs - encodedMs <= IN_TIME_MS)
    .reduce((sum, { bytes }) => sum + bytes, 0);
  return {
    utilisation: (inTimeBytes * 8) / deliverableBits(show, link),
    delayP50Ms: quantile(delays, 0.5),
    delayP95Ms: quantile(delays, 0.95),
    delayMaxMs: quantile(delays, 1),
    delayP95AfterFallMs: falls[0] ? quantile(delaysOf(deliveries.filter(({ encodedMs }) => encodedMs >= falls[0]!.atMs)), 0.95) : null,
    framesDroppedPct: (100 * frames.filter(({ arrivedMs }) => arrivedMs === null).length) / Math.max(1, frames.length),
    audioLost: deliveries.filter(({ kind, arrivedMs }) => kind === 'audio' && arrivedMs === null).length,
    rateChangesPerMin: (changes(show.rates) * 60_000) / durationMs,
    reactMs: slowest(show, link, falls, reactedAt),
    outputMs: slowest(show, link, falls, outputAt),
    recoverMs: slowest(show, link, risesOf(link, durationMs), recoveredAt),
    freezes: freezes(frames, durationMs),
  };
}

function delaysOf(deliveries: Delivery[]): number[] {
  return deliveries.flatMap(({ encodedMs, arrivedMs }) => (arrivedMs === null ? [] : [arrivedMs - encodedMs])).toSorted((a, b) => a - b);
}

/** @param sorted rising @returns 0 of nothing */
export function quantile(sorted: number[], share: number): number {
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0;
}

/** Second by second the lesser of link and ceiling, in bits. */
function deliverableBits({ durationMs, ceilingKbps, otherKbps }: Show, link: LinkTrace): number {
  let bits = 0;
  for (let atMs = 0; atMs < durationMs; atMs += 1_000) {
    const untilMs = Math.min(durationMs, atMs + 1_000);
    bits += Math.min(capacityKbps(link, atMs, untilMs), ceilingKbps + otherKbps) * (untilMs - atMs);
  }
  return bits;
}

/** What the link carries of TCP's bytes. */
export function capacityKbps(link: LinkTrace, fromMs: number, toMs: number): number {
  return meanKbps(link, fromMs, toMs) * TCP_SHARE;
}

function changes(rates: RateStep[]): number {
  return rates.filter(({ videoKbps }, index) => index > 0 && Math.round(videoKbps) !== Math.round(rates[index - 1]!.videoKbps)).length;
}

function freezes(frames: Delivery[], durationMs: number): number {
  const arrivals = frames.flatMap(({ arrivedMs }) => (arrivedMs === null ? [] : [arrivedMs])).toSorted((a, b) => a - b);
  const ends = [...arrivals.slice(1), Math.max(durationMs, arrivals.at(-1) ?? 0)];
  return ends.filter((atMs, index) => atMs - (arrivals[index] ?? 0) > FREEZE_MS).length;
}

/** A change of the link that lasts: what it takes in the two seconds after, against the two before. */
interface Edge {
  atMs: number;
  /** the next change, or the end */
  untilMs: number;
}

const EDGE_MS = 2_000;
const EDGE_STEP_MS = 100;
const SECOND_MS = 1_000;

const fallsOf = (link: LinkTrace, durationMs: number) => edges(link, durationMs, (before, after) => after < 0.6 * before);
const risesOf = (link: LinkTrace, durationMs: number) => edges(link, durationMs, (before, after) => after > before / 0.6);

/** Of a run of neighbouring times that look like an edge, the one where the change is greatest. */
function edges(link: LinkTrace, durationMs: number, isEdge: (beforeKbps: number, afterKbps: number) => boolean): Edge[] {
  const found: { atMs: number; change: number }[] = [];
  for (let atMs = EDGE_MS; atMs + EDGE_MS <= durationMs; atMs += EDGE_STEP_MS) {
    const before = capacityKbps(link, atMs - EDGE_MS, atMs);
    const after = capacityKbps(link, atMs, atMs + EDGE_MS);
    if (!isEdge(before, after)) continue;
    const change = Math.abs(after - before);
    const last = found.at(-1);
    if (!last || atMs - last.atMs > EDGE_MS) found.push({ atMs, change });
    else if (change > last.change) found[found.length - 1] = { atMs, change };
  }
  return found.map(({ atMs }, index) => ({ atMs, untilMs: found[index + 1]?.atMs ?? durationMs }));
}

/** The worst of all edges; one that is never answered counts to the next. Null without any that mattered. */
function slowest(show: Show, link: LinkTrace, found: Edge[], answeredAt: typeof reactedAt): number | null {
  const times = found.flatMap((edge) => answeredAt(show, link, edge) ?? []);
  return times.length === 0 ? null : Math.max(...times);
}

/** Milliseconds; null where the rate was already low enough. */
function reactedAt({ rates, otherKbps }: Show, link: LinkTrace, { atMs, untilMs }: Edge): number | null {
  const isUnder = ({ atMs: stepMs, videoKbps }: RateStep) => videoKbps + otherKbps <= capacityKbps(link, stepMs, stepMs + EDGE_MS);
  const before = rates.findLast((step) => step.atMs <= atMs);
  if (before && isUnder({ ...before, atMs })) return null;
  return (rates.find((step) => step.atMs > atMs && isUnder(step))?.atMs ?? untilMs) - atMs;
}

/** Milliseconds until the output of a second fits into the link; null where it did before. */
function outputAt({ deliveries }: Show, link: LinkTrace, { atMs, untilMs }: Edge): number | null {
  const near = deliveries.filter(({ encodedMs }) => encodedMs > atMs - SECOND_MS && encodedMs <= untilMs + SECOND_MS);
  const outputKbps = (fromMs: number) =>
    near.reduce((sum, { encodedMs, bytes }) => sum + (encodedMs > fromMs && encodedMs <= fromMs + SECOND_MS ? bytes * 8 : 0), 0) /
    SECOND_MS;
  if (outputKbps(atMs - SECOND_MS) <= capacityKbps(link, atMs, atMs + SECOND_MS)) return null;
  let fromMs = atMs;
  while (fromMs < untilMs && outputKbps(fromMs) > capacityKbps(link, fromMs, fromMs + SECOND_MS)) fromMs += EDGE_STEP_MS;
  return fromMs - atMs;
}

function recoveredAt({ rates, otherKbps, ceilingKbps }: Show, link: LinkTrace, { atMs, untilMs }: Edge): number | null {
  const isBack = ({ atMs: stepMs, videoKbps }: RateStep) =>
    videoKbps + otherKbps >= 0.9 * Math.min(ceilingKbps + otherKbps, capacityKbps(link, stepMs, stepMs + EDGE_MS));
  const before = rates.findLast((step) => step.atMs <= atMs);
  if (before && isBack({ ...before, atMs })) return null;
  return Math.min(untilMs, rates.find((step) => step.atMs > atMs && isBack(step))?.atMs ?? untilMs) - atMs;
}
