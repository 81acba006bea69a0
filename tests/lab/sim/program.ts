/**
 * The sending program: its queue, its socket, and what it can know of them. Ours is one; others differ in whether they may
 * drop, in what their socket hides, and in what they look at.
 */
import { KINDS, MediaQueue } from '../../../src-main/engine/publish/media-queue.ts';
import type { Pressure } from '../../../src-main/engine/rate-control/pressure.ts';
import type { MediaPacket } from '../../../src-main/process/packet.ts';
import type { DeliveryEvidence } from '../../../src-shared/domain/index.ts';
import { RenditionId } from '../../../src-shared/domain/index.ts';
import { US_PER_MS } from '../../../src-shared/units.ts';
import type { TcpSender } from './tcp.ts';
import type { Unit } from './unit.ts';

export interface ProgramOptions {
  /** its encoder's buffer */
  vbvS: number;
  /** what it takes for delivered: what the server acknowledges, what TCP does, or what the socket has taken */
  evidence: DeliveryEvidence;
  /** the system tells of its socket (TCP_INFO, SIOCOUTQNSD) */
  systemTells: boolean;
  /** null: the socket's buffer grows as the system tunes it */
  notSentLowatBytes: number | null;
  /** written ahead to the runtime's own buffer, where nothing can be dropped; 0: packet after packet, each when the last is taken */
  aheadBytes: number;
  /** media on the way, at the rate asked for, beyond which nothing more is written; null: all that the socket takes */
  inFlightMaxMs: number | null;
  /** video beyond so much is dropped to the next IDR; null: never */
  queueMaxMs: number | null;
}

/** Ours, on Linux, to a server that acknowledges. */
export const OUR_PROGRAM: ProgramOptions = {
  vbvS: 0.4,
  evidence: 'ack',
  systemTells: true,
  notSentLowatBytes: 16 * 1_024,
  aheadBytes: 64 * 1_024,
  inFlightMaxMs: 400,
  queueMaxMs: 2_000,
};

/**
 * A program that hands all it has to a socket of the system's own tuning, and sees only what that does not take. Its
 * encoder has the buffer of a second that is usual for constant rates.
 */
export const SOCKET_PROGRAM: ProgramOptions = {
  vbvS: 1,
  evidence: 'socket',
  systemTells: false,
  notSentLowatBytes: null,
  aheadBytes: 0,
  inFlightMaxMs: null,
  queueMaxMs: 2_000,
};

interface Queue {
  push(unit: Unit): void;
  shift(): Unit | undefined;
  readonly bytes: number;
  readonly oldestMs: number | null;
  readonly wantsIdr: boolean;
}

const ASK_IDR_EVERY_MS = 1_000;
const ACK_LEAST_BYTES = 4 * 1_024;
const ACK_EVERY_MS = 200;
const ACKS_KEPT = 8;
const ACKS_RECENT_MS = 2_000;

export class Program {
  readonly #options: ProgramOptions;
  readonly #tcp: TcpSender;
  readonly #requestIdr: () => void;
  readonly #acks = new Acknowledged();
  readonly #queue: Queue;
  /** written and not known to be delivered */
  #inFlight: Unit[] = [];
  #streamBytes = 0;
  #totalKbps = 0;
  #pendingBytes = 0;
  #newestMs = 0;
  #nowMs = 0;
  #askedIdrMs = Number.NEGATIVE_INFINITY;
  /** all that was written, in order: what the receiver puts together again */
  readonly written: Unit[] = [];
  /** how often the server is asked to acknowledge */
  ackWindowBytes = 65_536;

  constructor(options: ProgramOptions, tcp: TcpSender, requestIdr: () => void) {
    this.#options = options;
    this.#tcp = tcp;
    this.#requestIdr = requestIdr;
    this.#queue = options.queueMaxMs === null ? new EndlessQueue() : new DroppingQueue(options.queueMaxMs, () => this.#aheadUs());
  }

  /** Nothing waits to be written. */
  get isEmpty(): boolean {
    return this.#queue.oldestMs === null;
  }

  setRate(totalKbps: number): void {
    this.#totalKbps = totalKbps;
    this.ackWindowBytes = Math.max(ACK_LEAST_BYTES, (totalKbps / 8) * ACK_EVERY_MS);
  }

  write(unit: Unit, nowMs: number): void {
    this.#nowMs = nowMs;
    this.#newestMs = unit.encodedMs;
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
    this.#acks.add(bytes, nowMs);
  }

  /** Moves what the socket takes. */
  pump(nowMs: number): void {
    this.#nowMs = nowMs;
    for (;;) {
      const taken = Math.min(this.#pendingBytes, this.#tcp.roomBytes);
      this.#tcp.write(taken);
      this.#pendingBytes -= taken;
      if (this.#pendingBytes > 0 && this.#pendingBytes >= this.#options.aheadBytes) return;
      if (!this.#mayWrite()) return;
      const unit = this.#queue.shift();
      if (!unit) return;
      this.#streamBytes += unit.bytes;
      this.#pendingBytes += unit.bytes;
      unit.endByte = this.#streamBytes;
      this.written.push(unit);
      this.#inFlight.push(unit);
    }
  }

  pressure(nowMs: number): Pressure {
    this.#nowMs = nowMs;
    const { evidence, systemTells } = this.#options;
    const deliveredBytes = this.#settle();
    const queuedMs = this.#queue.oldestMs;
    const oldestMs = this.#inFlight[0]?.encodedMs ?? queuedMs;
    return {
      atUs: nowMs * US_PER_MS,
      offeredBytes: this.#streamBytes + this.#queue.bytes,
      deliveredBytes,
      evidence,
      delayMs: oldestMs === null ? 0 : Math.max(0, this.#newestMs - oldestMs),
      queueMs: queuedMs === null ? 0 : Math.max(0, this.#newestMs - queuedMs),
      queueBytes: this.#queue.bytes,
      unackedBytes: evidence === 'ack' ? this.#streamBytes - this.#acks.bytes : null,
      unsentBytes: systemTells ? this.#pendingBytes + this.#tcp.unsentBytes : null,
      tcp: systemTells ? this.#tcp.info : null,
    };
  }

  /** More on the way would only fill buffers that nothing can be dropped from. */
  #mayWrite(): boolean {
    const { inFlightMaxMs } = this.#options;
    if (inFlightMaxMs === null) return true;
    const wayMs = Math.min(500, this.#tcp.info.minRttMs);
    return this.#streamBytes - this.#delivered() < (this.#totalKbps * (inFlightMaxMs + wayMs)) / 8;
  }

  #aheadUs(): number | null {
    this.#settle();
    const first = this.#inFlight[0];
    return first ? first.encodedMs * US_PER_MS : null;
  }

  /** Forgets what has arrived. @returns how many bytes have */
  #settle(): number {
    const deliveredBytes = this.#delivered();
    const first = this.#inFlight.findIndex(({ endByte }) => (endByte ?? 0) > deliveredBytes);
    if (first !== 0) this.#inFlight = first < 0 ? [] : this.#inFlight.slice(first);
    return deliveredBytes;
  }

  #delivered(): number {
    if (this.#options.evidence === 'ack') return Math.min(this.#acks.estimateBytes(this.#nowMs), this.#streamBytes);
    return this.#options.evidence === 'tcp' ? this.#tcp.ackedBytes : this.#tcp.writtenBytes;
  }

  #askForIdr(nowMs: number): void {
    if (nowMs - this.#askedIdrMs < ASK_IDR_EVERY_MS) return;
    this.#askedIdrMs = nowMs;
    this.#requestIdr();
  }
}

/** What has arrived by the server's word: what it said, and on at the same pace for as long as nothing more is due. */
class Acknowledged {
  #acks: { atMs: number; bytes: number }[] = [{ atMs: 0, bytes: 0 }];

  get bytes(): number {
    return this.#acks.at(-1)?.bytes ?? 0;
  }

  add(bytes: number, atMs: number): void {
    this.#acks = [...this.#acks.slice(1 - ACKS_KEPT), { atMs, bytes }];
  }

  estimateBytes(nowMs: number): number {
    const recent = this.#acks.filter(({ atMs }) => atMs >= nowMs - ACKS_RECENT_MS);
    const first = recent[0];
    const last = recent.at(-1);
    if (!first || !last || last.atMs === first.atMs) return this.bytes;
    const longestGap = Math.max(...recent.slice(1).map(({ bytes }, index) => bytes - recent[index]!.bytes));
    const bytesPerMs = (last.bytes - first.bytes) / (last.atMs - first.atMs);
    return last.bytes + Math.min(longestGap, bytesPerMs * (nowMs - last.atMs));
  }
}

/** The product's own. */
class DroppingQueue implements Queue {
  readonly #queue: MediaQueue;
  readonly #units = new Map<MediaPacket, Unit>();

  constructor(maxMs: number, aheadUs: () => number | null) {
    this.#queue = new MediaQueue(maxMs, aheadUs);
  }

  get bytes(): number {
    return this.#queue.bytes;
  }

  get oldestMs(): number | null {
    const oldestUs = KINDS.flatMap((kind) => this.#queue.oldestUs(kind) ?? []);
    return oldestUs.length === 0 ? null : Math.min(...oldestUs) / US_PER_MS;
  }

  get wantsIdr(): boolean {
    return this.#queue.wantsIdr;
  }

  push(unit: Unit): void {
    const packet = packetOf(unit);
    this.#units.set(packet, unit);
    this.#queue.push(packet);
  }

  shift(): Unit | undefined {
    const item = this.#queue.shift();
    if (item?.type !== 'packet') return undefined;
    const unit = this.#units.get(item.packet);
    this.#units.delete(item.packet);
    return unit;
  }

  dropToIdr(): void {
    this.#queue.dropToIdr();
  }
}

class EndlessQueue implements Queue {
  readonly #units: Unit[] = [];
  #head = 0;
  bytes = 0;
  readonly wantsIdr = false;

  get oldestMs(): number | null {
    return this.#units[this.#head]?.encodedMs ?? null;
  }

  push(unit: Unit): void {
    this.#units.push(unit);
    this.bytes += unit.bytes;
  }

  shift(): Unit | undefined {
    const unit = this.#units[this.#head];
    if (!unit) return undefined;
    this.bytes -= unit.bytes;
    this.#head += 1;
    if (this.#head > 1_000) this.#head -= this.#units.splice(0, this.#head).length;
    return unit;
  }
}

/** What the bytes are means nothing to a queue. */
const BYTES = new Uint8Array(4 * 1_024 * 1_024);
const RENDITION = RenditionId.parse('main');

function packetOf(unit: Unit): MediaPacket {
  const ptsUs = unit.encodedMs * US_PER_MS;
  const data = BYTES.subarray(0, unit.bytes);
  if (unit.kind === 'audio') return { kind: 'audio', ptsUs, durationUs: 21_333, data };
  const times = { ptsUs, dtsUs: ptsUs, durationUs: 33_333, tick: 0, captureTimeUs: ptsUs };
  return { kind: 'video', renditionId: RENDITION, ...times, key: unit.key, repeated: false, data };
}
