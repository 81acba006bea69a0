/** What the page shows, from what it knows. */
import type { EndReason } from './sessions/session.ts';

export type ViewState =
  | 'unsupported'
  | 'not-found'
  | 'private'
  | 'connecting'
  | 'waiting'
  | 'starting'
  | 'playing'
  | 'buffering'
  | 'paused'
  | 'away'
  | 'offline';

export interface Facts {
  /** the browser can play H.264 through Media Source Extensions */
  supported: boolean;
  server: 'unknown' | 'reachable' | 'unreachable' | 'no-stream' | 'private';
  publishing: boolean;
  /** a picture of this visit has been shown */
  shown: boolean;
  /** pictures are moving now */
  moving: boolean;
  /** by the visitor */
  paused: boolean;
}

export function viewState({ supported, server, publishing, shown, moving, paused }: Facts): ViewState {
  if (!supported) return 'unsupported';
  if (server === 'no-stream') return 'not-found';
  if (server === 'private' && !moving) return 'private'; // who watches already does so till the connection ends
  if (paused && shown) return 'paused';
  if (moving) return 'playing'; // what is on the screen is truer than the last poll
  if (server === 'unreachable') return 'offline';
  if (server === 'unknown') return 'connecting';
  if (!publishing) return shown ? 'away' : 'waiting';
  return shown ? 'buffering' : 'starting';
}

/** no picture for so long, though the server has a show: a broken connection */
const STUCK_MS = 8_000;

/**
 * Whether a connection has brought nothing for too long. Its first media gives time anew: a player may gather some of it
 * before it begins, and would be cut off each time where that takes long.
 * @param firstMediaAtMs null: none came so far
 */
export function isStuck(nowMs: number, of: { openedAtMs: number; firstMediaAtMs: number | null; movedAtMs: number }): boolean {
  return nowMs - Math.max(of.openedAtMs, of.firstMediaAtMs ?? of.openedAtMs, of.movedAtMs) > STUCK_MS;
}

const FIRST_RETRY_MS = 400;
const LAST_RETRY_MS = 8_000;

/** How long to wait before the n-th try in a row, from 0. @param random 0 to 1: spreads the viewers of a restarted server */
export function retryDelayMs(attempt: number, random: number): number {
  return Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** attempt) * (0.75 + random / 2);
}

/** time for the keyframe that was asked for to come before the connection that is to begin with it */
const KEYFRAME_MS = 300;

/**
 * How long to wait after a connection that ended.
 * @param exchanged there is something else to open: a rung that could not be played is left out from now on
 */
export function reopenDelayMs(reason: EndReason, exchanged: boolean, attempt: number, random: number): number {
  if (exchanged) return 0;
  return reason === 'decode' && attempt === 0 ? KEYFRAME_MS : retryDelayMs(attempt, random);
}
