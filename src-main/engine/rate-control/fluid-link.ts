/** A small model of an encoder, a socket and a link, for the controller's tests. The lab's simulator is finer. */

import { AckWay } from '../publish/rtmp/ack-way.ts';
import type { RateController, RateLimits } from './controller.ts';
import type { Pressure, WayPressure } from './pressure.ts';

export interface FluidSetup {
  limits: RateLimits;
  seconds: number;
  /** what the link lets through at a time, in kbps of media */
  linkKbps: (atS: number) => number;
  evidence: Pressure['evidence'];
  /** whether the system tells of its socket beside the evidence */
  tcp: boolean;
  rttMs: number;
  /** the network's own buffer, full before our queue grows; what is in it is out of our reach */
  bufferBytes: number;
  keyframeIntervalS: number;
  /** an IDR in pictures of the others */
  idrWeight: number;
  startKbps?: number;
}

export interface FluidResult {
  /** of each picture that arrived */
  frames: { atS: number; delayMs: number }[];
  /** each decision, every 100 ms */
  rates: { atS: number; videoKbps: number; reason: string }[];
  drops: number;
  framesDropped: number;
  framesOffered: number;
  /** delivered within 2 s, in bytes, by whole seconds of the show */
  deliveredBytes: number;
}

interface Chunk {
  bytes: number;
  leftBytes: number;
  atMs: number;
  frame: boolean;
  key: boolean;
}

const TICK_MS = 5;
const FRAME_MS = 1_000 / 30;
/** x264 with a VBV of one second: down in 1 to 2 s, up to 80 % in 3 s */
const LAG_DOWN_MS = 550;
const LAG_UP_MS = 1_800;

export const FLUID: FluidSetup = {
  limits: { floorKbps: 300, ceilingKbps: 4_500, otherKbps: 180 },
  seconds: 60,
  linkKbps: () => 6_000,
  evidence: 'tcp',
  tcp: true,
  rttMs: 40,
  bufferBytes: 150_000,
  keyframeIntervalS: 2,
  idrWeight: 7,
};

export function runFluid<State>(controller: RateController<State>, options: Partial<FluidSetup> = {}): FluidResult {
  const setup = { ...FLUID, ...options };
  const flow = new Flow(setup);
  let state = controller.initial(setup.limits, 0, setup.startKbps);
  flow.encodedKbps = setup.startKbps ?? setup.limits.ceilingKbps;
  flow.targetKbps = flow.encodedKbps;
  for (let nowMs = 0; nowMs < setup.seconds * 1_000; nowMs += TICK_MS) {
    flow.tick(nowMs);
    if (nowMs % 100 !== 0) continue;
    const stepped = controller.step(state, flow.sample(nowMs), setup.limits);
    state = stepped.state;
    const { videoKbps, reason, dropToIdr } = stepped.decision;
    flow.targetKbps = videoKbps;
    if (dropToIdr) flow.drop();
    flow.result.rates.push({ atS: nowMs / 1_000, videoKbps, reason });
  }
  return flow.result;
}

class Flow {
  targetKbps = 0;
  encodedKbps = 0;
  readonly result: FluidResult = { frames: [], rates: [], drops: 0, framesDropped: 0, framesOffered: 0, deliveredBytes: 0 };
  readonly #setup: FluidSetup;
  /** own queue, then what the system has taken and the link has not yet carried */
  #queue: Chunk[] = [];
  #network: Chunk[] = [];
  /** carried by the link; the sender learns of it a way back later */
  #carried: { atMs: number; totalBytes: number }[] = [];
  #offeredBytes = 0;
  #carriedBytes = 0;
  #knownBytes = 0;
  /** what had been let out, a round trip ago */
  #takenLog: { atMs: number; totalBytes: number }[] = [];
  #knownLog: { atMs: number; totalBytes: number }[] = [];
  #ackedBytes = 0;
  #acks: { atMs: number; totalBytes: number }[] = [];
  readonly #ackWay = new AckWay(0, 0);
  #offeredLog: { totalBytes: number; atMs: number }[] = [];
  #nextFrameMs = 0;
  #frames = 0;
  #awaitsIdr = false;
  #seed = 1;

  constructor(setup: FluidSetup) {
    this.#setup = setup;
  }

  tick(nowMs: number): void {
    const lag = this.targetKbps < this.encodedKbps ? LAG_DOWN_MS : LAG_UP_MS;
    this.encodedKbps += (this.targetKbps - this.encodedKbps) * (TICK_MS / lag);
    while (this.#nextFrameMs <= nowMs) this.#encode(nowMs);
    this.#carry(nowMs);
    this.#learn(nowMs);
  }

  drop(): void {
    // a picture that has begun goes on
    const kept = this.#queue.filter(({ leftBytes, bytes, frame }) => !frame || leftBytes < bytes);
    const dropped = this.#queue.length - kept.length;
    if (dropped === 0) return;
    for (const { bytes, frame, leftBytes } of this.#queue) if (frame && leftBytes === bytes) this.#offeredBytes -= bytes;
    const fromMs = this.#queue.find((chunk) => !kept.includes(chunk))?.atMs ?? 0;
    this.#offeredLog = this.#offeredLog.filter(({ atMs }) => atMs < fromMs);
    this.#queue = kept;
    this.result.framesDropped += dropped;
    this.result.drops += 1;
    this.#awaitsIdr = true;
  }

  sample(nowMs: number): Pressure {
    const { evidence, tcp, rttMs } = this.#setup;
    const capacity = this.#setup.linkKbps(nowMs / 1_000);
    const queueBytes = sum(this.#queue);
    const networkBytes = sum(this.#network);
    const taken = this.#offeredBytes - queueBytes;
    const acked = evidence === 'ack' ? Math.min(taken, this.#ackedEstimate(nowMs)) : taken;
    const deliveredBytes = evidence === 'tcp' || evidence === 'report' ? this.#knownBytes : acked;
    const oldest = this.#offeredLog.find(({ totalBytes }) => totalBytes > deliveredBytes)?.atMs ?? nowMs;
    const netMs = capacity > 0 ? Math.min(10_000, (networkBytes * 8) / capacity) : 10_000;
    return {
      atUs: nowMs * 1_000,
      offeredBytes: this.#offeredBytes,
      deliveredBytes,
      evidence,
      delayMs: nowMs - oldest,
      queueMs: this.#queue[0] ? nowMs - this.#queue[0].atMs : 0,
      queueBytes,
      unackedBytes: evidence === 'ack' ? taken - deliveredBytes : null,
      unsentBytes: tcp ? 0 : null,
      tcp: tcp
        ? {
            rttMs: rttMs + netMs,
            minRttMs: rttMs,
            deliveryRateKbps: capacity,
            appLimited: networkBytes < 8_000,
            inFlightBytes: this.#offeredBytes - queueBytes - this.#knownBytes,
            retransmittedPackets: 0,
          }
        : null,
      way: this.#way(nowMs),
    };
  }

  /** What would have arrived, and has not: of what was let out before the newest that is known. */
  #reported(nowMs: number): number {
    this.#takenLog = this.#takenLog.filter(({ atMs }, index, all) => (all[index + 1]?.atMs ?? atMs) > nowMs - this.#setup.rttMs - 100);
    const before = this.#takenLog.findLast(({ atMs }) => atMs <= nowMs - this.#setup.rttMs)?.totalBytes ?? 0;
    return Math.max(0, before - this.#knownBytes);
  }

  #way(nowMs: number): WayPressure | null {
    const { evidence, tcp } = this.#setup;
    if (evidence === 'report') return { queueBytes: this.#reported(nowMs), burstKbps: this.#burst(nowMs) };
    if (evidence !== 'ack' || tcp) return null;
    return { queueBytes: this.#ackWay.queueBytes(nowMs, this.#ackEvery), burstKbps: this.#ackWay.burstKbps(nowMs) };
  }

  /** The most that came in a tenth of a second of the last three. */
  #burst(nowMs: number): number {
    this.#knownLog = [...this.#knownLog.filter(({ atMs }) => atMs >= nowMs - 300), { atMs: nowMs, totalBytes: this.#knownBytes }];
    const rates = this.#knownLog.slice(1).map(({ atMs, totalBytes }, index) => {
      const before = this.#knownLog[index];
      return before && atMs > before.atMs ? ((totalBytes - before.totalBytes) * 8) / (atMs - before.atMs) : 0;
    });
    return Math.max(0, ...rates);
  }

  get #ackEvery(): number {
    return Math.max(4_096, (this.targetKbps + this.#setup.limits.otherKbps) * 25);
  }

  /** What the link has carried is known a way back later, and acknowledged when a window is full. */
  #learn(nowMs: number): void {
    while (this.#carried[0] && this.#carried[0].atMs + this.#setup.rttMs <= nowMs)
      this.#knownBytes = this.#carried.shift()?.totalBytes ?? 0;
    if (this.#knownBytes - this.#ackedBytes < this.#ackEvery) return;
    this.#ackedBytes = this.#knownBytes;
    this.#acks = [...this.#acks, { atMs: nowMs, totalBytes: this.#ackedBytes }].filter(({ atMs }) => atMs > nowMs - 2_000);
    if (!this.#setup.tcp) this.#ackWay.acknowledged(this.#ackedBytes, nowMs);
  }

  /** As the publisher has it: on at the same pace, for as long as no acknowledgement is due. */
  #ackedEstimate(nowMs: number): number {
    if (!this.#setup.tcp) return this.#ackWay.estimateBytes(nowMs, this.#ackEvery);
    const [first, last] = [this.#acks[0], this.#acks.at(-1)];
    if (!first || !last || first === last) return this.#ackedBytes;
    const pace = (last.totalBytes - first.totalBytes) / (last.atMs - first.atMs);
    return this.#ackedBytes + Math.min(this.#ackEvery, pace * (nowMs - last.atMs));
  }

  #encode(nowMs: number): void {
    const { keyframeIntervalS, idrWeight, limits } = this.#setup;
    const perGop = Math.round(keyframeIntervalS * 30);
    const key = this.#awaitsIdr || this.#frames % perGop === 0;
    if (key) this.#frames = 0;
    this.#frames += 1;
    this.#nextFrameMs += FRAME_MS;
    const plain = (this.encodedKbps * 125 * keyframeIntervalS) / (perGop - 1 + idrWeight);
    this.#seed = (this.#seed * 16_807) % 2_147_483_647;
    const noise = 0.8 + (0.4 * this.#seed) / 2_147_483_647;
    this.#offer(nowMs, plain * (key ? idrWeight : 1) * noise, true, key);
    this.#offer(nowMs, (limits.otherKbps * 125 * FRAME_MS) / 1_000, false, false);
    this.#awaitsIdr = false;
    this.result.framesOffered += 1;
  }

  #offer(atMs: number, bytes: number, frame: boolean, key: boolean): void {
    this.#queue.push({ bytes, leftBytes: bytes, atMs, frame, key });
    this.#offeredBytes += bytes;
    this.#offeredLog.push({ totalBytes: this.#offeredBytes, atMs });
    if (this.#offeredLog.length > 2_000) this.#offeredLog.splice(0, 1_000);
  }

  #carry(nowMs: number): void {
    const capacity = this.#setup.linkKbps(nowMs / 1_000);
    const windowBytes = capacity * 0.125 * this.#setup.rttMs + this.#setup.bufferBytes + 16_000;
    // as the publisher does: no more on its way than 400 ms at the rate asked for
    const mostBytes = (this.targetKbps + this.#setup.limits.otherKbps) * 0.125 * (400 + this.#setup.rttMs);
    let room = Math.min(windowBytes, mostBytes) - sum(this.#network);
    while (room > 0 && this.#queue[0]) {
      const head = this.#queue[0];
      const take = Math.min(room, head.leftBytes);
      this.#network.push({ ...head, leftBytes: take, bytes: head.leftBytes === take ? head.bytes : 0 });
      head.leftBytes -= take;
      room -= take;
      if (head.leftBytes <= 0) this.#queue.shift();
    }
    let budget = capacity * 0.125 * TICK_MS;
    while (budget > 0 && this.#network[0]) {
      const head = this.#network[0];
      const take = Math.min(budget, head.leftBytes);
      head.leftBytes -= take;
      budget -= take;
      this.#carriedBytes += take;
      if (head.leftBytes <= 0) this.#arrive(this.#network.shift() ?? head, nowMs);
    }
    this.#noteTaken(nowMs);
    this.#carried.push({ atMs: nowMs, totalBytes: this.#carriedBytes });
  }

  #noteTaken(atMs: number): void {
    const { evidence, tcp } = this.#setup;
    if (tcp || (evidence !== 'report' && evidence !== 'ack')) return;
    const totalBytes = this.#offeredBytes - sum(this.#queue);
    if (evidence === 'ack') this.#ackWay.sent(totalBytes, atMs);
    else this.#takenLog.push({ atMs, totalBytes });
  }

  #arrive({ bytes, atMs, frame }: Chunk, nowMs: number): void {
    const delayMs = nowMs - atMs + this.#setup.rttMs / 2;
    if (bytes === 0) return;
    if (delayMs <= 2_000) this.result.deliveredBytes += bytes;
    if (frame) this.result.frames.push({ atS: nowMs / 1_000, delayMs });
  }
}

const sum = (chunks: Chunk[]): number => chunks.reduce((total, { leftBytes }) => total + leftBytes, 0);

/** @param part 0 to 1 */
export function percentile(values: number[], part: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0;
}

export const changes = (rates: { videoKbps: number }[]): number =>
  rates.filter(({ videoKbps }, index) => index > 0 && videoKbps !== rates[index - 1]?.videoKbps).length;
