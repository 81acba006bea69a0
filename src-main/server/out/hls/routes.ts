/**
 * HLS over HTTP, below /live/NAME/:
 *
 *   index.m3u8         master playlist: fragmented MP4, low latency for who can
 *   ts.m3u8            master playlist: MPEG-TS
 *   RUNG/fmp4.m3u8     media playlist; RUNG/ts.m3u8 the other
 *   RUNG/N.m4s, N.ts   segment; RUNG/pN.m4s part; RUNG/iN.mp4 initialization section
 *
 * @see RFC 8216bis, 6.2
 */
import { writeMasterPlaylist } from '../../../wire/hls/master-playlist.ts';
import type { RenditionReport } from '../../../wire/hls/media-playlist.ts';
import type { Hub } from '../../hub/hub.ts';
import type { LiveStream } from '../../hub/live-stream.ts';
import type { ServerLimits } from '../../limits.ts';
import { isOwnOrigin } from '../host-check.ts';
import type { HlsFormat } from './muxers.ts';
import type { HlsOutput } from './output.ts';
import { HlsOutputs, type Rung } from './outputs.ts';
import { type HlsExchange, type Resource, sendResource, sendText } from './replies.ts';
import { describeVariant } from './variant.ts';
import { ViewerTokens } from './viewers.ts';
import type { Awaited } from './waiting-list.ts';

const PLAYLIST_TYPE = 'application/vnd.apple.mpegurl';
const IMMUTABLE = 'public, max-age=3600, immutable';
const MASTERS: Record<string, HlsFormat> = { 'index.m3u8': 'fmp4', 'ts.m3u8': 'ts' };
const PLAYLISTS: Record<string, HlsFormat> = { 'fmp4.m3u8': 'fmp4', 'ts.m3u8': 'ts' };
const TYPES = { m4s: 'video/mp4', mp4: 'video/mp4', ts: 'video/mp2t' } as const;
const RESOURCE = /^([pi]?)(\d{1,15})\.(m4s|mp4|ts)$/;
/** a delivery directive's number (6.2.5.2) */
const NUMBER = /^\d{1,15}$/;

export class HlsRoutes {
  readonly #hub: Hub;
  readonly #limits: ServerLimits;
  readonly #boundHost: string;
  readonly #outputs: HlsOutputs;
  readonly #tokens = new ViewerTokens();

  /** @param options.boundHost the address the server listens on */
  constructor({ hub, limits, boundHost }: { hub: Hub; limits: ServerLimits; boundHost: string }) {
    this.#hub = hub;
    this.#limits = limits;
    this.#boundHost = boundHost;
    this.#outputs = new HlsOutputs(limits);
  }

  /** @param path what follows /live/NAME/ */
  async serve(exchange: HlsExchange, stream: LiveStream, path: string): Promise<void> {
    const { request, response } = exchange;
    // Pipelined behind another answer: node would keep in memory whatever is written for it.
    if (!response.socket) return void request.socket.destroy();
    if (isForeign(request, this.#boundHost)) return sendText(exchange, 403, 'Other sites may not use this stream.');
    const master = MASTERS[path];
    if (master) return await this.#master(exchange, stream, master);
    const [rungName, file = '', ...rest] = path.split('/');
    const rung = this.#outputs.rungsOf(stream).find(({ name }) => name === rungName);
    if (!rung || rest.length > 0) return nothing(exchange);
    const playlist = PLAYLISTS[file];
    if (playlist) return await this.#playlist(exchange, stream, rung, playlist);
    const resource = RESOURCE.exec(file);
    if (!resource) return nothing(exchange);
    const [, kind = '', number = '', extension = ''] = resource;
    const output = this.#outputs.running(rung.stream, extension === 'ts' ? 'ts' : 'fmp4');
    if (!output) return nothing(exchange);
    output.touch();
    await this.#resource(exchange, output, { kind, id: Number(number), extension: extension as keyof typeof TYPES });
  }

  /** Of every viewer its own, with a token to be counted by. */
  async #master(exchange: HlsExchange, stream: LiveStream, format: HlsFormat): Promise<void> {
    const token = this.#tokens.create();
    const rungs = this.#outputs.rungsOf(stream);
    const variants = [];
    for (const rung of rungs) {
      const output = await this.#started(exchange, rung.stream, format);
      if (!output) return;
      if (output.over) return isOver(exchange); // who watched it may see its end; nobody begins there
      variants.push(describeVariant(output, `${rung.name}/${format}.m3u8?viewer=${token}`));
    }
    sendPlaylist(exchange, writeMasterPlaylist(variants), 'no-store', this.#limits);
  }

  async #playlist(exchange: HlsExchange, stream: LiveStream, rung: Rung, format: HlsFormat): Promise<void> {
    const query = new URLSearchParams((exchange.request.url ?? '').split('?')[1]);
    const wanted = parseDirectives(query);
    if (!wanted) return sendText(exchange, 400, '_HLS_msn and _HLS_part are whole numbers, and _HLS_part needs _HLS_msn.');
    const { request } = exchange;
    const id = this.#tokens.viewerId(query.get('viewer'), request.socket.remoteAddress, request.headers['user-agent']);
    if (!this.#hasRoom(this.#outputs.running(rung.stream, format), id)) return full(exchange);
    const output = await this.#started(exchange, rung.stream, format);
    if (!output) return;
    if (!this.#hasRoom(output, id)) return full(exchange); // others came while it waited
    output.viewers.see(id, performance.now());
    const { msn } = wanted;
    const part = format === 'fmp4' ? wanted.part : null; // the other one lists no parts
    const isBlocking = msn !== null && !output.over;
    if (isBlocking) {
      if (output.isTooFar(msn, part)) return sendText(exchange, 400, 'That is too far ahead of the playlist.');
      const outcome = await output.awaitPlaylist(msn, part, goneSignal(exchange));
      if (outcome !== 'there') return refuse(exchange, outcome);
      output.viewers.see(id, performance.now());
    }
    const reports = this.#reports(stream, rung, format);
    const text = output.playlist({ skip: wanted.skip, reports });
    sendPlaylist(exchange, text, cacheControl(output, isBlocking && !output.over), this.#limits);
  }

  #hasRoom(output: HlsOutput | null, id: string): boolean {
    return output?.viewers.has(id) || this.#hub.viewers < this.#limits.viewersMax;
  }

  /** Of the other rungs that are being made. */
  #reports(stream: LiveStream, rung: Rung, format: HlsFormat): RenditionReport[] {
    return this.#outputs.rungsOf(stream).flatMap((other) => {
      if (other.name === rung.name) return [];
      return this.#outputs.running(other.stream, format)?.report(`../${other.name}/${format}.m3u8`) ?? [];
    });
  }

  /** @returns null when it has been answered: there is nothing to play, or the asker left */
  async #started(exchange: HlsExchange, stream: LiveStream, format: HlsFormat): Promise<HlsOutput | null> {
    const latest = this.#outputs.running(stream, format);
    const running = latest?.over && stream.publishing ? null : latest;
    if (!running && !stream.publishing) {
      sendText(exchange, 404, 'The show has not begun.', { 'retry-after': '2' });
      return null;
    }
    const output = running ?? this.#outputs.start(stream, format);
    output.touch();
    const outcome = await output.awaitStart(goneSignal(exchange));
    if (outcome !== 'there') refuse(exchange, outcome);
    else if (output.window.lastMsn === null && output.over) isOver(exchange);
    else if (output.window.lastMsn === null) sendText(exchange, 404, `This show cannot be had in this format: ${output.problem}.`);
    else return output;
    return null;
  }

  async #resource(
    exchange: HlsExchange,
    output: HlsOutput,
    { kind, id, extension }: { kind: string; id: number; extension: keyof typeof TYPES },
  ): Promise<void> {
    const { window } = output;
    if (kind === 'p' && id === window.next.part) {
      const outcome = await output.awaitPart(id, goneSignal(exchange));
      if (outcome !== 'there') return refuse(exchange, outcome);
    }
    const pieces = find(output, kind, id, extension);
    if (!pieces) return nothing(exchange);
    const resource: Resource = { pieces, contentType: TYPES[extension], cacheControl: IMMUTABLE, tag: `"${kind}${id}-${output.format}"` };
    sendResource(exchange, resource, this.#limits.hlsResponseMs);
  }
}

function find({ window, format }: HlsOutput, kind: string, id: number, extension: string): readonly Uint8Array[] | null {
  if (kind === 'i') {
    const init = extension === 'mp4' ? window.init(id) : null;
    return init && [init];
  }
  if (extension !== (format === 'ts' ? 'ts' : 'm4s')) return null;
  if (kind === 'p') return format === 'fmp4' ? (window.part(id)?.pieces ?? null) : null;
  return window.segment(id)?.parts.flatMap(({ pieces }) => pieces) ?? null;
}

/** @returns null for directives that break 6.2.5.2 */
function parseDirectives(query: URLSearchParams): { msn: number | null; part: number | null; skip: boolean } | null {
  const [msn, part] = [query.get('_HLS_msn'), query.get('_HLS_part')];
  if (msn === null && part !== null) return null;
  if ((msn !== null && !NUMBER.test(msn)) || (part !== null && !NUMBER.test(part))) return null;
  const skip = query.get('_HLS_skip');
  return { msn: msn === null ? null : Number(msn), part: part === null ? null : Number(part), skip: skip === 'YES' || skip === 'v2' };
}

/** What was waited for stays true for long; what was not is old soon (RFC 8216bis, 6.2.5.2 and appendix B). */
function cacheControl({ targetDurationS }: HlsOutput, isBlocking: boolean): string {
  return `public, max-age=${isBlocking ? 6 * targetDurationS : Math.floor(targetDurationS / 2)}`;
}

function sendPlaylist(exchange: HlsExchange, text: string, cache: string, { hlsResponseMs }: ServerLimits): void {
  const resource = { pieces: [Buffer.from(text)], contentType: PLAYLIST_TYPE, cacheControl: cache, tag: null };
  sendResource(exchange, resource, hlsResponseMs);
}

function goneSignal({ response }: HlsExchange): AbortSignal {
  const gone = new AbortController();
  response.on('close', () => gone.abort());
  return gone.signal;
}

function refuse(exchange: HlsExchange, outcome: Exclude<Awaited, 'there'>): void {
  if (exchange.response.destroyed) return;
  if (outcome === 'ended') return sendText(exchange, 404, 'This stream is not served any more.');
  const text = outcome === 'full' ? 'Too many wait already. Try again in a moment.' : 'Nothing new has come from the publisher.';
  sendText(exchange, 503, text, { 'retry-after': '2' });
}

function isOver(exchange: HlsExchange): void {
  sendText(exchange, 404, 'The show is over.', { 'retry-after': '2' });
}

function full(exchange: HlsExchange): void {
  sendText(exchange, 503, 'This server has as many viewers as it takes. Try again in a moment.', { 'retry-after': '10' });
}

/**
 * Another site makes its visitor ask: without CORS it cannot read the answer, but it would be counted as a viewer.
 * @see W3C, Fetch Metadata Request Headers, 2.4
 */
function isForeign({ headers }: HlsExchange['request'], boundHost: string): boolean {
  const { origin } = headers;
  return origin === undefined ? headers['sec-fetch-site'] === 'cross-site' : !isOwnOrigin(origin, boundHost);
}

function nothing(exchange: HlsExchange): void {
  sendText(exchange, 404, 'There is nothing at this address.');
}
