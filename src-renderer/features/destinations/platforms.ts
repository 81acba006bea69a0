/** Ingest addresses the platforms publish for everyone; only the key is one's own. */
export interface Platform {
  id: 'twitch' | 'youtube' | 'facebook' | 'custom';
  name: string;
  url: string;
}

export const PLATFORMS: readonly Platform[] = [
  { id: 'twitch', name: 'Twitch', url: 'rtmps://ingest.global-contribute.live-video.net:443/app' },
  { id: 'youtube', name: 'YouTube', url: 'rtmps://a.rtmps.youtube.com:443/live2' },
  { id: 'facebook', name: 'Facebook', url: 'rtmps://live-api-s.facebook.com:443/rtmp' },
  { id: 'custom', name: 'RTMP', url: '' },
];

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

/** Why an address cannot be used, as a key of the texts; null when it can. */
export function urlProblem(url: string): 'scheme' | 'host' | 'app' | null {
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
