import type { Verdict } from '../access/access.ts';

/** @returns the answer over HTTP to who may not play; null for who may. Nothing of the request is in it */
export function refusedPlay(verdict: Verdict): { status: number; text: string } | null {
  if (verdict.allowed) return null;
  switch (verdict.reason) {
    case 'not-found':
      return { status: 404, text: 'There is no stream of this name.' };
    case 'wrong-key':
      return { status: 403, text: 'This stream is private. Open it by the address with its key.' };
    case 'hook':
      return { status: 403, text: 'The server’s operator has not allowed this.' };
    case 'busy':
      return { status: 503, text: 'Too many ask for this at once. Try again in a moment.' };
    case 'locked-out':
      return { status: 429, text: 'Too many wrong keys came from this address. Wait a minute, then try again.' };
    default:
      throw verdict.reason satisfies never;
  }
}
