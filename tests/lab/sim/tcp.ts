/**
 * One TCP connection from the sender's socket to the receiver's: a reliable stream over packets that a link may lose.
 * Packets keep their order on the way, so that a packet is lost once three sent after it have arrived (RFC 5681, 3.2), or
 * one that was sent a quarter of the round trip later (RFC 8985, 6.2); a probe finds losses at the end (7). Time-outs are RFC 6298's with Linux' floor of 200 ms, and are undone when they
 * prove needless (RFC 5682). Every packet is acknowledged at once, and no acknowledgement is lost.
 */
import { Cubic } from './cubic.ts';
import type { Packet } from './link.ts';

const MSS = 1_448;
const HEADER_BYTES = 52;
const REORDER_PACKETS = 3;
const MIN_RTO_MS = 200;
const MAX_RTO_MS = 120_000;
const FIRST_RTO_MS = 1_000;
/** tcp_wmem's most */
const MOST_BUFFER_BYTES = 4 * 1_024 * 1_024;
const FIRST_BUFFER_BYTES = 64 * 1_024;
/** what a single call may put beyond NOTSENT_LOWAT: a segment before it is cut */
const OVERSHOOT_BYTES = 16 * 1_024;

export interface Segment {
  endByte: number;
  bytes: number;
  acked: boolean;
  received: boolean;
  lost: boolean;
  /** its newest transmission, and that one's number */
  newest: Transmission | null;
  tx: number;
  inFlight: boolean;
}

/** One transmission of a segment. */
export interface Transmission extends Packet {
  tx: number;
  segment: Segment;
  sentMs: number;
  deliveredBytes: number;
  deliveredMs: number;
  appLimited: boolean;
}

export interface TcpOptions {
  /** null: a large send buffer that grows with the window, as the system tunes it; else what may wait in it unsent */
  notSentLowatBytes: number | null;
  transmit: (transmission: Transmission) => void;
}

export class TcpSender {
  readonly #options: TcpOptions;
  readonly #cubic = new Cubic();
  readonly #segments: Segment[] = [];
  /** in the order they were sent, from #firstOut on */
  #out: Transmission[] = [];
  #firstOut = 0;
  readonly #toResend: Segment[] = [];
  #unackedAt = 0;
  #writtenBytes = 0;
  #sentBytes = 0;
  #ackedBytes = 0;
  #deliveredBytes = 0;
  #deliveredMs = 0;
  #inFlight = 0;
  #nextTx = 0;
  #highestAckedTx = -1;
  #highestAckedSentMs = Number.NEGATIVE_INFINITY;
  #bufferBytes = FIRST_BUFFER_BYTES;
  #srttMs: number | null = null;
  #rttVarMs = 0;
  #minRttMs = Number.POSITIVE_INFINITY;
  #rtoMs = FIRST_RTO_MS;
  #backoff = 1;
  #timerMs = Number.POSITIVE_INFINITY;
  /** what the timer is for: a probe goes once before a time-out */
  #timer: 'probe' | 'timeout' = 'timeout';
  /** after a loss, until that byte is acknowledged; `out` and `delivered` count packets since (RFC 6937) */
  #recovery: { endByte: number; flight: number; delivered: number; out: number } | null = null;
  /** the first transmission after the newest time-out, while that may still prove needless */
  #timeoutTx: number | null = null;
  #roundEndTx = 0;
  #windowLimited = false;
  #usageEndByte = 0;
  #mostOut = 0;
  #mostUsed = 0;
  #usedMs = 0;
  #rateKbps = 0;
  #rateAppLimited = true;
  #resent = 0;

  constructor(options: TcpOptions) {
    this.#options = options;
  }

  /** When the retransmission timer fires. */
  get nextMs(): number {
    return this.#timerMs;
  }

  get ackedBytes(): number {
    return this.#ackedBytes;
  }

  get writtenBytes(): number {
    return this.#writtenBytes;
  }

  /** Handed over by the application and not yet sent even once: SIOCOUTQNSD. */
  get unsentBytes(): number {
    return this.#writtenBytes - this.#sentBytes;
  }

  get info() {
    return {
      rttMs: this.#srttMs ?? 0,
      minRttMs: Number.isFinite(this.#minRttMs) ? this.#minRttMs : 0,
      deliveryRateKbps: this.#rateKbps,
      appLimited: this.#rateAppLimited,
      inFlightBytes: this.#sentBytes - this.#ackedBytes,
      retransmittedPackets: this.#resent,
    };
  }

  /** What the socket takes now. */
  get roomBytes(): number {
    const buffered = Math.max(0, this.#bufferBytes - (this.#writtenBytes - this.#ackedBytes));
    const { notSentLowatBytes } = this.#options;
    if (notSentLowatBytes === null) return buffered;
    return this.unsentBytes < notSentLowatBytes ? Math.min(buffered, notSentLowatBytes + OVERSHOOT_BYTES - this.unsentBytes) : 0;
  }

  write(bytes: number): void {
    this.#writtenBytes += bytes;
  }

  /** Sends what the window allows, lost segments first. */
  send(nowMs: number): void {
    while (this.#maySend()) {
      const segment = this.#nextLost() ?? this.#nextNew();
      if (!segment) break;
      this.#transmit(segment, nowMs);
    }
    const isHeld = !this.#maySend() && (this.unsentBytes > 0 || this.#toResend.length > 0);
    this.#noteUsage(isHeld, nowMs);
    if (this.#inFlight > 0 && !Number.isFinite(this.#timerMs)) this.#arm(nowMs);
  }

  /** The receiver has that transmission. */
  acknowledge(transmission: Transmission, nowMs: number): void {
    const { segment, tx } = transmission;
    this.#highestAckedTx = Math.max(this.#highestAckedTx, tx);
    this.#highestAckedSentMs = Math.max(this.#highestAckedSentMs, transmission.sentMs);
    if (this.#timeoutTx !== null) this.#judgeTimeout(tx);
    const before = this.#ackedBytes;
    if (!segment.acked) this.#deliver(segment, nowMs);
    this.#sampleRate(transmission, nowMs);
    this.#sampleRtt(nowMs - transmission.sentMs);
    if (tx >= this.#roundEndTx) {
      this.#roundEndTx = this.#nextTx;
      this.#cubic.roundOver();
    }
    this.#findLost();
    if (this.#recovery && this.#ackedBytes >= this.#recovery.endByte) this.#recovery = null;
    const state = { isLimited: this.#windowLimited, mostOut: this.#mostOut };
    if (!this.#recovery) this.#cubic.acked(1, nowMs - transmission.sentMs, nowMs, state);
    if (this.#ackedBytes > before) {
      this.#backoff = 1;
      if (this.#ackedBytes < this.#sentBytes) this.#arm(nowMs);
      else this.#timerMs = Number.POSITIVE_INFINITY;
      this.#growBuffer();
    }
  }

  /** The timer has fired: at first one more packet goes, to draw an acknowledgement. */
  timeOut(nowMs: number): void {
    if (this.#timer === 'probe') this.#probe(nowMs);
    else this.#giveUp(nowMs);
  }

  #arm(nowMs: number): void {
    const delayedAckMs = this.#inFlight === 1 ? MIN_RTO_MS : 0;
    const probeMs = Math.max(10, 2 * (this.#srttMs ?? FIRST_RTO_MS)) + delayedAckMs;
    this.#timer = !this.#recovery && this.#timeoutTx === null && probeMs < this.#rtoMs ? 'probe' : 'timeout';
    this.#timerMs = nowMs + (this.#timer === 'probe' ? probeMs : this.#rtoMs);
  }

  #probe(nowMs: number): void {
    const last = this.#nextNew() ?? this.#segments.at(-1);
    this.#timer = 'timeout';
    this.#timerMs = nowMs + this.#rtoMs;
    if (!last || last.acked) return;
    if (last.inFlight) this.#inFlight -= 1;
    this.#transmit(last, nowMs);
  }

  /** Nothing has been acknowledged for long: all that is out counts as lost. */
  #giveUp(nowMs: number): void {
    if (this.#timeoutTx === null) this.#timeoutTx = this.#nextTx;
    this.#cubic.timedOut();
    this.#toResend.length = 0;
    for (let at = this.#unackedAt; at < this.#segments.length; at++) this.#lose(this.#segments[at]!);
    this.#recovery = null; // slow start mends what is lost: RFC 5681, 3.1
    this.#backoff *= 2;
    this.#timerMs = nowMs + Math.min(MAX_RTO_MS, this.#rtoMs * this.#backoff);
  }

  /** While losses are mended packets go out in proportion to those that arrive: RFC 6937, 3. The first goes at once. */
  #maySend(): boolean {
    const { window } = this.#cubic;
    if (!this.#recovery) return this.#inFlight < window;
    const { flight, delivered, out } = this.#recovery;
    if (this.#inFlight > window) return out < Math.max(1, Math.ceil((delivered * window) / flight));
    return this.#inFlight < window && out <= delivered;
  }

  #nextLost(): Segment | undefined {
    let segment = this.#toResend.shift();
    while (segment && (segment.acked || !segment.lost)) segment = this.#toResend.shift();
    if (segment) this.#resent += 1;
    return segment;
  }

  #nextNew(): Segment | undefined {
    const bytes = Math.min(MSS, this.unsentBytes);
    if (bytes === 0) return undefined;
    this.#sentBytes += bytes;
    const segment: Segment = {
      endByte: this.#sentBytes,
      bytes,
      acked: false,
      received: false,
      lost: false,
      newest: null,
      tx: 0,
      inFlight: false,
    };
    this.#segments.push(segment);
    return segment;
  }

  #transmit(segment: Segment, nowMs: number): void {
    segment.tx = this.#nextTx++;
    segment.lost = false;
    segment.inFlight = true;
    if (this.#recovery) this.#recovery.out += 1;
    if (this.#inFlight++ === 0) this.#deliveredMs = nowMs;
    const transmission = {
      tx: segment.tx,
      segment,
      wireBytes: segment.bytes + HEADER_BYTES,
      sentMs: nowMs,
      deliveredBytes: this.#deliveredBytes,
      deliveredMs: this.#deliveredMs,
      appLimited: this.unsentBytes === 0 && this.#inFlight < this.#cubic.window,
    };
    segment.newest = transmission;
    this.#out.push(transmission);
    this.#options.transmit(transmission);
  }

  #deliver(segment: Segment, nowMs: number): void {
    segment.acked = true;
    segment.lost = false;
    if (segment.inFlight) this.#inFlight -= 1;
    segment.inFlight = false;
    if (this.#recovery) this.#recovery.delivered += 1;
    this.#deliveredBytes += segment.bytes;
    this.#deliveredMs = nowMs;
    while (this.#segments[this.#unackedAt]?.acked) this.#ackedBytes = this.#segments[this.#unackedAt++]!.endByte;
  }

  #findLost(): void {
    for (;;) {
      const first = this.#out[this.#firstOut];
      if (!first) break;
      const isOut = first.segment.inFlight && first.segment.tx === first.tx;
      if (isOut && !this.#isLost(first)) break;
      if (isOut) {
        this.#lose(first.segment);
        if (!this.#recovery) {
          this.#recovery = { endByte: this.#sentBytes, flight: this.#inFlight + 1, delivered: 0, out: 0 };
          this.#cubic.lost();
        }
      }
      this.#firstOut += 1;
    }
    if (this.#firstOut > 1_000) this.#firstOut -= this.#out.splice(0, this.#firstOut).length;
  }

  #isLost({ tx, sentMs }: Transmission): boolean {
    if (tx >= this.#highestAckedTx) return false;
    return tx <= this.#highestAckedTx - REORDER_PACKETS || sentMs + this.#minRttMs / 4 < this.#highestAckedSentMs;
  }

  #lose(segment: Segment): void {
    if (segment.acked) return;
    if (segment.inFlight) this.#inFlight -= 1;
    segment.inFlight = false;
    segment.lost = true;
    this.#toResend.push(segment);
  }

  /** RFC 5682: if what was sent before the time-out still arrives, it was needless; what is really lost will show as such. */
  #judgeTimeout(tx: number): void {
    const wasNeedless = tx < (this.#timeoutTx ?? 0);
    this.#timeoutTx = null;
    if (!wasNeedless) return;
    this.#cubic.undo();
    this.#recovery = null;
    const restored = this.#toResend.filter(({ acked, lost }) => lost && !acked);
    this.#toResend.length = 0;
    for (const segment of restored) {
      segment.lost = false;
      segment.inFlight = true;
      this.#inFlight += 1;
    }
    const sent = restored.flatMap(({ newest }) => newest ?? []);
    this.#out = [...sent, ...this.#out.slice(this.#firstOut)].sort((a, b) => a.tx - b.tx);
    this.#firstOut = 0;
  }

  #sampleRtt(rttMs: number): void {
    this.#minRttMs = Math.min(this.#minRttMs, rttMs);
    if (this.#srttMs === null) {
      this.#srttMs = rttMs;
      this.#rttVarMs = rttMs / 2;
    } else {
      this.#rttVarMs += (Math.abs(rttMs - this.#srttMs) - this.#rttVarMs) / 4;
      this.#srttMs += (rttMs - this.#srttMs) / 8;
    }
    this.#rtoMs = this.#srttMs + Math.max(MIN_RTO_MS, 4 * this.#rttVarMs);
  }

  #sampleRate(transmission: Transmission, nowMs: number): void {
    const intervalMs = nowMs - transmission.deliveredMs;
    if (intervalMs < this.#minRttMs || intervalMs <= 0) return;
    const kbps = ((this.#deliveredBytes - transmission.deliveredBytes) * 8) / intervalMs;
    if (transmission.appLimited && kbps < this.#rateKbps) return;
    this.#rateKbps = kbps;
    this.#rateAppLimited = transmission.appLimited;
  }

  /** Linux, tcp_cwnd_validate. */
  #noteUsage(isHeld: boolean, nowMs: number): void {
    if (this.#ackedBytes >= this.#usageEndByte || isHeld || (!this.#windowLimited && this.#inFlight > this.#mostOut)) {
      this.#windowLimited = isHeld;
      this.#mostOut = this.#inFlight;
      this.#usageEndByte = this.#sentBytes;
    }
    if (isHeld) {
      this.#mostUsed = 0;
      this.#usedMs = nowMs;
      return;
    }
    this.#mostUsed = Math.max(this.#mostUsed, this.#inFlight);
    if (nowMs - this.#usedMs < this.#rtoMs) return;
    if (!this.#recovery) this.#cubic.unused(this.#mostUsed);
    this.#mostUsed = 0;
    this.#usedMs = nowMs;
  }

  /** Linux, tcp_sndbuf_expand: twice the window, and never less again. */
  #growBuffer(): void {
    this.#bufferBytes = Math.min(MOST_BUFFER_BYTES, Math.max(this.#bufferBytes, 2 * this.#cubic.window * MSS));
  }
}

/** Puts the stream together again. */
export class TcpReceiver {
  readonly #early = new Map<number, Segment>();
  #receivedBytes = 0;

  /** Bytes received without a hole. */
  get receivedBytes(): number {
    return this.#receivedBytes;
  }

  receive(segment: Segment): void {
    if (segment.received) return;
    segment.received = true;
    this.#early.set(segment.endByte - segment.bytes, segment);
    for (let next = this.#early.get(this.#receivedBytes); next; next = this.#early.get(this.#receivedBytes)) {
      this.#early.delete(this.#receivedBytes);
      this.#receivedBytes = next.endByte;
    }
  }
}
