/** A player without a screen: follows a playlist as RFC 8216bis says, checks every version of it, and keeps the media. */
import { get, type IncomingHttpHeaders } from 'node:http';
import { type CheckedPlaylist, checkMasterPlaylist, PlaylistFollower } from './hls-checker.ts';

export interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  body: Buffer;
}

export function request(url: string, headers: Record<string, string> = {}, method = 'GET'): Promise<Answer> {
  return new Promise((resolve, reject) => {
    get(url, { headers, method, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks) }));
    }).on('error', reject);
  });
}

export async function fetchText(url: string): Promise<string> {
  const { status, body } = await request(url);
  if (status !== 200) throw new Error(`${url}: ${status} ${body}`);
  return body.toString();
}

export class HlsClient {
  readonly follower: PlaylistFollower;
  /** absolute */
  readonly playlistUrl: string;
  /** bytes of each resource by its URI */
  readonly media = new Map<string, Buffer>();

  private constructor(playlistUrl: string, kept: boolean) {
    this.playlistUrl = playlistUrl;
    this.follower = new PlaylistFollower({ kept });
  }

  /** @param variant its place in the master playlist. @param kept a show that is kept. @throws when the master breaks a rule */
  static async open(masterUrl: string, variant = 0, kept = false): Promise<HlsClient> {
    const { variants, complaints } = checkMasterPlaylist(await fetchText(masterUrl));
    if (complaints.length > 0) throw new Error(complaints.join('\n'));
    return new HlsClient(new URL(variants[variant]?.uri ?? '', masterUrl).href, kept);
  }

  /** The whole playlist, now. */
  async reload(): Promise<CheckedPlaylist> {
    return this.follower.take(await fetchText(this.playlistUrl));
  }

  /** The next version of the playlist, which is waited for: with the next part, or where there are none the next segment. */
  async next({ delta = false } = {}): Promise<CheckedPlaylist> {
    const { segments, partTargetS } = this.follower.last;
    const last = segments.at(-1);
    if (!last) throw new Error('the playlist is empty');
    const query = new URLSearchParams();
    if (partTargetS === null || last.uri !== null) query.set('_HLS_msn', `${last.msn + 1}`);
    else query.set('_HLS_msn', `${last.msn}`);
    if (partTargetS !== null) query.set('_HLS_part', last.uri === null ? `${last.parts.length}` : '0');
    if (delta) query.set('_HLS_skip', 'YES');
    const separator = this.playlistUrl.includes('?') ? '&' : '?';
    return this.follower.take(await fetchText(`${this.playlistUrl}${separator}${query}`), { delta });
  }

  async load(uri: string): Promise<Buffer> {
    const known = this.media.get(uri);
    if (known) return known;
    const { status, body } = await request(new URL(uri, this.playlistUrl).href);
    if (status !== 200) throw new Error(`${uri}: ${status}`);
    this.media.set(uri, body);
    return body;
  }

  /** Whole segments in order, each with what it needs in front: a file to be read by others. One discontinuity only. */
  async film(discontinuity = this.follower.last.discontinuitySequence): Promise<Buffer> {
    const pieces: Buffer[] = [];
    let mapUri: string | null = null;
    for (const segment of [...this.follower.segments.values()].sort((a, b) => a.msn - b.msn)) {
      if (segment.uri === null || segment.discontinuity !== discontinuity) continue;
      if (segment.mapUri !== null && segment.mapUri !== mapUri) pieces.push(await this.load(segment.mapUri));
      mapUri = segment.mapUri;
      pieces.push(await this.load(segment.uri));
    }
    return Buffer.concat(pieces);
  }
}
