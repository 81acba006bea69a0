/**
 * A show over a link, in no time: encoder, queue, socket, TCP, link, receiver and rate controller on one clock that jumps
 * from event to event. A minute takes some hundredths of a second, and gives the same for the same seed.
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
import type { RateController, RateDecision, RateLimits } from '../../../src-main/engine/rate-control/controller.ts';
import { PRESSURE_EVERY_MS, type Pressure } from '../../../src-main/engine/rate-control/pressure.ts';
import type { Show } from '../judge.ts';
import { SimEncoder } from './encoder.ts';
import { SimLink, type SimLinkOptions } from './link.ts';
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

interface Arrival {
  atMs: number;
  transmission: Transmission;
}

/** What comes back: TCP's acknowledgement of a transmission, or the server's of all bytes so far. */
interface Return {
  atMs: number;
  transmission: Transmission | null;
  serverBytes: number;
}

class Simulation<State> {
  readonly #options: SimOptions<State>;
  /** of the simulation's own clock, which begins with the warm-up */
  readonly #startMs: number;
  readonly #endMs: number;
  readonly #encoder: SimEncoder;
  readonly #link: SimLink<Transmission>;
  readonly #tcp: TcpSender;
  readonly #receiver = new TcpReceiver();
  readonly #program: Program;
  readonly #arrivals = new Line<Arrival>();
  readonly #returns = new Line<Return>();
  readonly #units: Unit[] = [];
  readonly #steps: SimStep[] = [];
  #state: State;
  #nextStepMs = PRESSURE_EVERY_MS;
  #arrivedUnits = 0;
  #serverAckedBytes = 0;
  #nowMs = 0;

  constructor(options: SimOptions<State>) {
    const { limits, link, program = OUR_PROGRAM, durationMs = 60_000, warmUpMs = WARM_UP_MS, seed = 1 } = options;
    const random = new Random(seed);
    this.#options = options;
    this.#startMs = warmUpMs;
    this.#endMs = warmUpMs + durationMs;
    this.#state = options.controller.initial(limits, 0, options.startKbps);
    const startKbps = Math.min(limits.ceilingKbps, options.startKbps ?? limits.ceilingKbps);
    this.#encoder = new SimEncoder(startKbps, program.vbvS, random);
    this.#link = new SimLink({ ...link, startMs: warmUpMs }, () => random.next());
    this.#tcp = new TcpSender({
      notSentLowatBytes: program.notSentLowatBytes,
      transmit: (transmission) => this.#link.enqueue(transmission, this.#nowMs, this.#deliver),
    });
    this.#program = new Program(program, this.#tcp, () => this.#encoder.requestIdr());
    this.#program.setRate(startKbps + limits.otherKbps);
  }

  run(): SimRun {
    const endMs = this.#endMs + DRAIN_MS;
    while (!this.#isDone() && this.#advance() < endMs) {
      const nowMs = this.#nowMs;
      while (this.#link.nextMs <= nowMs) this.#link.serve(nowMs, this.#deliver);
      while (this.#arrivals.nextMs <= nowMs) this.#receive(this.#arrivals.shift().transmission);
      while (this.#returns.nextMs <= nowMs) this.#return(this.#returns.shift());
      if (this.#tcp.nextMs <= nowMs) this.#tcp.timeOut(nowMs);
      while (this.#encoderNextMs <= nowMs) this.#encode();
      if (this.#nextStepMs <= nowMs) this.#control();
      this.#program.pump(nowMs);
      this.#tcp.send(nowMs);
      this.#program.pump(nowMs); // what has been sent makes room
    }
    return {
      durationMs: this.#endMs - this.#startMs,
      units: this.#units.map((unit) => this.#shifted(unit)),
      steps: this.#steps,
      packetsLost: this.#link.dropped,
      packetsResent: this.#tcp.info.retransmittedPackets,
    };
  }

  readonly #deliver = (transmission: Transmission, atMs: number) => this.#arrivals.push({ atMs, transmission });

  #shifted(unit: Unit): Unit {
    const arrivedMs = unit.arrivedMs === null ? null : unit.arrivedMs - this.#startMs;
    return { ...unit, encodedMs: unit.encodedMs - this.#startMs, arrivedMs };
  }

  get #encoderNextMs(): number {
    return this.#encoder.nextMs < this.#endMs ? this.#encoder.nextMs : NEVER;
  }

  #advance(): number {
    const next = [this.#link.nextMs, this.#arrivals.nextMs, this.#returns.nextMs, this.#tcp.nextMs, this.#encoderNextMs, this.#nextStepMs];
    this.#nowMs = Math.max(this.#nowMs, Math.ceil(Math.min(...next)));
    return this.#nowMs;
  }

  #isDone(): boolean {
    return this.#nowMs >= this.#endMs && this.#program.isEmpty && this.#arrivedUnits === this.#program.written.length;
  }

  #receive(transmission: Transmission): void {
    const backMs = this.#nowMs + this.#options.link.delayMs;
    this.#receiver.receive(transmission.segment);
    this.#returns.push({ atMs: backMs, transmission, serverBytes: 0 });
    const { receivedBytes } = this.#receiver;
    const { written } = this.#program;
    for (let unit = written[this.#arrivedUnits]; unit && (unit.endByte ?? NEVER) <= receivedBytes; unit = written[this.#arrivedUnits]) {
      unit.arrivedMs = this.#nowMs;
      this.#arrivedUnits += 1;
    }
    if (receivedBytes - this.#serverAckedBytes < this.#program.ackWindowBytes) return;
    this.#serverAckedBytes = receivedBytes;
    this.#returns.push({ atMs: backMs, transmission: null, serverBytes: receivedBytes });
  }

  #return({ transmission, serverBytes }: Return): void {
    if (transmission) this.#tcp.acknowledge(transmission, this.#nowMs);
    else this.#program.acknowledged(serverBytes, this.#nowMs);
  }

  #encode(): void {
    const unit = this.#encoder.take(this.#nowMs);
    this.#units.push(unit);
    this.#program.write(unit, this.#nowMs);
  }

  #control(): void {
    this.#nextStepMs += PRESSURE_EVERY_MS;
    if (this.#nowMs > this.#endMs) return;
    const { controller, limits } = this.#options;
    const pressure = this.#program.pressure(this.#nowMs);
    const { state, decision } = controller.step(this.#state, pressure, limits);
    this.#state = state;
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
