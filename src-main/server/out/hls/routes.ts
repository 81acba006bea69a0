/**
 * HLS over HTTP, below /live/NAME/:
 *
 *   index.m3u8         master playlist over all rungs: fragmented MP4, low latency for who can
 *   ts.m3u8            master playlist: MPEG-TS
 *   RUNG/fmp4.m3u8     media playlist; RUNG/ts.m3u8 the other
 *   RUNG/N.m4s, N.ts   segment; RUNG/pN.m4s part; RUNG/iN.mp4 initialization section
 *
 * @see RFC 8216bis, 6.2
 */
import { writeMasterPlaylist } from '../../../wire/hls/master-playlist.ts';
import type { RenditionReport } from '../../../wire/hls/media-playlist.ts';
import type { Access } from '../../access/access.ts';
import type { AddressLimits } from '../../access/address-limits.ts';
import type { Hub } from '../../hub/hub.ts';
import type { LiveStream } from '../../hub/live-stream.ts';
import type { Ladders } from '../../ladder/ladders.ts';
import type { ServerLimits } from '../../limits.ts';
import { isForeign } from '../host-check.ts';
import { refusedPlay } from '../play-refusal.ts';
import { SOURCE } from '../show-info.ts';
import type { HlsFormat } from './muxers.ts';
import type { HlsOutput } from './output.ts';
import { HlsOutputs } from './outputs.ts';
import { type HlsExchange, type Resource, sendResource, sendText } from './replies.ts';
import { describeRungs, describeVariant } from './variant.ts';
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

interface HlsOptions {
  hub: Hub;
  limits: ServerLimits;
  boundHost: string;
  access: Access;
  addresses: AddressLimits;
  ladders: Pick<Ladders, 'of'>;
}

/** One of the encodings of a show, under its own path. */
interface Rung {
  name: string;
  stream: LiveStream;
}

type Started = { output: HlsOutput } | { output: null; isOfAnotherFormat: boolean; refuse(): void };

export class HlsRoutes {
  readonly #hub: Hub;
  readonly #limits: ServerLimits;
  readonly #boundHost: string;
  readonly #access: Access;
  readonly #addresses: AddressLimits;
  readonly #ladders: Pick<Ladders, 'of'>;
  readonly #outputs: HlsOutputs;
  readonly #tokens = new ViewerTokens();

  /** @param options.boundHost the address the server listens on */
  constructor({ hub, limits, boundHost, access, addresses, ladders }: HlsOptions) {
    this.#ladders = ladders;
    this.#hub = hub;
    this.#access = access;
    this.#addresses = addresses;
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
    const [name = '', file = '', ...rest] = path.split('/');
    if (rest.length > 0) return nothing(exchange);
    const playlist = PLAYLISTS[file];
    if (playlist) return await this.#playlist(exchange, stream, name, playlist);
    const resource = RESOURCE.exec(file);
    if (!resource) return nothing(exchange);
    if (!this.#isLetIn(exchange, stream)) return isPrivate(exchange);
    const [, kind = '', number = '', extension = ''] = resource;
    const rung = this.#rungsOf(stream).find((one) => one.name === name);
    const output = rung && this.#outputs.running(rung.stream, extension === 'ts' ? 'ts' : 'fmp4');
    if (!output) return nothing(exchange);
    output.touch();
    await this.#resource(exchange, stream, output, { kind, id: Number(number), extension: extension as keyof typeof TYPES });
  }

  /** Of every viewer its own, with a token to be counted by. */
  async #master(exchange: HlsExchange, stream: LiveStream, format: HlsFormat): Promise<void> {
    const { remoteAddress: address } = exchange.request.socket;
    const verdict = this.#access.play(stream.name, queryOf(exchange).get('key'), { address, protocol: 'hls' });
    const refusal = refusedPlay(verdict instanceof Promise ? await verdict : verdict);
    if (refusal) return sendText(exchange, refusal.status, refusal.text);
    const token = this.#tokens.create(this.#access.playGrant(stream.name));
    const uri = (name: string) => `${name}/${format}.m3u8?viewer=${token}`;
    const source = await this.#started(exchange, { name: SOURCE, stream }, stream, format);
    if (source.output?.over) return isOver(exchange); // who watched it may see its end; nobody begins there
    const ladder = this.#ladders.of(stream);
    const rungs = describeRungs(ladder, format, uri);
    if (!source.output && !(source.isOfAnotherFormat && rungs.length > 0)) return source.refuse();
    const variants = source.output ? [describeVariant(source.output, uri(SOURCE)), ...rungs] : rungs;
    sendPlaylist(exchange, writeMasterPlaylist(variants), 'no-store', this.#limits);
  }

  /** @param name of the rung, which is made from now on if it is not yet */
  async #playlist(exchange: HlsExchange, stream: LiveStream, name: string, format: HlsFormat): Promise<void> {
    if (!this.#isLetIn(exchange, stream)) return isPrivate(exchange);
    const query = queryOf(exchange);
    const wanted = parseDirectives(query);
    if (!wanted) return sendText(exchange, 400, '_HLS_msn and _HLS_part are whole numbers, and _HLS_part needs _HLS_msn.');
    const { id, take } = this.#viewer(exchange, stream);
    const rung = this.#rung(stream, name);
    if (!rung) return nothing(exchange);
    if (!this.#hasRoom(this.#outputs.running(rung.stream, format), id)) return full(exchange);
    const started = await this.#started(exchange, rung, stream, format);
    const { output } = started;
    if (!output) return started.refuse();
    // others came while it waited
    if (!this.#hasRoom(output, id) || !output.viewers.see(id, performance.now(), take)) return full(exchange);
    const { msn } = wanted;
    const part = format === 'fmp4' ? wanted.part : null; // the other one lists no parts
    const isBlocking = msn !== null && !output.over;
    if (isBlocking) {
      if (output.isTooFar(msn, part)) return sendText(exchange, 400, 'That is too far ahead of the playlist.');
      const outcome = await output.awaitPlaylist(msn, part, goneSignal(exchange));
      if (outcome !== 'there') return refuse(exchange, outcome);
      output.viewers.see(id, performance.now(), take);
    }
    const reports = this.#reports(stream, rung, format);
    const text = output.playlist({ skip: wanted.skip, reports });
    const cache = cacheControl(output, isBlocking && !output.over);
    if (!this.#access.isPrivate(stream.name)) return sendPlaylist(exchange, text, cache, this.#limits);
    sendPlaylist(exchange, withToken(text, id), cache.replace('public', 'private'), this.#limits);
  }

  /** Who was let in to a private stream has a token; where everybody may watch, nobody needs one. */
  #isLetIn(exchange: HlsExchange, { name }: LiveStream): boolean {
    return !this.#access.isPrivate(name) || this.#tokens.isOwn(queryOf(exchange).get('viewer'), this.#access.playGrant(name));
  }

  /** Who asks: by its token, or by address and player; `take` finds it a place among those of its address. */
  #viewer(exchange: HlsExchange, { name }: LiveStream): { id: string; take: () => (() => void) | null } {
    const { socket, headers } = exchange.request;
    const address = socket.remoteAddress;
    const token = queryOf(exchange).get('viewer');
    const isOwn = this.#tokens.isOwn(token, this.#access.playGrant(name));
    const id = isOwn ? token : `${address} ${headers['user-agent']?.slice(0, 200)}`;
    return { id, take: () => this.#addresses.takeViewer(address, performance.now()) };
  }

  #hasRoom(output: HlsOutput | null, id: string): boolean {
    return output?.viewers.has(id) || this.#hub.viewers < this.#limits.viewersMax;
  }

  /** Of the other rungs that are being made. */
  #reports(stream: LiveStream, rung: Rung, format: HlsFormat): RenditionReport[] {
    return this.#rungsOf(stream).flatMap((other) => {
      if (other.name === rung.name) return [];
      return this.#outputs.running(other.stream, format)?.report(`../${other.name}/${format}.m3u8`) ?? [];
    });
  }

  /** What there is, or is being made. */
  #rungsOf(stream: LiveStream): Rung[] {
    const rungs = [...(this.#ladders.of(stream)?.rungs ?? [])].map(([name, rung]) => ({ name, stream: rung.stream }));
    return [{ name: SOURCE, stream }, ...rungs];
  }

  /** Somebody wants to watch it. @returns null where there is none of this name */
  #rung(stream: LiveStream, name: string): Rung | null {
    const wanted = name === SOURCE ? stream : this.#ladders.of(stream)?.want(name);
    return wanted ? { name, stream: wanted } : null;
  }

  /** Makes it playable, or says why there is nothing to play. */
  async #started(exchange: HlsExchange, { stream }: Rung, source: LiveStream, format: HlsFormat): Promise<Started> {
    const latest = this.#outputs.running(stream, format);
    const mayCome = stream.publishing || stream.origin !== null;
    const running = latest?.over && mayCome ? null : latest;
    if (!running && !mayCome) return no(() => sendText(exchange, 404, 'The show has not begun.', { 'retry-after': '2' }));
    const output = running ?? this.#outputs.start(stream, format, source);
    output.touch();
    const outcome = await output.awaitStart(goneSignal(exchange));
    if (outcome !== 'there') return no(() => refuse(exchange, outcome));
    if (output.window.lastMsn !== null) return { output };
    if (output.over) return no(() => isOver(exchange));
    const text = `This show cannot be had in this format: ${output.problem}.`;
    return { output: null, isOfAnotherFormat: true, refuse: () => sendText(exchange, 404, text) };
  }

  async #resource(
    exchange: HlsExchange,
    stream: LiveStream,
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
    const cacheControl = this.#access.isPrivate(stream.name) ? IMMUTABLE.replace('public', 'private') : IMMUTABLE;
    const resource: Resource = { pieces, contentType: TYPES[extension], cacheControl, tag: `"${kind}${id}-${output.format}"` };
    sendResource(exchange, resource, this.#limits.hlsResponseMs);
  }
}

const no = (refuse: () => void): Started => ({ output: null, isOfAnotherFormat: false, refuse });

function find({ window, format }: HlsOutput, kind: string, id: number, extension: string): readonly Uint8Array[] | null {
  if (kind === 'i') {
    const init = extension === 'mp4' ? window.init(id) : null;
    return init && [init];
  }
  if (extension !== (format === 'ts' ? 'ts' : 'm4s')) return null;
  if (kind === 'p') return format === 'fmp4' ? (window.part(id)?.pieces ?? null) : null;
  return window.segment(id)?.parts.flatMap(({ pieces }) => pieces) ?? null;
}

function queryOf({ request }: HlsExchange): URLSearchParams {
  return new URLSearchParams((request.url ?? '').split('?')[1]);
}

/** Every address in a playlist, so that what it leads to is had by who was let in alone. */
export function withToken(playlist: string, token: string): string {
  return playlist.replace(/(?<=URI=")[^"]+|^[^#\n].*$/gm, (uri) => `${uri}?viewer=${token}`);
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

function isPrivate(exchange: HlsExchange): void {
  sendText(exchange, 403, 'This stream is private. Begin with its master playlist, by the address with its key.');
}

function nothing(exchange: HlsExchange): void {
  sendText(exchange, 404, 'There is nothing at this address.');
}
