/**
 * A show over a link, in no time: encoder, queue, socket, TCP, link, receiver and rate controller on one clock that jumps
 * from event to event. A minute takes about a tenth of a second, and gives the same for the same seed.
 *
 * One link with one controller, second by second: `node tests/lab/sim/run.ts step tidecast` (run.ts has the options).
 * From code:
 *
 *   const link = { trace: parseTrace(text), delayMs: 20, bufferBytes: 150_000 };
 *   const run = simulate({ link, controller: tidecast, limits: { floorKbps: 300, ceilingKbps: 4_500, otherKbps: OTHER_KBPS } });
 *   judge(showOf(run, limits), link.trace); // tests/lab/judge.ts: delays, utilisation, drops, …
 *
 * docs/network-lab.md says what is modelled and what is not.
 */
import { DEFAULT_TUNING } from '../../../src-main/engine/publish/tuning.ts';
import type { RateController, RateDecision, RateLimits } from '../../../src-main/engine/rate-control/controller.ts';
import { PRESSURE_EVERY_MS, type Pressure } from '../../../src-main/engine/rate-control/pressure.ts';
import type { DeliveryReport } from '../../../src-main/wire/rtmp/delivery-report.ts';
import { US_PER_MS } from '../../../src-shared/units.ts';
import type { Show } from '../judge.ts';
import { SimEncoder } from './encoder.ts';
import { type Packet, SimLink, type SimLinkOptions } from './link.ts';
import { OUR_PROGRAM, Program, type ProgramOptions } from './program.ts';
import { Random } from './random.ts';
import { TcpReceiver, TcpSender, type Transmission } from './tcp.ts';
import type { Unit } from './unit.ts';

export interface SimOptions<State> {
  link: SimLinkOptions;
  /** its time begins with the warm-up */
  controller: RateController<State>;
  limits: RateLimits;
  program?: ProgramOptions;
  /** 4 s unless said otherwise: on a link without a limit, until encoder and connection are as in the middle of a show */
  warmUpMs?: number;
  /** after the warm-up; 60 s unless said otherwise. What waits then still arrives, for up to half a minute */
  durationMs?: number;
  seed?: number;
  /** where the rate stands at the beginning; else the controller's choice */
  startKbps?: number;
}

/** What was so at one step of the controller. */
export interface SimStep {
  atMs: number;
  pressure: Pressure;
  decision: RateDecision;
  /** waiting in the link's own buffer */
  linkBytes: number;
}

/** Times from the beginning of the link's trace; the warm-up's are negative. */
export interface SimRun {
  durationMs: number;
  units: Unit[];
  steps: SimStep[];
  packetsLost: number;
  packetsResent: number;
}

const DRAIN_MS = 30_000;
/** The controller's timer keeps no step with the pictures: so many of its steps are a millisecond late, as Node's are seen to be. */
const LATE_STEPS = 0.35;
const KNOCK_BYTES = 60;
/** round trips of TCP's handshake, RTMP's, connect, createStream and publish */
const HANDSHAKE_TRIPS = 5;
/** our own server's */
const REPORT_EVERY_MS = 100;
const SERVER_CLOCK_MS = 1_234_567;
const NEVER = Number.POSITIVE_INFINITY;

/** How long a show runs before its link's trace begins. */
export const WARM_UP_MS = 4_000;

export function simulate<State>(options: SimOptions<State>): SimRun {
  return new Simulation(options).run();
}

/** As tests/lab/judge.ts wants it. */
export function showOf({ durationMs, units, steps }: SimRun, { ceilingKbps, otherKbps }: RateLimits): Show {
  const deliveries = units.filter(({ encodedMs }) => encodedMs >= 0);
  const rates = steps.map(({ atMs, decision }) => ({ atMs, videoKbps: decision.videoKbps }));
  return { durationMs, deliveries, rates, ceilingKbps, otherKbps };
}

/** One connection, at both ends. */
interface Flow {
  tcp: TcpSender;
  receiver: TcpReceiver;
  serverAckedBytes: number;
  /** by the server's clock */
  arrivedMs: number;
  /** when the server tells what it has; when it last did */
  reportMs: number;
  reportedMs: number;
  arrivedUnits: number;
}

/** What the link carries: a transmission, or a knock whether anybody is there. */
interface Carried extends Packet {
  flow: Flow | null;
  transmission: Transmission | null;
}

interface Arrival {
  atMs: number;
  carried: Carried;
}

/** What comes back: TCP's acknowledgement of a transmission, or the server's of all bytes so far, or its report of them. */
interface Return {
  atMs: number;
  flow: Flow;
  transmission: Transmission | null;
  serverBytes: number;
  report: DeliveryReport | null;
}

class Simulation<State> {
  readonly #options: SimOptions<State>;
  /** of the controller's steps */
  readonly #timer: Random;
  /** of the simulation's own clock, which begins with the warm-up */
  readonly #startMs: number;
  readonly #endMs: number;
  readonly #encoder: SimEncoder;
  readonly #link: SimLink<Carried>;
  /** null: the connection was given up, and there is no other yet */
  #flow: Flow | null;
  readonly #program: Program;
  readonly #arrivals = new Line<Arrival>();
  readonly #returns = new Line<Return>();
  readonly #units: Unit[] = [];
  readonly #steps: SimStep[] = [];
  /** null: there is no connection */
  #state: { of: State } | null;
  #nextStepMs: number;
  #nextKnockMs = NEVER;
  /** when the server has answered a knock, and the handshakes are over */
  #connectedMs = NEVER;
  #packetsResent = 0;
  #nowMs = 0;

  constructor(options: SimOptions<State>) {
    const { limits, link, program = OUR_PROGRAM, durationMs = 60_000, warmUpMs = WARM_UP_MS, seed = 1 } = options;
    const random = new Random(seed);
    this.#options = options;
    this.#timer = new Random(~seed);
    this.#nextStepMs = PRESSURE_EVERY_MS * (1 + this.#timer.next());
    this.#startMs = warmUpMs;
    this.#endMs = warmUpMs + durationMs;
    this.#state = { of: options.controller.initial(limits, 0, options.startKbps) };
    const startKbps = Math.min(limits.ceilingKbps, options.startKbps ?? limits.ceilingKbps);
    this.#encoder = new SimEncoder(limits.ceilingKbps, startKbps, program.rateBuffer, random);
    this.#link = new SimLink({ ...link, startMs: warmUpMs }, () => random.next());
    this.#program = new Program(program, () => this.#encoder.requestIdr());
    this.#program.setRate(startKbps + limits.otherKbps);
    this.#flow = this.#connect();
  }

  run(): SimRun {
    const endMs = this.#endMs + DRAIN_MS;
    while (!this.#isDone() && this.#advance() < endMs) {
      const nowMs = this.#nowMs;
      while (this.#link.nextMs <= nowMs) this.#link.serve(nowMs, this.#deliver);
      while (this.#arrivals.nextMs <= nowMs) this.#receive(this.#arrivals.shift().carried);
      while (this.#returns.nextMs <= nowMs) this.#return(this.#returns.shift());
      if (this.#flow && this.#flow.reportMs <= nowMs) this.#report(this.#flow);
      if (this.#connectedMs <= nowMs) this.#flow = this.#connect();
      if (this.#nextKnockMs <= nowMs) this.#knock();
      const { tcp } = this.#flow ?? {};
      if (tcp && tcp.nextMs <= nowMs) tcp.timeOut(nowMs);
      while (this.#encoderNextMs <= nowMs) this.#encode();
      if (this.#nextStepMs <= nowMs) this.#control();
      this.#program.pump(nowMs);
      this.#flow?.tcp.send(nowMs);
      this.#program.pump(nowMs); // what has been sent makes room
    }
    return {
      durationMs: this.#endMs - this.#startMs,
      units: this.#units.map((unit) => this.#shifted(unit)),
      steps: this.#steps,
      packetsLost: this.#link.dropped,
      packetsResent: this.#packetsResent + (this.#flow?.tcp.info.retransmittedPackets ?? 0),
    };
  }

  readonly #deliver = (carried: Carried, atMs: number) => this.#arrivals.push({ atMs, carried });

  #connect(): Flow {
    const { notSentLowatBytes } = this.#options.program ?? OUR_PROGRAM;
    const transmit = (transmission: Transmission) =>
      this.#link.enqueue({ flow, transmission, wireBytes: transmission.wireBytes }, this.#nowMs, this.#deliver);
    const flow: Flow = {
      tcp: new TcpSender({ notSentLowatBytes, transmit }),
      receiver: new TcpReceiver(),
      serverAckedBytes: 0,
      arrivedMs: 0,
      reportMs: NEVER,
      reportedMs: Number.NEGATIVE_INFINITY,
      arrivedUnits: 0,
    };
    this.#connectedMs = NEVER;
    this.#nextKnockMs = NEVER;
    this.#program.begin(flow.tcp, this.#nowMs);
    return flow;
  }

  /** What was on its way is lost with the connection, as a server's old session is. */
  #giveUp(flow: Flow): void {
    this.#packetsResent += flow.tcp.info.retransmittedPackets;
    this.#flow = null;
    this.#program.lose();
    this.#nextKnockMs = this.#nowMs;
  }

  #knock(): void {
    this.#nextKnockMs += DEFAULT_TUNING.knockEveryMs;
    this.#link.enqueue({ flow: null, transmission: null, wireBytes: KNOCK_BYTES }, this.#nowMs, this.#deliver);
  }

  #shifted(unit: Unit): Unit {
    const arrivedMs = unit.arrivedMs === null ? null : unit.arrivedMs - this.#startMs;
    return { ...unit, encodedMs: unit.encodedMs - this.#startMs, arrivedMs };
  }

  get #encoderNextMs(): number {
    return this.#encoder.nextMs < this.#endMs ? this.#encoder.nextMs : NEVER;
  }

  #advance(): number {
    const ways = [
      this.#link.nextMs,
      this.#arrivals.nextMs,
      this.#returns.nextMs,
      this.#flow?.tcp.nextMs ?? NEVER,
      this.#flow?.reportMs ?? NEVER,
    ];
    const next = [...ways, this.#nextKnockMs, this.#connectedMs, this.#encoderNextMs, this.#nextStepMs];
    this.#nowMs = Math.max(this.#nowMs, Math.ceil(Math.min(...next)));
    return this.#nowMs;
  }

  #isDone(): boolean {
    return this.#nowMs >= this.#endMs && this.#program.isEmpty && (this.#flow?.arrivedUnits ?? 0) === this.#program.written.length;
  }

  #receive({ flow, transmission }: Carried): void {
    const { delayMs } = this.#options.link;
    if (!transmission) {
      if (!this.#flow) this.#connectedMs = Math.min(this.#connectedMs, this.#nowMs + (2 * HANDSHAKE_TRIPS - 1) * delayMs);
      return;
    }
    if (!flow || flow !== this.#flow) return;
    const backMs = this.#nowMs + delayMs;
    const before = flow.receiver.receivedBytes;
    flow.receiver.receive(transmission.segment);
    this.#returns.push({ atMs: backMs, flow, transmission, serverBytes: 0, report: null });
    const { receivedBytes } = flow.receiver;
    if (receivedBytes > before) this.#noteArrival(flow);
    const { written } = this.#program;
    for (let unit = written[flow.arrivedUnits]; unit && (unit.endByte ?? NEVER) <= receivedBytes; unit = written[flow.arrivedUnits]) {
      unit.arrivedMs = this.#nowMs;
      flow.arrivedUnits += 1;
    }
    if (receivedBytes - flow.serverAckedBytes < this.#program.ackWindowBytes) return;
    flow.serverAckedBytes = receivedBytes;
    this.#returns.push({ atMs: backMs, flow, transmission: null, serverBytes: receivedBytes, report: null });
  }

  /** As our own server does it (server/ingest/rtmp-connection.ts). */
  #noteArrival(flow: Flow): void {
    flow.arrivedMs = this.#nowMs;
    const isAsked = (this.#options.program ?? OUR_PROGRAM).evidence === 'report';
    if (isAsked && flow.reportMs === NEVER) flow.reportMs = Math.max(this.#nowMs, flow.reportedMs + REPORT_EVERY_MS);
  }

  #report(flow: Flow): void {
    const report = { receivedBytes: flow.receiver.receivedBytes, arrivedMs: flow.arrivedMs + SERVER_CLOCK_MS };
    flow.reportMs = NEVER;
    flow.reportedMs = this.#nowMs;
    this.#returns.push({ atMs: this.#nowMs + this.#options.link.delayMs, flow, transmission: null, serverBytes: 0, report });
  }

  #return({ flow, transmission, serverBytes, report }: Return): void {
    if (flow !== this.#flow) return;
    if (report) return this.#program.reported(report, this.#nowMs);
    if (transmission) flow.tcp.acknowledge(transmission, this.#nowMs);
    else this.#program.acknowledged(serverBytes, this.#nowMs);
  }

  #encode(): void {
    const unit = this.#encoder.take(this.#nowMs);
    this.#units.push(unit);
    this.#program.write(unit, this.#nowMs);
  }

  #control(): void {
    this.#nextStepMs += PRESSURE_EVERY_MS + (this.#timer.next() < LATE_STEPS ? 1 : 0);
    if (this.#nowMs > this.#endMs) return;
    if (this.#flow && this.#program.isStalled(this.#nowMs)) this.#giveUp(this.#flow);
    const { controller, limits } = this.#options;
    const pressure = this.#program.pressure(this.#nowMs);
    if (!pressure) {
      this.#state = null;
      return;
    }
    // a new connection begins where the last one ended
    this.#state ??= { of: controller.initial(limits, this.#nowMs * US_PER_MS, this.#steps.at(-1)?.decision.videoKbps) };
    const { state, decision } = controller.step(this.#state.of, pressure, limits);
    this.#state = { of: state };
    this.#encoder.setRate(decision.videoKbps);
    this.#program.setRate(decision.videoKbps + limits.otherKbps);
    if (decision.dropToIdr) this.#program.dropToIdr(this.#nowMs);
    this.#steps.push({ atMs: this.#nowMs - this.#startMs, pressure, decision, linkBytes: this.#link.bufferedBytes });
  }
}

/** First in, first out: the way takes the same time for all. */
class Line<T extends { atMs: number }> {
  readonly #items: T[] = [];
  #head = 0;

  get nextMs(): number {
    return this.#items[this.#head]?.atMs ?? NEVER;
  }

  push(item: T): void {
    this.#items.push(item);
  }

  shift(): T {
    const first = this.#items[this.#head++]!;
    if (this.#head > 1_000) this.#head -= this.#items.splice(0, this.#head).length;
    return first;
  }
}
