/** The little JSON of /api: what the viewer page asks and tells. Of a private stream it does so with the key that plays it. */
import { lanAddresses } from '../../process/lan-addresses.ts';
import type { Hub } from '../hub/hub.ts';
import type { LiveStream } from '../hub/live-stream.ts';
import { type Exchange, findStream, noStream, queryOf, sendJson } from './exchange.ts';
import { sendText } from './hls/replies.ts';
import { isForeign, isLoopback } from './host-check.ts';
import { takeBeacon } from './metric-routes.ts';
import { refusedPlay } from './play-refusal.ts';
import { rungInfos, SOURCE } from './show-info.ts';

/** What anyone who can reach the server may know. */
function publicStats({ name, publishing, viewers, bitrateKbps }: ReturnType<Hub['stats']>[number]) {
  return { name, publishing, viewers, bitrateKbps };
}

/** Those that everybody may watch: a private one is known to whom its name was told. */
export function sendStreams(exchange: Exchange): void {
  const { hub, access } = exchange.options;
  const open = hub.stats().filter(({ name }) => !access.isPrivate(name));
  sendJson(exchange, { streams: open.map(publicStats) });
}

export function sendStreamStats(exchange: Exchange, name: string): void {
  const stream = openedStream(exchange, name);
  if (!stream) return;
  const ladder = exchange.options.ladders.of(stream);
  const rehearsal = isLoopback(exchange.options.boundHost);
  sendJson(exchange, {
    ...publicStats(stream.stats()),
    /** of those that are kept: the one that is on, or else was last; null: there is none */
    latestShow: exchange.vod.latest(name),
    tracks: stream.tracks,
    rehearsal,
    rungs: rungInfos(stream, ladder),
    /** why some are missing: not-enough-cpu, failed; null: none is */
    ladderProblem: ladder?.problem ?? null,
    addresses: rehearsal ? [] : addressesOf(exchange),
  });
}

/** For the page that is open on this machine: where others find it. */
function addressesOf({ request, options }: Exchange): string[] {
  const hosts = options.boundHost === '0.0.0.0' || options.boundHost === '::' ? lanAddresses() : [options.boundHost];
  const scheme = options.certificate ? 'https' : 'http';
  return hosts.map((host) => `${scheme}://${host.includes(':') ? `[${host}]` : host}:${request.socket.localPort}`);
}

/**
 * A viewer that joined, recovered or sees garbage asks for an IDR, of ?rung=480p where it watches one. 202: it was asked for.
 * 409: the publisher came by RTMP from elsewhere, which cannot be asked.
 */
export function requestKeyframe(exchange: Exchange, name: string): void {
  const { request, options, keyframeRequests } = exchange;
  if (isForeign(request, options.boundHost)) return sendText(exchange, 403, 'Other sites may not use this stream.');
  if (Number(request.headers['content-length'] ?? 0) > 0 || request.headers['transfer-encoding'])
    return sendText(exchange, 413, 'This request has no body.', { connection: 'close' });
  const source = openedStream(exchange, name);
  if (!source) return;
  if (!keyframeRequests.admit(request.socket.remoteAddress ?? '', performance.now()))
    return sendText(exchange, 429, 'A keyframe was asked for too often from here. One is on its way.', { 'retry-after': '1' });
  const rung = queryOf(exchange).get('rung') ?? SOURCE;
  const stream = rung === SOURCE ? source : options.ladders.of(source)?.rungs.get(rung)?.stream;
  const outcome = stream?.requestIdr() ?? 'not-publishing';
  sendJson(exchange, { outcome }, { asked: 202, cannot: 409, 'not-publishing': 404 }[outcome]);
}

export async function sendBeacon(exchange: Exchange, name: string): Promise<void> {
  const stream = openedStream(exchange, name);
  if (stream) await takeBeacon(exchange, stream.name, exchange.options);
}

/** @returns null when the refusal has been sent. Hooks are not asked here: they are when the stream itself is */
function openedStream(exchange: Exchange, name: string): LiveStream | null {
  const { hub, access } = exchange.options;
  const stream = findStream(hub, name);
  if (!stream) {
    noStream(exchange);
    return null;
  }
  const refusal = refusedPlay(access.opens(name, queryOf(exchange).get('key'), exchange.request.socket.remoteAddress));
  if (!refusal) return stream;
  sendText(exchange, refusal.status, refusal.text, { connection: 'close' }); // a body that comes with it is not read
  return null;
}
