/** Which protocol a visitor gets: by what the browser can do, and by how much delay against how much steadiness is wished. */

/** `lowest`: under a second where the browser can; `stable`: some seconds, few stalls; `compatible`: plain HLS */
export const WISHES = ['lowest', 'stable', 'compatible'] as const;
export type Wish = (typeof WISHES)[number];

export type Protocol = 'flv' | 'ws-flv' | 'll-hls' | 'hls' | 'native-hls';

export interface Capabilities {
  /** Media Source Extensions with live playback: in a page or a worker */
  mse: boolean;
  /** ManagedMediaSource alone, as on iPhones: hls.js knows it, mpegts.js does not */
  managedMse: boolean;
  /** the video element plays playlists by itself */
  nativeHls: boolean;
}

/**
 * @param failures how often in a row a connection brought nothing: a network that holds back endless answers may let
 * messages pass, or at least files
 * @returns null where nothing can be played
 */
export function choosePlayer({ mse, managedMse, nativeHls }: Capabilities, wish: Wish, failures: number): Protocol | null {
  if (!mse && !managedMse) return nativeHls ? 'native-hls' : null;
  if (wish === 'compatible') return 'hls';
  if (wish === 'stable' || !mse) return 'll-hls';
  const inTurn = ['flv', 'flv', 'ws-flv', 'll-hls'] as const;
  return inTurn[failures % inTurn.length] ?? 'flv';
}

export function parseWish(text: string | null): Wish | null {
  return WISHES.find((wish) => wish === text) ?? null;
}
