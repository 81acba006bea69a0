/**
 * A made-up uplink in front of a server on this machine: TCP connections to its port reach the server through one
 * bounded buffer, which empties as fast as a schedule lets packets through. Knows bytes, not what they mean.
 *
 * The buffer full, nothing more is read, so that the sender's system fills up as it does before a slow line. The
 * system's own receive buffer (128 KiB for a connection on Linux's loopback, measured) counts as part of the buffer asked
 * for, which is therefore never smaller. The way back has no limit but the delay, and is down when the way there is.
 */
import { connect as connectTcp, createServer, type Server, type Socket } from 'node:net';

const HOST = '127.0.0.1';
const TICK_MS = 5;
/** what one packet of 1,500 bytes carries: IPv4 and TCP with timestamps take 52 */
const PACKET_BYTES = 1_500;
const PAYLOAD_BYTES = 1_448;
/** a way there that has let nothing through for so long is down, and so is the way back */
const DOWN_AFTER_MS = 250;
/** held by the system for a connection that is not read; ours is the rest of the buffer asked for, or this at least */
const SYSTEM_BYTES = 128 * 1_024;
const OWN_BYTES_LEAST = 16 * 1_024;
/** full for so long, the system's part is taken to be full as well */
const FULL_MS = 250;
/** so much may wait for a server that does not read, or for a client on the way back */
const UNREAD_MAX_BYTES = 256 * 1_024;
const CONNECTIONS_MAX = 16;
const CONNECT_TIMEOUT_MS = 5_000;
const IDLE_TIMEOUT_MS = 120_000;

/** When a link lets a packet through. Times are milliseconds since the link's beginning; a schedule that ends begins anew. */
export interface LinkSchedule {
  /** packets of 1,500 bytes that may leave after `fromMs`, up to and at `toMs`; what is not used is lost */
  opportunitiesBetween(fromMs: number, toMs: number): number;
}

export interface LinkShape {
  schedule: LinkSchedule;
  /** 144 KiB at least */
  bufferBytes: number;
  /** one way, in both directions */
  delayMs: number;
}

/** silent: nothing passes, and whoever is connected hears nothing of it. cut: connections are reset and new ones refused. */
export type LinkOutage = 'silent' | 'cut';

export interface LinkRelayOptions {
  /** asked for every new connection */
  upstream: () => { host: string; port: number };
  /** null: everything passes at once */
  shape: LinkShape | null;
  log: (line: string) => void;
}

export interface LinkRelayState {
  /** of the last second; infinite without a shape */
  capacityKbps: number;
  /** how long what enters the buffer now will wait, at the last second's rate, or what has waited longest where that is more */
  bufferedMs: number;
  /** an estimate while it is full: what the system holds cannot be seen */
  bufferedBytes: number;
  connections: number;
}

/** `data` null: the sender has ended */
interface Piece {
  to: Socket;
  data: Uint8Array | null;
  atMs: number;
}

interface Pair {
  client: Socket;
  server: Socket;
}

export class LinkRelay {
  readonly port: number;
  readonly #options: LinkRelayOptions;
  readonly #server: Server;
  readonly #pairs = new Set<Pair>();
  /** those whose server has gone included */
  readonly #clients = new Set<Socket>();
  /** the link's buffer */
  #queue: Piece[] = [];
  #queueBytes = 0;
  /** on their way: due at `atMs` */
  #underWay: Piece[] = [];
  #shape: LinkShape | null;
  #outage: LinkOutage | null = null;
  #beganMs = performance.now();
  #servedMs = this.#beganMs;
  #passedMs = this.#beganMs;
  /** the last time that there was room in the buffer */
  #notFullMs = this.#beganMs;
  #timer: NodeJS.Timeout | null = null;

  private constructor(server: Server, options: LinkRelayOptions) {
    this.#server = server;
    this.#options = options;
    this.#shape = options.shape;
    const address = server.address();
    this.port = address && typeof address === 'object' ? address.port : 0;
    server.maxConnections = CONNECTIONS_MAX;
    server.on('connection', (client) => this.#accept(client));
    this.#keepTime();
  }

  /** Listens on 127.0.0.1, on a port the system chooses. */
  static open(options: LinkRelayOptions): Promise<LinkRelay> {
    const server = createServer({ allowHalfOpen: true, noDelay: true });
    return new Promise((resolve, reject) => {
      server.once('error', reject);
      server.listen(0, HOST, () => {
        server.off('error', reject);
        server.on('error', (error) => options.log(`link: ${error.message}`));
        resolve(new LinkRelay(server, options));
      });
    });
  }

  get state(): LinkRelayState {
    const nowMs = performance.now();
    const sinceMs = nowMs - this.#beganMs;
    const packets = this.#shape?.schedule.opportunitiesBetween(Math.max(0, sinceMs - 1_000), sinceMs);
    const lastMs = Math.min(1_000, Math.max(1, sinceMs));
    const capacityKbps = packets === undefined ? Number.POSITIVE_INFINITY : (packets * PACKET_BYTES * 8) / lastMs;
    const waitedMs = nowMs - (this.#queue[0]?.atMs ?? nowMs);
    const systemBytes = this.#isFull && nowMs - this.#notFullMs > FULL_MS ? SYSTEM_BYTES : 0;
    const bufferedBytes = this.#queueBytes + systemBytes;
    const willWaitMs = capacityKbps > 0 ? (bufferedBytes * 8) / capacityKbps : 0;
    return {
      capacityKbps: this.#outage ? 0 : capacityKbps,
      bufferedMs: Math.max(waitedMs, willWaitMs),
      bufferedBytes,
      connections: this.#pairs.size,
    };
  }

  /** Another link under the same connections, from its beginning. What waits stays. */
  setShape(shape: LinkShape | null): void {
    this.#shape = shape;
    this.#beganMs = this.#servedMs = this.#passedMs = performance.now();
    this.#keepTime();
    this.#tick();
  }

  setOutage(outage: LinkOutage | null): void {
    this.#outage = outage;
    if (outage === 'cut') for (const pair of [...this.#pairs]) this.#cut(pair);
    this.#servedMs = this.#passedMs = performance.now(); // what the schedule offered meanwhile is lost
    this.#keepTime();
  }

  async close(): Promise<void> {
    if (this.#timer) clearInterval(this.#timer);
    this.#timer = null;
    for (const pair of [...this.#pairs]) this.#cut(pair);
    for (const client of this.#clients) client.destroy();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  get #isFull(): boolean {
    const bytes = this.#shape ? Math.max(OWN_BYTES_LEAST, this.#shape.bufferBytes - SYSTEM_BYTES) : UNREAD_MAX_BYTES;
    return this.#queueBytes >= bytes;
  }

  get #isUp(): boolean {
    if (this.#outage) return false;
    return this.#shape === null || performance.now() - this.#passedMs < DOWN_AFTER_MS;
  }

  #accept(client: Socket): void {
    if (this.#outage === 'cut') {
      client.on('error', () => {}); // it may be gone already
      client.resetAndDestroy();
      return;
    }
    const server = connectTcp({ ...this.#options.upstream(), allowHalfOpen: true, noDelay: true });
    const pair: Pair = { client, server };
    this.#pairs.add(pair);
    this.#clients.add(client);
    client.on('close', () => this.#clients.delete(client));
    const connecting = setTimeout(() => this.#cut(pair), CONNECT_TIMEOUT_MS);
    server.once('connect', () => clearTimeout(connecting));
    client.setTimeout(IDLE_TIMEOUT_MS, () => this.#cut(pair));
    client.on('data', (data: Uint8Array) => this.#enter(server, data));
    client.on('end', () => this.#enter(server, null));
    server.on('data', (data: Uint8Array) => this.#answer(client, data));
    server.on('end', () => this.#answer(client, null));
    client.on('error', () => this.#enter(server, null)); // a client that vanished: what it had sent still arrives
    server.on('error', (error) => {
      this.#options.log(`link: the server's side ended: ${error.message}`);
      this.#cut(pair);
    });
    server.on('close', () => {
      clearTimeout(connecting);
      this.#pairs.delete(pair);
      if (!client.writableEnded) client.destroy();
    });
  }

  /** Into the buffer; full, it takes no more until some has left. */
  #enter(to: Socket, data: Uint8Array | null): void {
    this.#queue.push({ to, data, atMs: performance.now() });
    this.#queueBytes += data?.byteLength ?? 0;
    if (this.#shape === null) this.#tick();
    else this.#admit();
  }

  #answer(to: Socket, data: Uint8Array | null): void {
    if (this.#shape === null && this.#isUp) write(to, data);
    else this.#underWay.push({ to, data, atMs: performance.now() + (this.#shape?.delayMs ?? 0) });
  }

  #admit(): void {
    const isFull = this.#isFull;
    if (!isFull) this.#notFullMs = performance.now();
    const isBlocked = this.#underWay.length > UNREAD_MAX_BYTES / PAYLOAD_BYTES;
    for (const { client, server } of this.#pairs) {
      if (isFull) client.pause();
      else client.resume();
      if (isBlocked || client.writableLength > UNREAD_MAX_BYTES) server.pause();
      else server.resume();
    }
  }

  #keepTime(): void {
    const needed = this.#shape !== null || this.#outage !== null || this.#queue.length > 0 || this.#underWay.length > 0;
    if (needed) this.#timer ??= setInterval(() => this.#tick(), TICK_MS);
    else if (this.#timer) {
      clearInterval(this.#timer);
      this.#timer = null;
    }
  }

  #tick(): void {
    const nowMs = performance.now();
    if (!this.#outage) this.#serve(nowMs);
    this.#deliver(nowMs);
    this.#admit();
    this.#keepTime();
  }

  /** Lets through what the schedule allows since the last time. */
  #serve(nowMs: number): void {
    const shape = this.#shape;
    let budgetBytes = Number.POSITIVE_INFINITY;
    if (shape) {
      const packets = shape.schedule.opportunitiesBetween(this.#servedMs - this.#beganMs, nowMs - this.#beganMs);
      if (packets > 0) this.#passedMs = nowMs;
      budgetBytes = packets * PAYLOAD_BYTES;
    }
    this.#servedMs = nowMs;
    const dueMs = nowMs + (shape?.delayMs ?? 0);
    for (let piece = this.#queue[0]; piece && budgetBytes > 0; piece = this.#queue[0]) {
      if (!piece.to.destroyed && piece.to.writableLength > UNREAD_MAX_BYTES) break; // the server does not read: the link is not the bottleneck
      const { to, data } = piece;
      const bytes = Math.min(budgetBytes, data?.byteLength ?? 0);
      this.#underWay.push({ to, data: data?.subarray(0, bytes) ?? null, atMs: dueMs });
      if (data && bytes < data.byteLength) piece.data = data.subarray(bytes);
      else this.#queue.shift();
      this.#queueBytes -= bytes;
      budgetBytes -= bytes;
    }
  }

  #deliver(nowMs: number): void {
    if (!this.#isUp) return;
    const due = this.#underWay.filter(({ atMs }) => atMs <= nowMs);
    if (due.length === 0) return;
    this.#underWay = this.#underWay.filter(({ atMs }) => atMs > nowMs);
    for (const { to, data } of due) write(to, data);
  }

  #cut(pair: Pair): void {
    this.#pairs.delete(pair);
    const { client, server } = pair;
    const isOthers = ({ to }: Piece) => to !== client && to !== server;
    this.#queue = this.#queue.filter(isOthers);
    this.#queueBytes = this.#queue.reduce((sum, { data }) => sum + (data?.byteLength ?? 0), 0);
    this.#underWay = this.#underWay.filter(isOthers);
    client.resetAndDestroy();
    server.destroy();
  }
}

function write(to: Socket, data: Uint8Array | null): void {
  if (to.destroyed || to.writableEnded) return;
  if (data === null) to.end();
  else to.write(data);
}
