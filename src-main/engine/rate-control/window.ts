/** The last seconds of samples, and what they say of the link. All windows are in time: samples may be late or missing. */
import type { Pressure } from './pressure.ts';

export interface Mark {
  atUs: number;
  /** of media, since the window began; never falls, though offeredBytes does when media is dropped */
  inBytes: number;
  outBytes: number;
  /** handed to the way and not known to have arrived, without what is on its way anyway */
  waitingBytes: number;
  /** TCP's own estimate of what it delivers; null where the system does not tell */
  tcpKbps: number | null;
  resentPackets: number;
  /** the fastest that anything had arrived just before, by exact times; null where there are none */
  burstKbps: number | null;
}

export interface Window {
  marks: readonly Mark[];
  offeredBytes: number;
  deliveredBytes: number;
  /** least delay ever seen: what the way takes without a queue. ms; grows slowly, since routes change */
  baseMs: number;
  /** the largest step of outBytes lately: acknowledgements come in lumps */
  lumpBytes: number;
  acks: Acks;
}

/** What the server itself acknowledges: it may be behind something on the way that ends TCP. */
interface Acks {
  bytes: number;
  /** the newest of its steps. By count, not by time: on a still picture an acknowledgement takes seconds to come */
  steps: readonly number[];
}

export const NO_ACKS: Acks = { bytes: 0, steps: [] };

export const KEEP_US = 4_000_000;
/** Closer samples tell nothing new. */
const LEAST_STEP_US = 20_000;
/** After such a gap (a suspended machine) what was known is of the past. */
const LONGEST_STEP_US = 1_500_000;
const BASE_CREEP_PER_S = 0.5;
const LUMP_KEPT_PER_S = 0.7;
const ACK_STEPS = 8;
const NEWEST_US = 400_000;
const SAMPLE_SLACK_MS = 40;
const SHORT_SLACK = 0.2;
const LOSS_US = 800_000;
/** TCP counts chunk headers and TLS records, and measures in the best moment of a round trip. */
const TCP_PART = 0.9;

/** Kilobits per second of so many bytes in so many microseconds. */
export const kbpsOf = (bytes: number, us: number): number => (us > 0 ? (bytes * 8_000) / us : 0);
export const bytesOf = (kbps: number, ms: number): number => (kbps * ms) / 8;

/** @returns null where the sample is of no use: absurd, or too close to the one before; 'anew' where it begins another window */
export function follows(window: Window, sample: Pressure): 'next' | 'anew' | 'unusable' {
  if (![sample.atUs, sample.offeredBytes, sample.deliveredBytes].every(Number.isFinite)) return 'unusable';
  const last = window.marks.at(-1);
  if (!last) return 'anew';
  const stepUs = sample.atUs - last.atUs;
  if (stepUs < -LONGEST_STEP_US || stepUs > LONGEST_STEP_US || sample.deliveredBytes < window.deliveredBytes / 2) return 'anew';
  return stepUs < LEAST_STEP_US ? 'unusable' : 'next';
}

export function beginWindow(sample: Pressure, baseMs: number): Window {
  const acks = { ...NO_ACKS, bytes: ackedBytes(sample) ?? 0 };
  const mark = {
    atUs: sample.atUs,
    inBytes: 0,
    outBytes: arrived(sample, acks),
    waitingBytes: 0,
    ...tcpOf(sample),
    burstKbps: burstOf(sample),
  };
  return { marks: [mark], offeredBytes: sample.offeredBytes, deliveredBytes: sample.deliveredBytes, baseMs, lumpBytes: 0, acks };
}

/** @param linkKbps the link's rate as known until now: what is on its way at that rate is no queue */
export function extendWindow(window: Window, sample: Pressure, linkKbps: number): Window {
  const last = window.marks.at(-1);
  if (!last) return beginWindow(sample, window.baseMs);
  const seconds = (sample.atUs - last.atUs) / 1_000_000;
  const acks = nextAcks(window.acks, sample);
  const outBytes = Math.max(last.outBytes, arrived(sample, acks));
  const step = outBytes - last.outBytes;
  const lumpBytes = Math.max(step, window.lumpBytes * LUMP_KEPT_PER_S ** seconds);
  const delayMs = finite(sample.delayMs, window.baseMs);
  const baseMs = Math.min(window.baseMs + BASE_CREEP_PER_S * seconds, delayMs);
  const inBytes = last.inBytes + Math.max(0, sample.offeredBytes - window.offeredBytes);
  const marks = window.marks.filter(({ atUs }) => sample.atUs - atUs <= KEEP_US);
  const next = { ...window, offeredBytes: sample.offeredBytes, deliveredBytes: sample.deliveredBytes, baseMs, lumpBytes, acks };
  const now = { ...next, marks };
  // after a raise the newest of what is offered is more than the mean, and shows what the link takes beyond what was known
  const offeredKbps = Math.max(inRate(now, sample.atUs - 1_000_000), inRate(now, sample.atUs - NEWEST_US));
  const takenKbps = Math.max(linkKbps, outRate(now, sample.atUs - NEWEST_US) ?? 0);
  const waitingBytes = waiting(sample, next, Math.min(offeredKbps || takenKbps, takenKbps));
  return {
    ...next,
    marks: [...marks, { atUs: sample.atUs, inBytes, outBytes, waitingBytes, ...tcpOf(sample), burstKbps: burstOf(sample) }],
  };
}

/** Where the server tells of all the way, TCP tells nothing of what is behind the next machine. */
const tcpOf = ({ tcp, way }: Pressure) => ({
  tcpKbps: !way && tcp && tcp.deliveryRateKbps > 0 ? tcp.deliveryRateKbps : null,
  resentPackets: !way && tcp ? finite(tcp.retransmittedPackets, 0) : 0,
});

const burstOf = ({ way }: Pressure): number | null => (way ? finite(way.burstKbps, 0) : null);

/** @returns null where the server does not acknowledge */
const ackedBytes = ({ offeredBytes, queueBytes, unackedBytes }: Pressure): number | null =>
  unackedBytes === null ? null : finite(offeredBytes - queueBytes - unackedBytes, 0);

function nextAcks(acks: Acks, sample: Pressure): Acks {
  const bytes = ackedBytes(sample);
  if (bytes === null || bytes <= acks.bytes) return acks;
  return { bytes, steps: [...acks.steps.slice(1 - ACK_STEPS), bytes - acks.bytes] };
}

/** Not known to have arrived: by the socket's own figures where there are any, since acknowledgements come late and in lumps. */
function backlog(sample: Pressure, acks: Acks): number {
  const known = Math.max(0, sample.offeredBytes - sample.deliveredBytes);
  const held = heldBytes(sample);
  return held === null ? known : Math.min(known, Math.max(held, known - lumpOf(acks, known)));
}

/** In our queue, in the system and on TCP's way; null where the system does not tell. */
function heldBytes({ tcp, unsentBytes, queueBytes, evidence }: Pressure): number | null {
  return tcp && unsentBytes !== null && (evidence === 'ack' || evidence === 'tcp')
    ? finite(queueBytes + unsentBytes + tcp.inFlightBytes, 0)
    : null;
}

/**
 * TCP says how it is with the next machine, which may be a proxy with a queue of its own; the acknowledgements go all the
 * way, and are at most a lump late. @returns all, before there is a lump to go by
 */
const lumpOf = ({ steps }: Acks, bytes: number): number => (steps.length < 2 ? bytes : Math.max(...steps));

const arrived = (sample: Pressure, acks: Acks): number => sample.offeredBytes - backlog(sample, acks);

/** An acknowledgement may be a lump late, and what is on its way at the link's rate is no queue. */
function waiting(sample: Pressure, { acks, baseMs }: Window, kbps: number): number {
  const { way } = sample;
  if (way) return Math.max(0, finite(sample.queueBytes + way.queueBytes, 0) - bytesOf(kbps, SAMPLE_SLACK_MS));
  const known = backlog(sample, acks);
  const held = heldBytes(sample);
  const wayBytes = bytesOf(kbps, Math.min(baseMs, 500) + SAMPLE_SLACK_MS);
  if (held !== null) {
    const onWayBytes = bytesOf(kbps, finite(sample.tcp?.minRttMs ?? baseMs, baseMs) + SAMPLE_SLACK_MS);
    // beyond a proxy the way is longer than TCP's
    return Math.max(0, Math.min(known, held) - onWayBytes, known > held ? known - Math.max(wayBytes, onWayBytes) : 0);
  }
  return Math.max(0, known - wayBytes);
}

/** What the encoder has given since a time, in kbps. */
export function inRate(window: Window, fromUs: number): number {
  const [first, last] = ends(since(window, fromUs));
  return first && last ? kbpsOf(last.inBytes - first.inBytes, last.atUs - first.atUs) : 0;
}

/**
 * What has arrived since a time, in kbps: measured from step to step, since acknowledgements come in lumps,
 * and no more than would have been if the next lump came now. Null: too little to say.
 */
export function outRate(window: Window, fromUs: number): number | null {
  const { marks, lumpBytes } = window;
  const steps = marks.filter((mark, index) => index > 0 && mark.outBytes > (marks[index - 1]?.outBytes ?? 0));
  const now = marks.at(-1);
  if (!now || (marks[0] && now.atUs - marks[0].atUs < 150_000)) return null;
  const inside = steps.filter(({ atUs }) => atUs >= fromUs);
  const begin = inside.length > 1 ? inside[0] : (steps.findLast(({ atUs }) => atUs < fromUs) ?? inside[0] ?? marks[0]);
  if (!begin) return null;
  const end = inside.at(-1);
  const stepRate = end && end.atUs > begin.atUs ? kbpsOf(end.outBytes - begin.outBytes, end.atUs - begin.atUs) : Number.POSITIVE_INFINITY;
  const silentRate = kbpsOf(now.outBytes - begin.outBytes + lumpBytes, now.atUs - begin.atUs);
  const rate = Math.min(stepRate, now.atUs > begin.atUs ? silentRate : Number.POSITIVE_INFINITY);
  return Number.isFinite(rate) ? besideLoss(window, fromUs, rate) : null;
}

/**
 * Behind a lost packet nothing counts as arrived, and then all of it at once. While packets are sent again, and as long as
 * its estimate still changes, TCP's own estimate holds: it counts what has arrived out of order.
 */
function besideLoss(window: Window, fromUs: number, kbps: number): number {
  const marks = since(window, Math.min(fromUs, (window.marks.at(-1)?.atUs ?? 0) - LOSS_US));
  const [first, last] = ends(marks);
  if (!first || !last || first.resentPackets === last.resentPackets || last.tcpKbps === null) return kbps;
  const before = marks.at(-2);
  const most = Math.max(...marks.map(({ tcpKbps }) => tcpKbps ?? 0));
  const isFresh = before !== undefined && before.tcpKbps !== last.tcpKbps;
  return Math.min(Math.max(kbps, isFresh ? last.tcpKbps * TCP_PART : 0), most);
}

/** Since when something has been waiting without a break; null when nothing does. */
export function busySinceUs({ marks }: Window): number | null {
  const lastIdle = marks.findLastIndex(({ waitingBytes }) => waitingBytes <= 0);
  return marks[lastIdle + 1]?.atUs ?? null;
}

/**
 * The most that has arrived in a tenth to half of a second, in kbps: the link takes at least that.
 * A keyframe is such a burst, so that the link is measured without a probe.
 */
export function bestBurst(window: Window, fromUs: number): number {
  const marks = since(window, fromUs);
  const exact = marks.flatMap(({ burstKbps }) => burstKbps ?? []);
  if (exact.length > 0) return Math.max(...exact);
  let best = 0;
  for (const [index, first] of marks.entries()) {
    for (const last of marks.slice(index + 1)) {
      const us = last.atUs - first.atUs;
      if (us > 520_000) break;
      // a short time is easily measured wrong
      const slackUs = us < 180_000 ? us * SHORT_SLACK : 0;
      if (us >= 80_000) best = Math.max(best, kbpsOf(last.outBytes - first.outBytes, us + slackUs));
    }
  }
  return isLossy(window, fromUs - 2 * LOSS_US) ? Math.min(best, Math.max(0, ...marks.map(({ tcpKbps }) => tcpKbps ?? 0))) : best;
}

/** Whether packets have been sent again since then, where the system tells. */
export function isLossy(window: Window, fromUs: number): boolean {
  const [first, last] = ends(since(window, fromUs));
  return first !== undefined && first.resentPackets !== last?.resentPackets;
}

export const since = ({ marks }: Window, fromUs: number): readonly Mark[] => marks.filter(({ atUs }) => atUs >= fromUs);

const ends = (marks: readonly Mark[]): [Mark | undefined, Mark | undefined] => [marks[0], marks.at(-1)];

const finite = (value: number, otherwise: number): number => (Number.isFinite(value) ? value : otherwise);
