/** What this browser can play, and probably how. */
import type { Capabilities } from './choose-player.ts';
import { flvSupported } from './sessions/flv.ts';
import type { Picture } from './sessions/session.ts';

type WindowWithManaged = typeof window & { ManagedMediaSource?: typeof MediaSource };

export function capabilitiesOf(video: HTMLVideoElement): Capabilities {
  return {
    mse: flvSupported,
    managedMse: 'ManagedMediaSource' in window,
    nativeHls: video.canPlayType('application/vnd.apple.mpegurl') !== '',
  };
}

/** @param codecs a list as in RFC 6381 */
export function canPlay(codecs: string): boolean {
  const type = `video/mp4; codecs="${codecs}"`;
  const source = (window as WindowWithManaged).ManagedMediaSource ?? window.MediaSource;
  if (source) return source.isTypeSupported(type);
  return document.createElement('video').canPlayType(type) !== '';
}

export type Decoding = 'hardware' | 'software';

/**
 * Whether a decoder in hardware is likely: browsers tell no more than whether playing takes little power.
 * @returns null where they do not even tell that
 */
export async function probableDecoding(picture: Picture, bitrateKbps: number): Promise<Decoding | null> {
  const { videoCodec, widthPx: width, heightPx: height, frameRate } = picture;
  if (!videoCodec || !('mediaCapabilities' in navigator)) return null;
  try {
    const contentType = `video/mp4; codecs="${videoCodec}"`;
    const bitrate = Math.max(1, bitrateKbps) * 1_000;
    const info = await navigator.mediaCapabilities.decodingInfo({
      type: 'media-source',
      video: { contentType, width, height, bitrate, framerate: frameRate ?? 30 },
    });
    return info.supported ? (info.powerEfficient ? 'hardware' : 'software') : null;
  } catch {
    return null; // a codec string that it cannot read
  }
}
