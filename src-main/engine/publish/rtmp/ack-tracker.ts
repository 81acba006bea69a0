/**
 * What the server says it has received. Nothing is assumed: some servers never acknowledge, some only at intervals of
 * their own, some count only what is new since the last time, and counters begin again at 2^32 (as the standard has it),
 * at 2^31 (signed), or from nothing above 0xf0000000 (nginx-rtmp, SRS). What cannot be true is not believed.
 * @see Adobe RTMP specification 1.0, 5.4.3
 */
const WRAPS = [2 ** 32, 0xf0000000, 2 ** 31];
/** A server that acknowledges less often than every so many windows tells nothing of what waits. */
const TIMELY_WINDOWS = 4;
/** what a server may take from its socket at once, and acknowledge at once */
const READ_BYTES = 65_536;
const RECENT_GAPS = 8;
/** C0, C1 and C2, which some servers count and some, nginx-rtmp among them, do not */
const HANDSHAKE_BYTES = 3_073;
/** older acknowledgements tell nothing of the present rate */
const RATE_MS = 2_000;

export interface Acknowledgement {
  /** as the server sent it */
  sequence: number;
  /** all that we have written on this connection */
  sentBytes: number;
  nowMs: number;
  /** the largest message of late: some servers acknowledge between messages only */
  messageBytes: number;
}

interface Gap {
  bytes: number;
  atMs: number;
  ackedBytes: number;
  isTimely: boolean;
}

export class AckTracker {
  #windowBytes: number;
  /** the window before, still in force for what was sent before the new one was asked for */
  #formerBytes: number;
  #askedAtByte = 0;
  #ackedBytes: number | null = null;
  /** the least by which an acknowledgement has been behind what was sent when it came */
  #leastLagBytes = HANDSHAKE_BYTES;
  #gaps: Gap[] = [];
  #counts: 'total' | 'increment' = 'total';
  #isSure = false;
  /** of totals: what there was when the counter last began anew, and the newest value of the counter */
  #base = 0;
  #last = 0;
  /** lower bases that the last new beginning may have had */
  #rivals: number[] = [];
  #sum = 0;
  /** the newest sequences that the present reading cannot explain */
  #odd: number[] = [];

  /** @param windowBytes the window that we asked the server for @param startBytes taken as acknowledged already */
  constructor(windowBytes: number, startBytes = 0) {
    this.#windowBytes = windowBytes;
    this.#formerBytes = windowBytes;
    if (startBytes > 0) this.#ackedBytes = startBytes;
    this.#last = startBytes;
  }

  /** Bytes the server has for certain; null while it has said nothing. */
  get ackedBytes(): number | null {
    return this.#ackedBytes;
  }

  get counts(): 'nothing' | 'total' | 'increment' {
    return this.#ackedBytes === null ? 'nothing' : this.#counts;
  }

  /** The most that was lately received between two acknowledgements. */
  get longestGapBytes(): number {
    return Math.max(0, ...this.#gaps.map(({ bytes }) => bytes));
  }

  /** Whether the server keeps to the window that it was asked for, or nearly so. */
  get isTimely(): boolean {
    return this.#gaps.length > 0 && this.#gaps.slice(-2).every(({ isTimely }) => isTimely);
  }

  /** A new window has been asked for, behind `sentBytes` of data. */
  ask(windowBytes: number, sentBytes: number): void {
    this.#formerBytes = Math.max(windowBytes, this.#windowBytes);
    this.#windowBytes = windowBytes;
    this.#askedAtByte = sentBytes;
  }

  /** The server is alive and acknowledges no more: until it does again, it is one that does not. */
  lapse(): void {
    this.#gaps = [];
  }

  /**
   * Whether a server that has all of `sentBytes` would have acknowledged some of it by now. Until then its silence means
   * nothing: on a still picture a window takes seconds to fill.
   */
  isDue(sentBytes: number): boolean {
    return sentBytes - (this.#ackedBytes ?? 0) - this.uncountedBytes > this.dueBytes;
  }

  /** The most that the server has without saying so. */
  get dueBytes(): number {
    return Math.max(this.#windowInForce(this.#ackedBytes ?? 0), this.longestGapBytes);
  }

  /** What the server has but may leave out of its count: the handshake, unless an acknowledgement has shown that it counts it. */
  get uncountedBytes(): number {
    return this.#ackedBytes === null ? 0 : this.#leastLagBytes;
  }

  /** What has arrived by now: what is acknowledged, and on at the same pace for as long as no acknowledgement is due. */
  estimateBytes(nowMs: number): number | null {
    const first = this.#gaps[0];
    const last = this.#gaps.at(-1);
    if (this.#ackedBytes === null || !first || !last) return this.#ackedBytes;
    const recent = this.#gaps.find(({ atMs }) => atMs >= last.atMs - RATE_MS) ?? last;
    const spanMs = last.atMs - recent.atMs;
    const bytesPerMs = spanMs > 0 ? (last.ackedBytes - recent.ackedBytes) / spanMs : 0;
    return this.#ackedBytes + Math.min(this.longestGapBytes, bytesPerMs * Math.max(0, nowMs - last.atMs));
  }

  acknowledge(ack: Acknowledgement): void {
    this.#sum += ack.sequence;
    const bytes = this.#read(ack.sequence, ack.sentBytes);
    const before = this.#ackedBytes ?? 0;
    if (bytes === null || bytes <= before) return;
    const windowBytes = this.#windowInForce(before);
    const dueBytes = Math.max(TIMELY_WINDOWS * windowBytes, windowBytes + READ_BYTES + ack.messageBytes);
    const gap = { bytes: bytes - before, atMs: ack.nowMs, ackedBytes: bytes, isTimely: bytes - before <= dueBytes };
    this.#gaps = [...this.#gaps.slice(1 - RECENT_GAPS), gap];
    this.#ackedBytes = bytes;
    this.#leastLagBytes = Math.min(this.#leastLagBytes, ack.sentBytes - bytes);
  }

  #windowInForce(ackedBytes: number): number {
    return ackedBytes <= this.#askedAtByte ? this.#formerBytes : this.#windowBytes;
  }

  /** @returns the total that is acknowledged; null if that makes no sense */
  #read(sequence: number, sentBytes: number): number | null {
    if (this.#ackedBytes === null) {
      if (sequence > sentBytes || sequence === 0) return null;
      this.#last = sequence;
      return sequence;
    }
    return this.#counts === 'total' ? this.#readTotal(sequence, sentBytes) : this.#readIncrement(sequence, sentBytes);
  }

  #readTotal(sequence: number, sentBytes: number): number | null {
    const before = this.#base + this.#last;
    const base = this.#baseOf(sequence, sentBytes);
    const growth = base === null ? 0 : base + sequence - before;
    const isDoubtful = !this.#isSure && this.#isTiny(growth, this.#last) && before + sequence <= sentBytes;
    if (base === null || growth === 0 || isDoubtful) return this.#doubtTotal(sequence, sentBytes);
    this.#isSure ||= !this.#isTiny(growth, this.#last);
    this.#base = base;
    this.#last = sequence;
    this.#odd = [];
    return base + sequence;
  }

  /** What came before the counter began, for this sequence to make sense; null: it makes none. */
  #baseOf(sequence: number, sentBytes: number): number | null {
    if (sequence >= this.#last) {
      const bases = [this.#base, ...this.#rivals];
      const fitting = bases.findIndex((base) => base + sequence <= sentBytes);
      if (fitting < 0) return null;
      this.#rivals = bases.slice(fitting + 1); // those above said that more had arrived than was sent
      return bases[fitting] as number;
    }
    const wraps = WRAPS.map((wrap) => wrap - this.#last).filter((left) => left >= 0);
    const slackBytes = TIMELY_WINDOWS * Math.max(this.longestGapBytes, this.#windowBytes);
    // SRS counts on from its last acknowledgement, the others from where the counter was full
    const restarts = wraps.some((left) => left <= slackBytes) ? [0, ...wraps] : wraps;
    const bases = restarts
      .map((left) => this.#base + this.#last + left)
      .filter((base) => base + sequence <= sentBytes)
      .sort((a, b) => b - a);
    const [base] = bases;
    if (base === undefined) return null;
    this.#rivals = bases.slice(1);
    return base;
  }

  /** The server counts in another way than thought, or talks nonsense once. */
  #doubtTotal(sequence: number, sentBytes: number): number | null {
    const acked = this.#ackedBytes ?? 0;
    if (acked + sequence > sentBytes) return null;
    const [earlier] = this.#odd;
    this.#odd = [sequence];
    if (this.#isSure && earlier === undefined) return null;
    const growth = sequence - (earlier ?? sequence);
    if (growth > 0 && !this.#isTiny(growth, earlier ?? 0)) return this.#follow(acked, sequence); // a counter that has begun anew
    const sum = acked + (earlier ?? 0) + sequence;
    if (sum > sentBytes) return null;
    this.#odd = [];
    this.#counts = 'increment';
    return this.#sum <= sentBytes ? Math.max(this.#sum, sum) : sum;
  }

  #readIncrement(sequence: number, sentBytes: number): number | null {
    const acked = this.#ackedBytes ?? 0;
    if (acked + sequence <= sentBytes) {
      this.#odd = [];
      return acked + sequence;
    }
    const [earlier] = this.#odd;
    this.#odd = [sequence];
    const base = Math.floor(acked / 2 ** 32) * 2 ** 32;
    if (earlier === undefined || sequence <= earlier || base + sequence > sentBytes) return null;
    return this.#follow(base, sequence);
  }

  #follow(base: number, sequence: number): number {
    this.#counts = 'total';
    this.#isSure = true;
    this.#base = base;
    this.#last = sequence;
    this.#rivals = [];
    this.#odd = [];
    return base + sequence;
  }

  /** A total grows by about a window each time; an increment stays about the same. */
  #isTiny(growth: number, before: number): boolean {
    return growth < this.#windowBytes / 2 && growth < before / 4;
  }
}
