/**
 * Recorded shows over HTTP, below /vod/NAME/ID/, where ID is the show's, or `latest`:
 *
 *   index.m3u8, dvr.m3u8               master playlist: from the beginning; from the live edge, with a window to go back in
 *   event.m3u8, vod.m3u8, window.m3u8  media playlist: see show-playlist.ts
 *   N.m4s, iN.mp4                      segment, initialization section
 *   show.mp4, show-2.mp4 …             the whole show in one file; another one where its format changed
 *
 * @see RFC 8216bis, 4.4.3.5; RFC 9110, 13 and 14
 */
import type { Access } from '../../access/access.ts';
import type { AddressLimits } from '../../access/address-limits.ts';
import { STREAM_NAME } from '../../access/stream-keys.ts';
import type { ServerLimits } from '../../limits.ts';
import type { ShowLibrary, ShowSummary } from '../../record/library.ts';
import type { Show } from '../../record/show.ts';
import { isShowId } from '../../record/show-index.ts';
import { type HlsExchange, type Resource, sendResource, sendText } from '../hls/replies.ts';
import { withToken } from '../hls/routes.ts';
import { ViewerTokens } from '../hls/viewers.ts';
import { isForeign } from '../host-check.ts';
import { refusedPlay } from '../play-refusal.ts';
import { sendFilePart } from './send-file.ts';
import { type ShowPlaylistKind, ShowPlaylists, writeShowMaster } from './show-playlist.ts';

export interface VodExchange extends HlsExchange {
  /** this answer may take as long as it is being read */
  endless(): void;
}

interface VodOptions {
  /** null: this server records nothing */
  library: ShowLibrary | null;
  limits: ServerLimits;
  boundHost: string;
  access: Access;
  addresses: AddressLimits;
}

/** A show as its list tells of it. */
export interface ShowInfo {
  id: string;
  /** of the stream */
  name: string;
  startedAtMs: number;
  durationMs: number;
  sizeBytes: number;
  /** it is being recorded */
  running: boolean;
  watchPath: string;
  hlsPath: string;
  mp4Path: string;
}

const PLAYLIST_TYPE = 'application/vnd.apple.mpegurl';
const MASTER = /^(index|dvr)\.m3u8$/;
const PLAYLIST = /^(event|vod|window)\.m3u8$/;
const SEGMENT = /^(\d{1,7})\.m4s$/;
const INIT = /^i(\d{1,4})\.mp4$/;
const WHOLE = /^show(?:-(\d{1,4}))?\.mp4$/;
const LISTED_MAX = 200;
/** Names are never used again, but shows go some day. */
const IMMUTABLE = 'max-age=86400, immutable';

export class VodRoutes {
  readonly #options: VodOptions;
  readonly #tokens = new ViewerTokens();
  readonly #playlists: ShowPlaylists;
  /** answers that are being read, but for the short ones */
  #reads = 0;

  /** @param options.boundHost the address the server listens on */
  constructor(options: VodOptions) {
    this.#options = options;
    this.#playlists = new ShowPlaylists(options.limits.hlsWindowMs);
  }

  /** The shows of a stream, the latest first. */
  async list(exchange: HlsExchange, name: string): Promise<void> {
    if (!(await this.#isLetIn(exchange, name))) return;
    const shows = (this.#options.library?.list(name) ?? []).filter(({ durationMs }) => durationMs > 0).slice(0, LISTED_MAX);
    const body = JSON.stringify({
      shows: shows.map(({ id, startedAtMs, durationMs, sizeBytes, running }): ShowInfo => {
        const path = `/vod/${name}/${id}`;
        const paths = { watchPath: `/watch/${name}/${id}`, hlsPath: `${path}/index.m3u8`, mp4Path: `${path}/show.mp4` };
        return { id, name, startedAtMs, durationMs, sizeBytes, running, ...paths };
      }),
    });
    this.#send(exchange, { pieces: [Buffer.from(body)], contentType: 'application/json', cacheControl: 'no-store', tag: null });
  }

  /** What the page of the live show leads to. */
  latest(name: string): Pick<ShowInfo, 'watchPath' | 'running'> | null {
    const found = this.#latest(name);
    return found && { watchPath: `/watch/${name}/${found.id}`, running: found.running };
  }

  #latest(name: string): ShowSummary | null {
    return this.#options.library?.list(name).find(({ durationMs }) => durationMs > 0) ?? null;
  }

  /** @param path what follows /vod/ */
  async serve(exchange: VodExchange, path: string): Promise<void> {
    const { request, response } = exchange;
    // Pipelined behind another answer: node would keep in memory whatever is written for it.
    if (!response.socket) return void request.socket.destroy();
    const [name = '', id = '', file = '', ...rest] = path.split('/');
    if (rest.length > 0 || !(isShowId(id) || id === 'latest')) return nothing(exchange);
    if (!(await this.#isLetIn(exchange, name))) return;
    const show = await this.#find(name, id);
    if (!response.socket || response.destroyed || request.socket.destroyed) return; // left while a hook or the disk was asked
    if (!show) return nothing(exchange);
    const [, master] = MASTER.exec(file) ?? [];
    if (master !== undefined) return this.#master(exchange, show, { id, isWindow: master === 'dvr' });
    if (id === 'latest') return nothing(exchange); // another one soon
    const [, kind] = PLAYLIST.exec(file) ?? [];
    if (kind !== undefined) return this.#playlist(exchange, show, kind as ShowPlaylistKind);
    this.#media(exchange, show, file);
  }

  async #find(name: string, id: string): Promise<Show | null> {
    const { library } = this.#options;
    const found = id === 'latest' ? this.#latest(name)?.id : id;
    const show = found === undefined ? null : await library?.show(name, found);
    return show && show.segments.length > 0 ? show : null;
  }

  /** By a token of ours, or as for the live show; who is not let in has had its answer. */
  async #isLetIn(exchange: HlsExchange, name: string): Promise<boolean> {
    const { access, boundHost } = this.#options;
    const { request } = exchange;
    if (isForeign(request, boundHost)) {
      sendText(exchange, 403, 'Other sites may not use this show.');
      return false;
    }
    const query = queryOf(exchange);
    if (STREAM_NAME.test(name) && this.#tokens.isOwn(query.get('viewer'), access.playGrant(name))) return true;
    // of before a restart of the server: no guess at a key
    if (query.has('viewer') && !query.has('key') && access.isPrivate(name)) {
      sendText(exchange, 403, 'This show is private. Begin with its master playlist, by the address with its key.');
      return false;
    }
    const verdict = access.play(name, query.get('key'), { address: request.socket.remoteAddress, protocol: 'hls' });
    const refusal = refusedPlay(verdict instanceof Promise ? await verdict : verdict);
    if (!refusal) return true;
    sendText(exchange, refusal.status, refusal.text);
    return false;
  }

  /** @param id as it was asked for: what `latest` leads to changes */
  #master(exchange: HlsExchange, show: Show, { id, isWindow }: { id: string; isWindow: boolean }): void {
    const { id: own, stream } = show.head;
    const kind: ShowPlaylistKind = show.running ? (isWindow ? 'window' : 'event') : 'vod';
    const uri = `${id === own ? '' : `../${own}/`}${kind}.m3u8`;
    const text = writeShowMaster(show, uri);
    const token = this.#tokenFor(exchange, stream);
    if (token !== null) return this.#text(exchange, Buffer.from(withToken(text, token)), null);
    this.#text(exchange, Buffer.from(text), { cache: 'max-age=2', tag: tagOf(show, kind) });
  }

  #playlist(exchange: HlsExchange, show: Show, kind: ShowPlaylistKind): void {
    if (kind === 'vod' && show.running)
      return sendText(exchange, 404, 'This show is not over yet: see event.m3u8.', { 'retry-after': '10' });
    if (!this.#takePlace(exchange)) return;
    const { head, running } = show;
    const token = this.#tokenFor(exchange, head.stream);
    if (token !== null) return this.#text(exchange, this.#playlists.withToken(show, kind, token), null);
    const cache = running ? `max-age=${Math.floor(head.targetDurationS / 2)}` : 'max-age=3600';
    this.#text(exchange, this.#playlists.bytes(show, kind), { cache, tag: tagOf(show, kind) });
  }

  /** Of a private show every address has a token, and so has its tag. @returns null for one that everybody may watch */
  #tokenFor(exchange: HlsExchange, stream: string): string | null {
    const { access } = this.#options;
    if (!access.isPrivate(stream)) return null;
    const grant = access.playGrant(stream);
    const given = queryOf(exchange).get('viewer');
    return this.#tokens.isOwn(given, grant) ? given : this.#tokens.create(grant);
  }

  /** @param kept by whom everybody may; null: it is for one viewer */
  #text(exchange: HlsExchange, text: Buffer, kept: { cache: string; tag: string } | null): void {
    const cacheControl = kept ? `public, ${kept.cache}` : 'no-store';
    this.#send(exchange, { pieces: [text], contentType: PLAYLIST_TYPE, cacheControl, tag: kept?.tag ?? null });
  }

  /** For as long as the answer is being read; who finds none has had its answer. */
  #takePlace(exchange: HlsExchange): boolean {
    const { addresses, limits } = this.#options;
    const { request, response } = exchange;
    const leave = this.#reads < limits.vodReadsMax ? addresses.takeViewer(request.socket.remoteAddress, performance.now()) : null;
    if (!leave) {
      sendText(exchange, 503, 'This server has as many viewers as it takes. Try again in a moment.', { 'retry-after': '5' });
      return false;
    }
    this.#reads += 1;
    response.on('close', () => {
      this.#reads -= 1;
      leave();
    });
    return true;
  }

  #media(exchange: VodExchange, show: Show, file: string): void {
    const { id } = show.head;
    const [, msn] = SEGMENT.exec(file) ?? [];
    const segment = msn === undefined ? null : show.segments[Number(msn)];
    if (segment) return this.#file(exchange, show, { ...segment, tag: `"${id}-${msn}"`, cacheControl: IMMUTABLE });
    const [, init] = INIT.exec(file) ?? [];
    const described = init === undefined ? null : show.files[Number(init)];
    if (described) {
      return this.#file(exchange, show, {
        file: Number(init),
        at: 0,
        bytes: described.initBytes,
        tag: `"${id}-i${init}"`,
        cacheControl: IMMUTABLE,
      });
    }
    const whole = WHOLE.exec(file);
    const place = Number(whole?.[1] ?? 1) - 1;
    if (!whole || !show.files[place]) return nothing(exchange);
    const bytes = show.fileBytes(place);
    exchange.response.setHeader(
      'content-disposition',
      `attachment; filename="${show.head.stream}-${id}${place > 0 ? `-${place + 1}` : ''}.mp4"`,
    );
    const cacheControl = show.running ? 'no-cache' : 'max-age=3600';
    this.#file(exchange, show, { file: place, at: 0, bytes, tag: `"${id}-f${place}-${bytes}"`, cacheControl });
  }

  #file(
    exchange: VodExchange,
    show: Show,
    { file, at, bytes, tag, cacheControl }: { file: number; at: number; bytes: number; tag: string; cacheControl: string },
  ): void {
    const { access, limits } = this.#options;
    if (!this.#takePlace(exchange)) return;
    exchange.endless(); // it is let go when it stalls
    const cache = `${access.isPrivate(show.head.stream) ? 'private' : 'public'}, ${cacheControl}`;
    const resource = { path: show.filePath(file), at, bytes, contentType: 'video/mp4', cacheControl: cache, tag };
    sendFilePart(exchange, resource, limits.vodStalledMs);
  }

  #send(exchange: HlsExchange, resource: Resource): void {
    sendResource(exchange, resource, this.#options.limits.hlsResponseMs);
  }
}

function tagOf({ head, segments, running }: Show, kind: ShowPlaylistKind): string {
  return `"${kind}-${head.id}-${segments.length}${running ? '' : '-whole'}"`;
}

function queryOf({ request }: HlsExchange): URLSearchParams {
  return new URLSearchParams((request.url ?? '').split('?')[1]);
}

function nothing(exchange: HlsExchange): void {
  sendText(exchange, 404, 'There is no show at this address, or not any more.');
}
