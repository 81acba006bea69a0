/**
 * Several destinations on one encode: pure policy, with hysteresis.
 * A slow one never slows the others: it drops pictures for itself, or gets an encode of its own when the machine has room.
 * The shared rate falls only when most of them need it.
 */

export interface ShareDestination {
  id: string;
  /** its controller's videoKbps: what its own way takes */
  wishKbps: number;
  /** media waits on its way, or pictures are being dropped */
  congested: boolean;
  /** whether the size may change in mid-stream */
  sizeChangeAllowed: boolean;
  /** connected and taking media; a stalled one is not */
  live: boolean;
  /** it has an encode of its own at present */
  own: boolean;
}

export interface ShareInput {
  atUs: number;
  /** what the shared encode has now */
  sharedKbps: number;
  /** measured: the machine can carry one more encode */
  headroom: boolean;
  /** a move is under way, and none can begin */
  busy: boolean;
  destinations: ShareDestination[];
}

/**
 * follow: on the shared encode. drop: there too, but drops pictures for itself.
 * split: belongs on an encode of its own (stays so while it should). join: is to come back to the shared one.
 */
export type SharePlace = 'follow' | 'drop' | 'split' | 'join';

export type ShareReason =
  /** the only one, so that the encode is its own anyway */
  | 'alone'
  /** its way takes what the shared encode makes */
  | 'keeps-up'
  /** its way takes more, but most need less */
  | 'held-back'
  /** its way takes less; not for long enough yet to do more than drop */
  | 'slow'
  /** its way takes less, and the machine cannot carry an encode for it */
  | 'slow-no-headroom'
  /** its way takes less, so it has an encode of its own */
  | 'own-encode'
  /** its way takes what the shared encode makes again */
  | 'recovered'
  /** not connected, or stalled: it does not count */
  | 'not-live';

export interface ShareVerdict {
  id: string;
  place: SharePlace;
  /** of the encode that it gets: the shared one's, or its own */
  videoKbps: number;
  reason: ShareReason;
}

export interface ShareDecision {
  /** for the shared encode */
  sharedKbps: number;
  /** every live destination on the shared encode allows it */
  sizeChangeAllowed: boolean;
  /** in the input's order */
  verdicts: ShareVerdict[];
}

interface Member {
  /** since when it has been too slow for the shared encode; null: it keeps up */
  slowSinceUs: number | null;
  /** since when one with its own encode could come back */
  fitSinceUs: number | null;
  joinedAtUs: number | null;
  joinAfterUs: number;
  /** where it was at the last step: what was asked for may have failed */
  own: boolean;
  /** when it was last asked to move, if it has not done so yet */
  askedAtUs: number | null;
  /** so long after that it is asked again */
  askAgainUs: number;
}

/** By destination id; data only. */
export type ShareState = Readonly<Record<string, Member>>;

/** Below this part of the shared rate a destination is slow; at or above the other it may come back. */
const SLOW_BELOW = 0.88;
const FITS_FROM = 0.97;
/** A dip shorter than this is not worth another encode. */
const SPLIT_AFTER_US = 6_000_000;
const JOIN_AFTER_US = 20_000_000;
/** Who is slow again so soon after a return waits twice as long before the next. */
const JOIN_FAILED_WITHIN_US = 60_000_000;
const JOIN_AFTER_MAX_US = 320_000_000;
/** A move that has not come about is asked for again after so long, and after twice as long each time. */
const ASK_AGAIN_US = 10_000_000;
const ASK_AGAIN_MAX_US = 320_000_000;

const NEW_MEMBER: Member = {
  slowSinceUs: null,
  fitSinceUs: null,
  joinedAtUs: null,
  joinAfterUs: JOIN_AFTER_US,
  own: false,
  askedAtUs: null,
  askAgainUs: ASK_AGAIN_US,
};

export const initialShare = (): ShareState => ({});

/** Call it after the controllers of all destinations have been stepped, about every 100 ms. */
export function stepShare(state: ShareState, input: ShareInput): { state: ShareState; decision: ShareDecision } {
  const sharing = input.destinations.filter(({ live, own }) => live && !own);
  const sharedKbps = sharedRate(sharing, input.sharedKbps);
  const members = new Map(input.destinations.map((one) => [one.id, moved(state[one.id] ?? NEW_MEMBER, one.own, input.atUs)]));
  const splitId = input.headroom && !input.busy ? slowestDue(members, sharing, input.atUs) : null;
  const next: Record<string, Member> = {};
  const verdicts = input.destinations.map((destination) => {
    const before = members.get(destination.id) ?? NEW_MEMBER;
    const context: Context = {
      atUs: input.atUs,
      sharedKbps,
      headroom: input.headroom,
      busy: input.busy,
      split: destination.id === splitId,
      sharing: sharing.length,
    };
    const { member, verdict } = judge(before, destination, context);
    next[destination.id] = member;
    return verdict;
  });
  return { state: next, decision: { sharedKbps, sizeChangeAllowed: sharing.every((one) => one.sizeChangeAllowed), verdicts } };
}

/** The rate that more than half of them need or undercut: with two, the larger wish; with three, the middle one. */
function sharedRate(sharing: ShareDestination[], nowKbps: number): number {
  const wishes = sharing.map(({ wishKbps }) => wishKbps).sort((a, b) => a - b);
  return wishes[Math.floor(wishes.length / 2)] ?? nowKbps;
}

/** One at a time: after a split the headroom has to be measured anew. */
function slowestDue(members: ReadonlyMap<string, Member>, sharing: ShareDestination[], atUs: number): string | null {
  if (sharing.length < 2) return null;
  const due = sharing.filter(({ id }) => {
    const member = members.get(id);
    return member?.slowSinceUs != null && atUs - member.slowSinceUs >= SPLIT_AFTER_US && mayAsk(member, atUs);
  });
  return due.sort((a, b) => a.wishKbps - b.wishKbps)[0]?.id ?? null;
}

/** What has happened since the last step, whatever was asked for then. */
function moved(member: Member, own: boolean, atUs: number): Member {
  if (own === member.own) return member;
  const settled = { ...member, own, slowSinceUs: null, fitSinceUs: null, askedAtUs: null, askAgainUs: ASK_AGAIN_US };
  if (!own) return { ...settled, joinedAtUs: atUs };
  const failed = member.joinedAtUs !== null && atUs - member.joinedAtUs < JOIN_FAILED_WITHIN_US;
  return { ...settled, joinedAtUs: null, joinAfterUs: failed ? Math.min(member.joinAfterUs * 2, JOIN_AFTER_MAX_US) : JOIN_AFTER_US };
}

function mayAsk({ askedAtUs, askAgainUs }: Member, atUs: number): boolean {
  return askedAtUs === null || atUs - askedAtUs >= askAgainUs;
}

function asked(member: Member, atUs: number): Member {
  const again = member.askedAtUs !== null;
  return { ...member, askedAtUs: atUs, askAgainUs: again ? Math.min(member.askAgainUs * 2, ASK_AGAIN_MAX_US) : member.askAgainUs };
}

interface Context {
  atUs: number;
  sharedKbps: number;
  headroom: boolean;
  busy: boolean;
  split: boolean;
  /** how many live ones are on the shared encode */
  sharing: number;
}

function judge(member: Member, destination: ShareDestination, context: Context): { member: Member; verdict: ShareVerdict } {
  const { id, wishKbps } = destination;
  if (!destination.live) {
    const place = destination.own ? 'split' : 'follow';
    const videoKbps = destination.own ? wishKbps : context.sharedKbps;
    return { member: { ...member, slowSinceUs: null, fitSinceUs: null }, verdict: { id, place, videoKbps, reason: 'not-live' } };
  }
  return destination.own ? judgeOwn(member, destination, context) : judgeSharing(member, destination, context);
}

/** The way back: the shared encode's rate, or nobody else on it, held for long enough. */
function judgeOwn(member: Member, { id, wishKbps }: ShareDestination, context: Context) {
  const { atUs, sharedKbps, sharing, busy } = context;
  const fits = sharing === 0 || wishKbps >= sharedKbps * FITS_FROM;
  const fitSinceUs = fits ? (member.fitSinceUs ?? atUs) : null;
  const join = fitSinceUs !== null && atUs - fitSinceUs >= member.joinAfterUs && !busy && mayAsk(member, atUs);
  const verdict: ShareVerdict = join
    ? { id, place: 'join', videoKbps: sharing === 0 ? wishKbps : sharedKbps, reason: 'recovered' }
    : { id, place: 'split', videoKbps: wishKbps, reason: 'own-encode' };
  const next = { ...member, slowSinceUs: null, fitSinceUs };
  return { member: join ? asked(next, atUs) : next, verdict };
}

function judgeSharing(member: Member, { id, wishKbps, congested }: ShareDestination, context: Context) {
  const { atUs, sharedKbps, sharing, headroom, split } = context;
  const follow = (reason: ShareReason): ShareVerdict => ({ id, place: 'follow', videoKbps: sharedKbps, reason });
  if (sharing === 1) return { member: { ...member, slowSinceUs: null, fitSinceUs: null }, verdict: follow('alone') };
  const wasSlow = member.slowSinceUs !== null;
  // one that has been slow stays so until its wish fits again: its queue is empty just after a drop
  const slow = wasSlow ? wishKbps < sharedKbps * FITS_FROM : congested && wishKbps < sharedKbps * SLOW_BELOW;
  if (!slow) {
    const verdict = follow(wishKbps > sharedKbps / SLOW_BELOW ? 'held-back' : 'keeps-up');
    return { member: { ...member, slowSinceUs: null, fitSinceUs: null }, verdict };
  }
  const slowSinceUs = member.slowSinceUs ?? atUs;
  if (split) {
    const verdict: ShareVerdict = { id, place: 'split', videoKbps: wishKbps, reason: 'own-encode' };
    return { member: asked({ ...member, slowSinceUs, fitSinceUs: null }, atUs), verdict };
  }
  const waits = atUs - slowSinceUs < SPLIT_AFTER_US || headroom;
  const verdict: ShareVerdict = { id, place: 'drop', videoKbps: sharedKbps, reason: waits ? 'slow' : 'slow-no-headroom' };
  return { member: { ...member, slowSinceUs, fitSinceUs: null }, verdict };
}
