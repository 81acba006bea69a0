/**
 * Ingest addresses the platforms publish for everyone, and what else is known of them; only the key is one's own.
 * Sources: docs/platform-rules.md.
 */
export interface Platform {
  id: 'twitch' | 'youtube' | 'facebook' | 'custom';
  name: string;
  url: string;
  /** a second way in that takes the same key; empty where the platform has none */
  backupUrl: string;
  /** the most that it takes for video; null where it does not say */
  maxKbps: number | null;
  /** how long it keeps a show that has dropped; null where it does not say. Twitch's Disconnect Protection has to be switched on there */
  graceS: number | null;
}

export const PLATFORMS: readonly Platform[] = [
  {
    id: 'twitch',
    name: 'Twitch',
    url: 'rtmps://ingest.global-contribute.live-video.net:443/app',
    backupUrl: '',
    maxKbps: 6_000,
    graceS: 90,
  },
  {
    id: 'youtube',
    name: 'YouTube',
    url: 'rtmps://a.rtmps.youtube.com:443/live2',
    backupUrl: 'rtmps://b.rtmps.youtube.com:443/live2?backup=1',
    maxKbps: null,
    graceS: null,
  },
  {
    id: 'facebook',
    name: 'Facebook',
    url: 'rtmps://live-api-s.facebook.com:443/rtmp',
    backupUrl: '',
    maxKbps: 9_000,
    graceS: null,
  },
  { id: 'custom', name: 'RTMP', url: '', backupUrl: '', maxKbps: null, graceS: null },
];

export function platform(id: Platform['id']): Platform {
  const found = PLATFORMS.find((one) => one.id === id);
  if (!found) throw new Error(`no platform ${id}`);
  return found;
}

export function platformOf(url: string): Platform['id'] {
  const host = hostOf(url);
  if (host.endsWith('live-video.net') || host.endsWith('twitch.tv')) return 'twitch';
  if (host.endsWith('youtube.com')) return 'youtube';
  if (host.endsWith('facebook.com')) return 'facebook';
  return 'custom';
}

/** A stored key is for its server alone: the engine forgets it when the address names another. */
export function isSameServer(url: string, other: string): boolean {
  return hostOf(url) === hostOf(other);
}

export type UrlProblem = 'scheme' | 'host' | 'app';

/** Why an address cannot be used, as a key of the texts; null when it can. */
export function urlProblem(url: string): UrlProblem | null {
  if (!/^rtmps?:\/\//i.test(url.trim())) return 'scheme';
  if (!hostOf(url)) return 'host';
  return pathOf(url).replaceAll('/', '') ? null : 'app';
}

// `URL` does not know rtmp as a special scheme, but parses it the same once it is named http.
function parse(url: string): URL | null {
  try {
    return new URL(url.trim().replace(/^rtmp/i, 'http'));
  } catch {
    return null;
  }
}

function hostOf(url: string): string {
  return parse(url)?.hostname ?? '';
}

function pathOf(url: string): string {
  return parse(url)?.pathname ?? '';
}
