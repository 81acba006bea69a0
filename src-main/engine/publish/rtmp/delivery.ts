/**
 * What becomes of one connection's bytes: how many have arrived, by the best evidence there is; which acknowledgements
 * the server is asked for; and whether anything still moves.
 */
import type { DeliveryEvidence } from '../../../../src-shared/domain/index.ts';
import type { DeliveryReport } from '../../../wire/rtmp/delivery-report.ts';
import type { WayPressure } from '../../rate-control/pressure.ts';
import type { SocketProbe, SocketReading } from '../socket-info/socket-probe.ts';
import { AckTracker } from './ack-tracker.ts';
import { AckWay } from './ack-way.ts';
import type { ConnectionPressure } from './connection-pressure.ts';
import { ReportTracker } from './report-tracker.ts';
import { StallWatch } from './stall-watch.ts';

const WATCH_MS = 250;
/** An acknowledgement is asked for after so long at the present rate, and never for less than so much. */
const ACK_EVERY_MS = 200;
const ACK_MIN_BYTES = 4_096;
/** A window that would change by less is left alone; and no more often than this. */
const WINDOW_RATIO = 1.3;
const WINDOW_EVERY_MS = 1_000;
/** The present rate is that of so many looks, 2 s. */
const RATE_LOOKS = 8;
/** The largest message is forgotten by and by, so much at each look. */
const FORGET = 0.95;

export interface DeliveryOptions {
  probe: SocketProbe | null;
  stallMs: number;
  /** what will be sent, until `setRate` says */
  startKbps: number;
  /** taken as sent and acknowledged before the connection's first byte: tests begin just before a counter is full */
  countFromBytes: number;
  askForAcks: (windowBytes: number) => void;
  /** asks the server whether it lives */
  ping: () => void;
  onStalled: () => void;
}

export class Delivery {
  readonly #options: DeliveryOptions;
  readonly #acks: AckTracker;
  /** what they tell of the way, for where the system tells nothing */
  readonly #ackWay: AckWay;
  readonly #stall: StallWatch;
  /** null: the server has not said that it reports */
  #reports: ReportTracker | null = null;
  #sentBytes = 0;
  #takenBytes = 0;
  #deliveredBytes = 0;
  #messageBytes = 0;
  #rateKbps: number;
  #windowBytes: number;
  /** the server wants no larger one (5.4.5) */
  #windowMaxBytes = Number.POSITIVE_INFINITY;
  #askedAtMs = Number.NEGATIVE_INFINITY;
  #looks: { atMs: number; sentBytes: number }[] = [];
  #watch: NodeJS.Timeout | null = null;

  constructor(options: DeliveryOptions) {
    this.#options = options;
    this.#rateKbps = options.startKbps;
    this.#windowBytes = windowFor(options.startKbps);
    this.#acks = new AckTracker(this.#windowBytes, options.countFromBytes);
    this.#ackWay = new AckWay(0, performance.now());
    this.#stall = new StallWatch(options.stallMs, performance.now());
  }

  get sentBytes(): number {
    return this.#sentBytes;
  }

  /** Bytes that wait in this process for the system. */
  get pendingBytes(): number {
    return this.#sentBytes - this.#takenBytes;
  }

  get deliveredBytes(): number {
    return this.#deliver(this.#options.probe?.read() ?? null);
  }

  /** The window that the server is asked to acknowledge by. */
  get windowBytes(): number {
    return Math.min(this.#windowBytes, this.#windowMaxBytes);
  }

  /** What the server counts in its acknowledgements. */
  get acksCount(): AckTracker['counts'] {
    return this.#acks.counts;
  }

  pressure(): ConnectionPressure {
    const reading = this.#options.probe?.read() ?? null;
    const nowMs = performance.now();
    const evidence = this.#evidence(reading, nowMs);
    const ackedBytes = (this.#acks.ackedBytes ?? 0) + this.#acks.uncountedBytes - this.#options.countFromBytes;
    return {
      sentBytes: this.#sentBytes,
      deliveredBytes: this.#deliver(reading),
      evidence,
      pendingBytes: this.pendingBytes,
      unackedBytes: evidence === 'ack' ? Math.max(0, this.#sentBytes - ackedBytes) : null,
      unsentBytes: reading && this.#unsent(reading),
      tcp: reading?.tcp ?? null,
      way: this.#way(evidence, reading, nowMs),
    };
  }

  /**
   * What the system has, and has not sent. A reading may be some milliseconds old: what it has been given since is in none
   * of its counts, and has hardly been sent.
   */
  #unsent({ deliveredBytes, tcp }: SocketReading): number {
    return Math.max(0, this.#takenBytes - deliveredBytes - tcp.inFlightBytes);
  }

  #way(evidence: DeliveryEvidence, reading: SocketReading | null, nowMs: number): WayPressure | null {
    if (evidence === 'report' && this.#reports)
      return { queueBytes: this.#reports.queueBytes(nowMs), burstKbps: this.#reports.burstKbps(nowMs) };
    if (evidence !== 'ack' || reading) return null;
    return { queueBytes: this.#ackWay.queueBytes(nowMs, this.#acks.dueBytes), burstKbps: this.#ackWay.burstKbps(nowMs) };
  }

  /** The server has promised to report what it receives. */
  expectReports(): void {
    this.#reports = new ReportTracker(this.#sentBytes, performance.now());
  }

  /** What to add to our Unix time to get the server's; null: it does not tell. */
  get serverAheadMs(): number | null {
    return this.#reports?.serverAheadMs ?? null;
  }

  /** What it says is not believed where it makes no sense. */
  reported(report: DeliveryReport): void {
    const nowMs = performance.now();
    if (this.#reports?.report(report, this.#sentBytes, nowMs)) this.#stall.progress(nowMs);
  }

  /** The connection is live: from now on it must move. */
  start(): void {
    this.#stall.progress(performance.now());
    this.#watch = setInterval(() => this.#look(), WATCH_MS);
  }

  stop(): void {
    if (this.#watch) clearInterval(this.#watch);
  }

  sent(bytes: number): void {
    const nowMs = performance.now();
    if (this.pendingBytes === 0) this.#stall.progress(nowMs);
    this.#sentBytes += bytes;
    this.#reports?.sent(this.#sentBytes, nowMs);
    this.#ackWay.sent(this.#sentBytes, nowMs);
    this.#messageBytes = Math.max(this.#messageBytes, bytes);
  }

  taken(bytes: number): void {
    this.#takenBytes += bytes;
    this.#stall.progress(performance.now());
  }

  /** The server has sent something, whatever it is. */
  heard(): void {
    this.#stall.heard(performance.now());
  }

  acknowledged(sequence: number): void {
    const nowMs = performance.now();
    const before = this.#acks.ackedBytes;
    const sentBytes = this.#sentBytes + this.#options.countFromBytes;
    this.#acks.acknowledge({ sequence, sentBytes, nowMs, messageBytes: Math.ceil(this.#messageBytes) });
    if (this.#acks.ackedBytes === before) return;
    this.#stall.acknowledged(this.#sentBytes, nowMs);
    const bytes = (this.#ackedBytes ?? 0) + this.#acks.uncountedBytes;
    this.#ackWay.acknowledged(Math.min(this.#sentBytes, bytes), nowMs);
  }

  /** Set Peer Bandwidth is answered with a window no larger than that (5.4.5). */
  limitWindow(bytes: number): void {
    const before = this.windowBytes;
    this.#windowMaxBytes = bytes;
    if (this.windowBytes !== before) this.#ask(this.#windowBytes);
  }

  setRate(totalKbps: number): void {
    this.#rateKbps = totalKbps;
    this.#adaptWindow(performance.now());
  }

  #evidence(reading: SocketReading | null, nowMs: number): DeliveryEvidence {
    if (this.#reports?.isCurrent(this.#ackedBytes, nowMs)) return 'report';
    if (this.#acks.isTimely) return 'ack';
    return reading ? 'tcp' : 'socket';
  }

  get #ackedBytes(): number | null {
    const { ackedBytes } = this.#acks;
    return ackedBytes === null ? null : ackedBytes - this.#options.countFromBytes;
  }

  #deliver(reading: SocketReading | null): number {
    const nowMs = performance.now();
    const bytes = Math.min(this.#sentBytes, this.#arrived(reading, nowMs));
    this.#deliveredBytes = Math.max(this.#deliveredBytes, bytes);
    return this.#deliveredBytes;
  }

  /**
   * The server's reports see closely, and past a proxy. An overdue acknowledgement sees past a proxy, TCP sees more closely:
   * there what has arrived is what neither denies.
   */
  #arrived(reading: SocketReading | null, nowMs: number): number {
    if (this.#reports?.isCurrent(this.#ackedBytes, nowMs)) return this.#reports.estimateBytes(nowMs);
    const known = reading ? reading.deliveredBytes : this.#takenBytes;
    if (!this.#acks.isTimely) return known;
    if (!reading) return Math.min(known, this.#ackWay.estimateBytes(nowMs, this.#acks.dueBytes));
    const isOverdue = this.#acks.isDue(this.#sentBytes + this.#options.countFromBytes);
    const acked = isOverdue ? this.#acks.estimateBytes(nowMs) : null;
    return acked === null ? known : Math.min(known, Math.floor(acked) - this.#options.countFromBytes);
  }

  #look(): void {
    const nowMs = performance.now();
    this.#looks = [...this.#looks.slice(-RATE_LOOKS), { atMs: nowMs, sentBytes: this.#sentBytes }];
    this.#messageBytes *= FORGET;
    this.#adaptWindow(nowMs);
    const { sentBytes, pendingBytes } = this;
    const verdict = this.#stall.look({
      nowMs,
      sentBytes,
      pendingBytes,
      ackGapBytes: this.#acks.longestGapBytes,
      tcp: this.#options.probe?.read() ?? null,
    });
    if (verdict === 'ask') this.#options.ping();
    if (verdict === 'lapsed') this.#acks.lapse();
    if (verdict === 'stalled') this.#options.onStalled();
  }

  /** By what is really sent, when that is less than was meant to be: on a still picture the window would take seconds to fill. */
  #adaptWindow(nowMs: number): void {
    const [first] = this.#looks;
    const last = this.#looks.at(-1);
    const isMeasured = first && last && this.#looks.length > RATE_LOOKS;
    const sentKbps = isMeasured ? ((last.sentBytes - first.sentBytes) * 8) / (last.atMs - first.atMs) : this.#rateKbps;
    const wanted = windowFor(Math.min(this.#rateKbps, sentKbps));
    const ratio = wanted / this.#windowBytes;
    const isMaterial = ratio > WINDOW_RATIO || ratio < 1 / WINDOW_RATIO;
    if (isMaterial && nowMs - this.#askedAtMs >= WINDOW_EVERY_MS) this.#ask(wanted);
  }

  #ask(windowBytes: number): void {
    this.#windowBytes = windowBytes;
    this.#askedAtMs = performance.now();
    this.#options.askForAcks(this.windowBytes);
    this.#acks.ask(this.windowBytes, this.#sentBytes + this.#options.countFromBytes);
  }
}

function windowFor(totalKbps: number): number {
  return Math.max(ACK_MIN_BYTES, Math.round((totalKbps * ACK_EVERY_MS) / 8));
}
