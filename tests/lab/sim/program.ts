/**
 * The sending program: its queue, its socket, and what it can know of them. Ours is one; others differ in whether they may
 * drop, in what their socket hides, and in what they look at.
 */
import { InFlight } from '../../../src-main/engine/publish/in-flight.ts';
import { KINDS, type MediaKind } from '../../../src-main/engine/publish/media-queue.ts';
import { AckTracker } from '../../../src-main/engine/publish/rtmp/ack-tracker.ts';
import { AckWay } from '../../../src-main/engine/publish/rtmp/ack-way.ts';
import { ReportTracker } from '../../../src-main/engine/publish/rtmp/report-tracker.ts';
import { DEFAULT_TUNING } from '../../../src-main/engine/publish/tuning.ts';
import type { Pressure, WayPressure } from '../../../src-main/engine/rate-control/pressure.ts';
import type { DeliveryReport } from '../../../src-main/wire/rtmp/delivery-report.ts';
import type { DeliveryEvidence } from '../../../src-shared/domain/index.ts';
import { US_PER_MS } from '../../../src-shared/units.ts';
import type { RateBuffer } from './encoder.ts';
import { DroppingQueue, EndlessQueue, type Queue } from './queue.ts';
import { SystemFigures } from './system-figures.ts';
import type { TcpSender } from './tcp.ts';
import type { Unit } from './unit.ts';

export interface ProgramOptions {
  rateBuffer: RateBuffer;
  /** what it takes for delivered: what our own server reports, what a server acknowledges, what TCP does, or what the socket has taken */
  evidence: DeliveryEvidence;
  /** the system tells of its socket (TCP_INFO, SIOCOUTQNSD) */
  systemTells: boolean;
  /** null: the socket's buffer grows as the system tunes it */
  notSentLowatBytes: number | null;
  /** written ahead to the runtime's own buffer, at the rate asked for, where nothing can be dropped; 0: packet after packet, each when the last is taken */
  aheadMs: number;
  /** no more is written than the product lets out (in-flight.ts); false: all that the socket takes */
  holdsBack: boolean;
  /** video beyond so much is dropped to the next IDR; null: never */
  queueMaxMs: number | null;
  /** a connection is given up when the peer's TCP has acknowledged nothing for so long, and another is made; null: never */
  stallMs: number | null;
}

/** Ours, on Linux, to a server that acknowledges. */
export const OUR_PROGRAM: ProgramOptions = {
  rateBuffer: { fullS: 1, limitedS: 0.4 }, // docs/encoder.md
  evidence: 'ack',
  systemTells: true,
  notSentLowatBytes: 16 * 1_024,
  aheadMs: 100,
  holdsBack: true,
  queueMaxMs: DEFAULT_TUNING.queueMaxMs,
  stallMs: DEFAULT_TUNING.stallMs,
};

/** Where the system neither tells of its socket nor takes limits for it, as on Windows. */
export const BLIND: Partial<ProgramOptions> = { systemTells: false, notSentLowatBytes: null };

/**
 * A program that hands all it has to a socket of the system's own tuning, and sees only what that does not take. Its
 * encoder has the buffer of a second that is usual for constant rates.
 */
export const SOCKET_PROGRAM: ProgramOptions = {
  rateBuffer: { fullS: 1, limitedS: 1 },
  evidence: 'socket',
  systemTells: false,
  notSentLowatBytes: null,
  aheadMs: 0,
  holdsBack: false,
  queueMaxMs: 2_000,
  stallMs: null,
};

const ASK_IDR_EVERY_MS = 1_000;
const ACK_LEAST_BYTES = 4 * 1_024;
const ACK_EVERY_MS = 200;
/** as rtmp-sender.ts has them */
const AHEAD_LEAST_BYTES = 4 * 1_024;
const AHEAD_MOST_BYTES = 64 * 1_024;
const TRICKLE_MS = 100;

export class Program {
  readonly #options: ProgramOptions;
  readonly #requestIdr: () => void;
  readonly #queue: Queue;
  #connection: Connection | null = null;
  #totalKbps = 0;
  #newestMs = 0;
  #nowMs = 0;
  #askedIdrMs = Number.NEGATIVE_INFINITY;
  /** how often the server is asked to acknowledge */
  ackWindowBytes = 65_536;

  constructor(options: ProgramOptions, requestIdr: () => void) {
    this.#options = options;
    this.#requestIdr = requestIdr;
    this.#queue = options.queueMaxMs === null ? new EndlessQueue() : new DroppingQueue(options.queueMaxMs, (kind) => this.#aheadUs(kind));
  }

  /** All that was written to this connection, in order: what the receiver puts together again. */
  get written(): readonly Unit[] {
    return this.#connection?.written ?? [];
  }

  /** Nothing waits to be written. */
  get isEmpty(): boolean {
    return this.#queue.oldestMs === null;
  }

  /** There is a new connection; it begins with an IDR. */
  begin(tcp: TcpSender, nowMs: number): void {
    this.#connection = {
      tcp,
      system: new SystemFigures(tcp, nowMs),
      inFlight: new InFlight(),
      acks: new AckTracker(this.ackWindowBytes),
      reports: new ReportTracker(0, nowMs),
      ackWay: new AckWay(0, nowMs),
      written: [],
      streamBytes: 0,
      pendingBytes: 0,
      ...idleAt(nowMs),
    };
    if (nowMs === 0) return;
    this.#askedIdrMs = Number.NEGATIVE_INFINITY;
    this.#askForIdr(nowMs);
  }

  /** The connection is given up, and what waits with it. */
  lose(): void {
    this.#connection = null;
    this.#queue.restart();
  }

  /** Whether the peer's TCP has acknowledged nothing for too long, as stall-watch.ts sees it. */
  isStalled(nowMs: number): boolean {
    const { stallMs } = this.#options;
    const connection = this.#connection;
    if (stallMs === null || !connection) return false;
    const { tcp } = connection;
    if (tcp.ackedBytes > connection.ackedBytes || tcp.ackedBytes === tcp.writtenBytes) connection.progressMs = nowMs;
    connection.ackedBytes = tcp.ackedBytes;
    return nowMs - connection.progressMs > stallMs;
  }

  setRate(totalKbps: number): void {
    this.#totalKbps = totalKbps;
    const windowBytes = Math.max(ACK_LEAST_BYTES, Math.round((totalKbps / 8) * ACK_EVERY_MS));
    if (windowBytes === this.ackWindowBytes) return;
    this.ackWindowBytes = windowBytes;
    if (this.#connection) this.#connection.acks.ask(windowBytes, this.#connection.streamBytes);
  }

  /** What comes while there is no connection is lost. */
  write(unit: Unit, nowMs: number): void {
    if (!this.#connection) return;
    this.#nowMs = nowMs;
    this.#newestMs = unit.encodedMs;
    this.#settle(this.#connection);
    this.#queue.push(unit);
    if (this.#queue.wantsIdr) this.#askForIdr(nowMs);
  }

  /** What waits and has not been written is dropped, but sound. */
  dropToIdr(nowMs: number): void {
    if (!(this.#queue instanceof DroppingQueue)) return;
    this.#queue.dropToIdr();
    if (this.#queue.wantsIdr) this.#askForIdr(nowMs);
  }

  /** The server has received so much, and says so. */
  acknowledged(bytes: number, nowMs: number): void {
    if (!this.#connection) return;
    const { acks, ackWay, streamBytes } = this.#connection;
    acks.acknowledge({ sequence: bytes, sentBytes: streamBytes, nowMs, messageBytes: 0 });
    ackWay.acknowledged(acks.ackedBytes ?? 0, nowMs);
  }

  /** Our own server has received so much, at a time of its own, and says so. */
  reported(report: DeliveryReport, nowMs: number): void {
    const { reports, streamBytes } = this.#connection ?? {};
    if (streamBytes !== undefined) reports?.report(report, streamBytes, nowMs);
  }

  /** Moves what the socket takes. */
  pump(nowMs: number): void {
    this.#nowMs = nowMs;
    const connection = this.#connection;
    while (connection) {
      const taken = Math.min(connection.pendingBytes, connection.tcp.roomBytes);
      connection.tcp.write(taken);
      connection.pendingBytes -= taken;
      const { pendingBytes } = connection;
      if ((pendingBytes > 0 && pendingBytes >= this.#aheadBytes) || this.isEmpty || !this.#mayWrite(connection)) return;
      const unit = this.#queue.shift();
      if (!unit) return;
      connection.streamBytes += unit.bytes;
      connection.pendingBytes += unit.bytes;
      connection.reports.sent(connection.streamBytes, nowMs);
      connection.ackWay.sent(connection.streamBytes, nowMs);
      connection.writtenMs = nowMs;
      unit.endByte = connection.streamBytes;
      connection.written.push(unit);
      connection.inFlight.add(unit.kind, unit.encodedMs * US_PER_MS, unit.endByte, nowMs * US_PER_MS);
    }
  }

  /** @returns null where there is no connection */
  pressure(nowMs: number): Pressure | null {
    const connection = this.#connection;
    if (!connection) return null;
    this.#nowMs = nowMs;
    const { evidence, systemTells } = this.#options;
    const { system, inFlight, acks, streamBytes, pendingBytes } = connection;
    const deliveredBytes = this.#settle(connection);
    const queuedMs = this.#queue.oldestMs;
    const aheadUs = KINDS.flatMap((kind) => inFlight.oldestUs(kind) ?? []);
    const told = systemTells ? system.pressure(nowMs) : null;
    const oldestMs = aheadUs.length > 0 ? Math.min(...aheadUs) / US_PER_MS : queuedMs;
    return {
      atUs: nowMs * US_PER_MS,
      offeredBytes: streamBytes + this.#queue.bytes,
      deliveredBytes,
      evidence,
      delayMs: oldestMs === null ? 0 : Math.max(0, this.#newestMs - oldestMs),
      queueMs: queuedMs === null ? 0 : Math.max(0, this.#newestMs - queuedMs),
      queueBytes: this.#queue.bytes,
      unackedBytes: evidence === 'ack' ? streamBytes - (acks.ackedBytes ?? 0) : null,
      unsentBytes: told && pendingBytes + told.unsentBytes,
      tcp: told?.tcp ?? null,
      way: this.#way(connection),
    };
  }

  #way({ reports, ackWay, acks }: Connection): WayPressure | null {
    const { evidence, systemTells } = this.#options;
    const nowMs = this.#nowMs;
    if (evidence === 'report') return { queueBytes: reports.queueBytes(nowMs), burstKbps: reports.burstKbps(nowMs) };
    if (evidence !== 'ack' || systemTells) return null;
    return { queueBytes: ackWay.queueBytes(nowMs, acks.dueBytes), burstKbps: ackWay.burstKbps(nowMs) };
  }

  get #aheadBytes(): number {
    const { aheadMs } = this.#options;
    return aheadMs === 0 ? 0 : Math.min(AHEAD_MOST_BYTES, Math.max(AHEAD_LEAST_BYTES, (this.#totalKbps * aheadMs) / 8));
  }

  /** More on the way would only fill buffers that nothing can be dropped from. */
  #mayWrite(connection: Connection): boolean {
    if (!this.#options.holdsBack) return true;
    const { system, inFlight, streamBytes, writtenMs } = connection;
    const deliveredBytes = this.#settle(connection);
    const { systemTells, evidence } = this.#options;
    const heldBytes = streamBytes - (systemTells && evidence !== 'report' ? system.ackedBytes(this.#nowMs) : deliveredBytes);
    const way = { heldBytes, passedBytes: streamBytes - heldBytes, totalKbps: this.#totalKbps };
    return !inFlight.isFull(this.#nowMs * US_PER_MS, way) || this.#nowMs - writtenMs >= TRICKLE_MS;
  }

  /** Not counting the time that the way always takes. */
  #aheadUs(kind: MediaKind): number | null {
    const { inFlight } = this.#connection ?? {};
    const oldestUs = inFlight?.oldestUs(kind) ?? null;
    return inFlight && oldestUs !== null ? oldestUs + inFlight.floorUs : null;
  }

  /** Forgets what has arrived. @returns how many bytes have */
  #settle(connection: Connection): number {
    const deliveredBytes = this.#delivered(connection);
    connection.inFlight.settle(deliveredBytes, this.#nowMs * US_PER_MS);
    return deliveredBytes;
  }

  /** As delivery.ts has it: what TCP says, and of a server that acknowledges nothing that it should have acknowledged and has not. */
  #delivered(connection: Connection): number {
    const { evidence, systemTells } = this.#options;
    const { tcp, system, acks, ackWay, reports, streamBytes } = connection;
    if (evidence === 'socket') return tcp.writtenBytes;
    let bytes = systemTells || evidence === 'tcp' ? system.ackedBytes(this.#nowMs) : tcp.writtenBytes;
    if (evidence === 'report') bytes = reports.estimateBytes(this.#nowMs);
    else if (evidence === 'ack' && !systemTells) bytes = Math.min(bytes, ackWay.estimateBytes(this.#nowMs, acks.dueBytes));
    else if (evidence === 'ack' && acks.isDue(streamBytes)) bytes = Math.min(bytes, Math.floor(acks.estimateBytes(this.#nowMs) ?? bytes));
    connection.deliveredBytes = Math.max(connection.deliveredBytes, bytes);
    return connection.deliveredBytes;
  }

  #askForIdr(nowMs: number): void {
    if (nowMs - this.#askedIdrMs < ASK_IDR_EVERY_MS) return;
    this.#askedIdrMs = nowMs;
    this.#requestIdr();
  }
}

interface Connection {
  tcp: TcpSender;
  system: SystemFigures;
  inFlight: InFlight;
  acks: AckTracker;
  reports: ReportTracker;
  ackWay: AckWay;
  written: Unit[];
  streamBytes: number;
  /** in the runtime's buffer */
  pendingBytes: number;
  writtenMs: number;
  deliveredBytes: number;
  /** when the peer's TCP last acknowledged something, and how much it had */
  progressMs: number;
  ackedBytes: number;
}

const idleAt = (nowMs: number) => ({ writtenMs: nowMs, progressMs: nowMs, ackedBytes: 0, deliveredBytes: 0 });
