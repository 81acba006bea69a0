/**
 * The network between a viewer's browser and the live server: an HTTP relay with a rate that all its connections
 * share, that can damage pictures on their way, and notes what passes.
 */
import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { FlvReader, parseVideoBody, TAG } from '../../src-main/wire/flv.ts';

const TICK_MS = 10;
/** what the link itself holds back: little, as a good router does */
const HELD_BYTES = 16 * 1024;

interface Waiting {
  upstream: IncomingMessage;
  response: ServerResponse;
  pieces: Buffer[];
  bytes: number;
}

export interface ViewerLinkOptions {
  /** another answer's JSON in its place */
  rewrite?: (path: string, json: Record<string, unknown>) => unknown;
  /** where a path leads on the server */
  route?: (path: string) => string;
}

export class ViewerLink {
  /** of all connections together; null: as much as comes */
  kbps: number | null = null;
  /** when keyframes were asked for, and when IDRs passed, by performance.now() */
  readonly keyframeRequestsMs: number[] = [];
  readonly idrsMs: number[] = [];
  /** what was asked for, by performance.now() */
  readonly asked: { path: string; atMs: number }[] = [];
  /** bytes of FLV */
  flvBytes = 0;
  readonly #server: Server;
  readonly #target: string;
  readonly #options: ViewerLinkOptions;
  readonly #waiting = new Set<Waiting>();
  readonly #ticker: NodeJS.Timeout;
  #budgetBytes = 0;
  #damage: ((picture: Buffer) => void) | null = null;
  #onDamaged: (atMs: number) => void = () => {};

  private constructor(target: string, options: ViewerLinkOptions) {
    this.#target = target;
    this.#options = options;
    this.#server = createServer((incoming, response) => this.#relay(incoming, response));
    this.#ticker = setInterval(() => this.#tick(), TICK_MS);
  }

  /** @param target http://host:port of the server */
  static async open(target: string, options: ViewerLinkOptions = {}): Promise<ViewerLink> {
    const link = new ViewerLink(target, options);
    await new Promise<void>((resolve) => link.#server.listen(0, '127.0.0.1', resolve));
    return link;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Has the next picture that others refer to changed on its way. @returns when it passed */
  damageNext(damage: (picture: Buffer) => void): Promise<number> {
    this.#damage = damage;
    return new Promise((resolve) => {
      this.#onDamaged = resolve;
    });
  }

  async close(): Promise<void> {
    clearInterval(this.#ticker);
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #relay(incoming: IncomingMessage, response: ServerResponse): void {
    const path = incoming.url ?? '/';
    const isFlv = /\.flv(\?|$)/.test(path);
    this.asked.push({ path, atMs: performance.now() });
    if (incoming.method === 'POST' && /\/keyframe(\?|$)/.test(path)) this.keyframeRequestsMs.push(performance.now());
    const { host: _host, origin: _origin, ...headers } = incoming.headers;
    const url = new URL(this.#options.route?.(path) ?? path, this.#target);
    const outgoing = request(url, { method: incoming.method, headers, agent: false }, (upstream) => {
      if (this.#options.rewrite && upstream.headers['content-type'] === 'application/json') return this.#rewrite(path, upstream, response);
      // whoever asked, the server was not told: so every page of this machine may read it
      response.writeHead(upstream.statusCode ?? 502, { ...upstream.headers, 'access-control-allow-origin': '*' });
      this.#forward(upstream, response, isFlv);
    });
    outgoing.on('error', () => response.destroy());
    response.on('close', () => outgoing.destroy());
    incoming.pipe(outgoing);
  }

  async #rewrite(path: string, upstream: IncomingMessage, response: ServerResponse): Promise<void> {
    const pieces: Buffer[] = await upstream.toArray();
    const json = JSON.stringify(this.#options.rewrite?.(path, JSON.parse(Buffer.concat(pieces).toString())));
    response.writeHead(upstream.statusCode ?? 502, { 'content-type': 'application/json' });
    response.end(json);
  }

  #forward(upstream: IncomingMessage, response: ServerResponse, isFlv: boolean): void {
    const waiting: Waiting = { upstream, response, pieces: [], bytes: 0 };
    this.#waiting.add(waiting);
    const watch = isFlv ? this.#watchPictures() : null;
    upstream.on('data', (piece: Buffer) => {
      if (isFlv) this.flvBytes += piece.length;
      watch?.(piece);
      waiting.pieces.push(piece);
      waiting.bytes += piece.length;
      if (this.kbps === null) this.#send(waiting, Number.POSITIVE_INFINITY);
      else if (waiting.bytes > HELD_BYTES) upstream.pause();
    });
    upstream.on('error', () => response.destroy());
    response.on('close', () => this.#waiting.delete(waiting));
    upstream.on('end', () => {
      const finish = () => (waiting.bytes > 0 ? setTimeout(finish, TICK_MS) : response.end());
      finish();
    });
  }

  /** Pieces end anywhere: a picture is damaged in the piece that completes it, which has most of it as a rule. */
  #watchPictures(): (piece: Buffer) => void {
    const reader = new FlvReader();
    return (piece) => {
      for (const { type, data } of reader.feed(piece)) {
        if (type !== TAG.video) continue;
        const { packet, key, data: picture } = parseVideoBody(data);
        if (packet !== 'nalu') continue;
        if (key) this.idrsMs.push(performance.now());
        else if (this.#damage) this.#damageIn(piece, picture);
      }
    };
  }

  #damageIn(piece: Buffer, picture: Uint8Array): void {
    const at = piece.indexOf(picture);
    if (at < 16) return; // with the head of its tag
    this.#damage?.(piece.subarray(at, at + picture.length));
    this.#damage = null;
    this.#onDamaged(performance.now());
  }

  #tick(): void {
    if (this.kbps === null) {
      for (const waiting of this.#waiting) this.#send(waiting, Number.POSITIVE_INFINITY);
      return;
    }
    const bytesPerTick = (this.kbps * TICK_MS) / 8;
    this.#budgetBytes = Math.min(this.#budgetBytes + bytesPerTick, 4 * bytesPerTick);
    for (let share = 1_500; this.#budgetBytes > 0 && [...this.#waiting].some(({ bytes }) => bytes > 0); ) {
      for (const waiting of this.#waiting) this.#budgetBytes -= this.#send(waiting, Math.min(share, Math.max(0, this.#budgetBytes)));
      if (this.#budgetBytes < share) share = this.#budgetBytes;
      if (share < 1) break;
    }
  }

  /** @returns how many bytes went on */
  #send(waiting: Waiting, bytesMax: number): number {
    let sent = 0;
    while (waiting.pieces.length > 0 && sent < bytesMax) {
      const piece = waiting.pieces.shift() as Buffer;
      const part = piece.subarray(0, Math.ceil(bytesMax - sent));
      if (part.length < piece.length) waiting.pieces.unshift(piece.subarray(part.length));
      waiting.response.write(part);
      sent += part.length;
    }
    waiting.bytes -= sent;
    if (waiting.bytes < HELD_BYTES && waiting.upstream.isPaused()) waiting.upstream.resume();
    return sent;
  }
}
