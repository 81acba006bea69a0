/**
 * Lets the encodes follow the ways to the servers. Ten times a second it asks every connection for its pressure, steps
 * that connection's controller, lets policy decide what a shared encode gets, and sets the encodes' bitrates in place.
 */
import type { ActivityEvent, PublisherRate, RateReason, RenditionId } from '../../../src-shared/domain/index.ts';
import { US_PER_S } from '../../../src-shared/units.ts';
import type { RateController, RateDecision, RateLimits } from '../rate-control/controller.ts';
import type { PictureFormat } from '../rate-control/ladder.ts';
import type { Pressure } from '../rate-control/pressure.ts';
import { initialShare, type ShareDestination, type ShareState, type ShareVerdict, stepShare } from '../rate-control/share.ts';
import { STREAM_RENDITION } from '../rendition/plan.ts';
import { FormatLadders } from './format-ladders.ts';
import { smallerFormat } from './overload.ts';
import { AskAgain, Rest } from './own-encodes.ts';
import type { Connection } from './publisher-set.ts';

/** a connection whose media does not move for so long does not count when others share its encode */
const STALLED_US = 1.5 * US_PER_S;
/** so long an encode of its own waits for a destination that is away */
const AWAY_US = 30 * US_PER_S;
/** media that waits so long is more than one late picture */
const CONGESTED_MS = 300;
/** below this part of the shared rate, a destination's own ceiling asks for an encode of its own */
const CEILING_APART = 0.88;

/** Of the profile that runs, which may change. */
export interface GovernedShow {
  videoKbps: number;
  format: PictureFormat;
  /** sound and packaging */
  otherKbps: number;
}

export interface Encodes {
  readonly busy: boolean;
  format(id: RenditionId): PictureFormat | null;
  setBitrate(id: RenditionId, bitrateKbps: number): void;
  split(connection: Connection, bitrateKbps: number): Promise<boolean>;
  join(connection: Connection): Promise<boolean>;
  place(connection: Connection): Promise<boolean>;
  setFormat(id: RenditionId, format: PictureFormat | null): Promise<boolean>;
  prune(): void;
}

export interface RateGovernorOptions<State> {
  controller: RateController<State>;
  encodes: Encodes;
  readonly show: GovernedShow;
  connections: () => readonly Connection[];
  nowUs: () => number;
  /** measured: the machine carries one more encode */
  headroom: () => boolean;
  /** measured: it does not carry those that there are */
  overloaded: () => boolean;
  /** no encode has a larger picture or a higher frame rate while encoding cannot keep up; null: as the ways allow */
  reliefFormat: () => PictureFormat | null;
  /** the recording takes the stream's encode, whose size must stay */
  isRecorded: () => boolean;
  /** one line for the user */
  tell: (connection: Connection, message: string, event: ActivityEvent) => void;
}

interface Member<State> {
  /** null while the connection is not live */
  state: State | null;
  decision: RateDecision;
  pressure: Pressure | null;
  /** of its last step */
  ceilingKbps: number;
  deliveredBytes: number;
  progressUs: number;
  liveUs: number;
  reason: RateReason;
  totalKbps: number;
  /** to come back from an encode of its own, though its way does not ask for it */
  back: AskAgain;
}

export class RateGovernor<State> {
  readonly #options: RateGovernorOptions<State>;
  readonly #members = new Map<string, Member<State>>();
  readonly #kbps = new Map<RenditionId, number>();
  readonly #ladders = new FormatLadders();
  readonly #rest = new Rest();
  /** of those that share an encode, by that */
  readonly #shares = new Map<RenditionId, ShareState>();
  #mayChangeFormat = false;

  constructor(options: RateGovernorOptions<State>) {
    this.#options = options;
  }

  /** Somebody's size and frame rate may change. */
  get mayChangeFormat(): boolean {
    return this.#mayChangeFormat;
  }

  /** What a connection's video gets now, and why. */
  rate(connection: Connection): PublisherRate {
    const { encodes } = this.#options;
    const { floorKbps, ceilingKbps } = this.#limits(connection);
    const { renditionId } = connection;
    const { widthPx, heightPx, frameRate } = (!this.#keepsSize(renditionId) && encodes.format(renditionId)) || this.#whole(connection);
    return {
      targetKbps: this.#kbps.get(renditionId) ?? ceilingKbps,
      floorKbps,
      ceilingKbps,
      reason: this.#members.get(connection.key)?.reason ?? (isFixed(connection) ? 'fixed' : 'ceiling'),
      renditionId,
      widthPx,
      heightPx,
      frameRate,
    };
  }

  tick(): void {
    const { connections, encodes, nowUs } = this.#options;
    const atUs = nowUs();
    const all = connections();
    for (const key of this.#members.keys()) if (!all.some((one) => one.key === key)) this.#members.delete(key);
    for (const connection of all) this.#stepController(connection, atUs);
    encodes.prune();
    // an encode that has gone has no rate: the next of its name begins at another
    const bases = new Set<RenditionId>([STREAM_RENDITION, ...all.map(({ base }) => base)]);
    const taken = new Set<RenditionId>([...bases, ...all.map(({ renditionId }) => renditionId)]);
    for (const id of this.#kbps.keys()) if (!taken.has(id)) this.#kbps.delete(id);
    for (const id of this.#shares.keys()) if (!bases.has(id)) this.#shares.delete(id);
    this.#place(all, atUs);
    for (const base of bases) this.#applyShare(base, all, atUs);
    if (this.#options.overloaded()) this.#relieve(all, atUs);
    this.#applyFormats(all, atUs);
    for (const connection of all) this.#tellPublisher(connection);
  }

  #stepController(connection: Connection, atUs: number): void {
    const limits = this.#limits(connection);
    const fixed: RateDecision = { videoKbps: limits.ceilingKbps, reason: isFixed(connection) ? 'fixed' : 'ceiling', dropToIdr: false };
    const pressure = pressureOf(connection);
    const before = this.#members.get(connection.key);
    const member: Member<State> = before ?? {
      state: null,
      decision: fixed,
      pressure: null,
      ceilingKbps: limits.ceilingKbps,
      deliveredBytes: 0,
      progressUs: atUs,
      liveUs: atUs,
      reason: fixed.reason,
      totalKbps: 0,
      back: new AskAgain(),
    };
    this.#members.set(connection.key, member);
    if (!pressure || pressure.deliveredBytes !== member.deliveredBytes || pressure.delayMs < CONGESTED_MS) member.progressUs = atUs;
    if (pressure) member.liveUs = atUs;
    // a user who asks for more than a way has carried in full gets it at once
    const wasWhole = member.decision.videoKbps >= member.ceilingKbps && limits.ceilingKbps > member.ceilingKbps;
    if (wasWhole) Object.assign(member, { state: null, decision: fixed });
    Object.assign(member, { pressure, ceilingKbps: limits.ceilingKbps, deliveredBytes: pressure?.deliveredBytes ?? 0 });
    if (isFixed(connection)) Object.assign(member, { state: null, decision: fixed });
    else if (!pressure) {
      member.state = null;
      member.decision = { ...clamp(member.decision, limits), dropToIdr: false };
    } else {
      const state = member.state ?? this.#options.controller.initial(limits, atUs, before && member.decision.videoKbps);
      Object.assign(member, this.#options.controller.step(state, pressure, limits));
    }
  }

  /** Whose settings ask for another encode now goes there; one that needs H.264 is seen to by CodecFallbacks. */
  #place(all: readonly Connection[], atUs: number): void {
    const { encodes } = this.#options;
    const misplaced = all.find(
      (one) => one.misplaced && !one.codecFallback?.video && !encodes.busy && this.#members.get(one.key)?.back.ask(atUs),
    );
    if (misplaced) void this.#move(misplaced, 'place', 0);
  }

  /** Of those who share the encode, or have one of their own instead for now. */
  #applyShare(base: RenditionId, all: readonly Connection[], atUs: number): void {
    const { encodes, headroom, show } = this.#options;
    const members = all.filter((one) => one.base === base && !one.misplaced);
    const [first] = members;
    if (!first && all.some((one) => one.base === base)) return; // who takes it still is about to leave: it stays as it is
    const wholeKbps = first ? this.#wholeKbps(first) : show.videoKbps;
    const sharedKbps = (first && this.#kbps.get(base)) || wholeKbps; // one that nobody takes may be a recording's
    const ceilings = this.#ceilings(members.filter((one) => one.renditionId === base));
    const highestKbps = Math.max(...ceilings);
    const destinations = members.map((connection) => this.#shareDestination(connection, highestKbps, atUs));
    const mayGive = !encodes.busy && this.#rest.isOver(atUs) && headroom();
    const input = { atUs, sharedKbps, headroom: mayGive, busy: encodes.busy, destinations };
    const { state, decision } = stepShare(this.#shares.get(base) ?? initialShare(), input);
    this.#shares.set(base, state);
    // nobody's ceiling is exceeded, not even while one with a lower ceiling waits for an encode of its own
    this.#setBitrate(base, Math.min(decision.sharedKbps, ...ceilings));
    for (const [index, connection] of members.entries()) {
      const verdict = decision.verdicts[index];
      if (verdict) this.#applyVerdict(connection, verdict, atUs);
    }
  }

  /** An encode less, on a machine that has become too busy: of those that have their own, the one that loses least. */
  #relieve(all: readonly Connection[], atUs: number): void {
    if (this.#options.encodes.busy) return;
    const wish = ({ key }: Connection) => this.#members.get(key)?.decision.videoKbps ?? 0;
    const [first] = all.filter((one) => isAlone(one) && !one.misplaced).toSorted((a, b) => wish(b) - wish(a));
    if (!first || !this.#members.get(first.key)?.back.ask(atUs)) return;
    this.#rest.begin(atUs);
    void this.#move(first, 'give-back', 0);
  }

  #shareDestination(connection: Connection, highestKbps: number, atUs: number): ShareDestination {
    const { key } = connection;
    const member = this.#members.get(key);
    const { videoKbps: wishKbps = 0 } = member?.decision ?? {};
    const own = isAlone(connection);
    const waits = (member?.pressure?.delayMs ?? 0) >= CONGESTED_MS || member?.decision.dropToIdr === true;
    const isLower = this.#limits(connection).ceilingKbps < highestKbps * CEILING_APART;
    const live = member?.pressure != null && atUs - member.progressUs < STALLED_US;
    return { id: key, wishKbps, congested: waits || isLower, sizeChangeAllowed: mayChangeSize(connection), live, own };
  }

  #applyVerdict(connection: Connection, verdict: ShareVerdict, atUs: number): void {
    const { encodes } = this.#options;
    const { place, reason } = verdict;
    const member = this.#members.get(connection.key);
    if (!member) return;
    const own = isAlone(connection);
    const wishKbps = member.decision.videoKbps;
    connection.sparing = place === 'drop';
    if (own) this.#setBitrate(connection.renditionId, wishKbps);
    const getsKbps = this.#kbps.get(connection.renditionId) ?? wishKbps;
    const heldBack = reason === 'held-back' || (!own && getsKbps < wishKbps);
    const drops = place === 'drop' && getsKbps > wishKbps; // not where the others' encode is held down to its ceiling
    member.reason = drops ? 'dropping' : heldBack ? 'shared' : member.decision.reason;
    if (encodes.busy) return;
    if (place === 'split' && !own) void this.#move(connection, 'split', wishKbps);
    const isAway = atUs - member.liveUs > AWAY_US;
    if (!own) member.back.reset();
    if (own && (place === 'join' || (isAway && member.back.ask(atUs)))) void this.#move(connection, 'join', wishKbps);
  }

  async #move(connection: Connection, how: 'split' | 'join' | 'give-back' | 'place', wishKbps: number): Promise<void> {
    const { encodes, tell } = this.#options;
    const moved = await (how === 'split'
      ? encodes.split(connection, wishKbps)
      : how === 'place'
        ? encodes.place(connection)
        : encodes.join(connection));
    if (!moved) return;
    const picture = this.#whole(connection);
    if (how === 'split')
      tell(connection, `Gets an encode of its own at ${wishKbps} kbps, so that the others keep theirs.`, {
        kind: 'encode-own',
        kbps: Math.round(wishKbps),
      });
    else if (how === 'place')
      tell(connection, `Gets the video that is set for it now: ${words(picture)}.`, { kind: 'picture', isSet: true, picture });
    else {
      const why = how === 'join' ? '.' : ': this computer is too busy for one more. Pictures may be left out.';
      tell(connection, `Shares the encode of the others again${why}`, { kind: 'encode-shared', busy: how === 'give-back' });
    }
  }

  #applyFormats(all: readonly Connection[], atUs: number): void {
    const { encodes, reliefFormat } = this.#options;
    this.#mayChangeFormat = false;
    for (const id of new Set([STREAM_RENDITION, ...all.map(({ renditionId }) => renditionId)])) {
      const takers = all.filter((one) => one.renditionId === id && one.publisher.state.phase !== 'stopped');
      const kbps = this.#kbps.get(id);
      const allowed = takers.length > 0 && !this.#keepsSize(id) && takers.every(mayChangeSize);
      this.#mayChangeFormat ||= allowed;
      const ceilingKbps = Math.min(...this.#ceilings(takers));
      const whole = takers[0] ? this.#whole(takers[0]) : this.#options.show.format;
      const byRate = allowed && kbps !== undefined ? this.#ladders.step(id, whole, atUs, kbps, ceilingKbps) : this.#ladders.leave(id);
      const wanted = allowed ? smallerFormat(byRate, this.#alike(reliefFormat(), whole)) : byRate;
      if (encodes.busy || isSame(wanted, encodes.format(id))) continue;
      const size = wanted ?? whole;
      void encodes.setFormat(id, wanted);
      for (const one of takers)
        this.#options.tell(one, `The picture is ${words(size)} now.`, { kind: 'picture', isSet: false, picture: size });
    }
  }

  #tellPublisher(connection: Connection): void {
    const member = this.#members.get(connection.key);
    const kbps = this.#kbps.get(connection.renditionId);
    if (!member?.pressure || kbps === undefined) return;
    const totalKbps = kbps + this.#limits(connection).otherKbps;
    if (totalKbps !== member.totalKbps) connection.publisher.setRate((member.totalKbps = totalKbps));
    if (member.decision.dropToIdr) connection.publisher.dropToIdr();
  }

  #setBitrate(id: RenditionId, wantedKbps: number): void {
    const kbps = Math.round(wantedKbps);
    if (this.#kbps.get(id) === kbps) return;
    this.#kbps.set(id, kbps);
    this.#options.encodes.setBitrate(id, kbps);
  }

  #keepsSize(id: RenditionId): boolean {
    return id === STREAM_RENDITION && this.#options.isRecorded();
  }

  /** Of those that get it now: one that is not there limits nobody. While nobody is there all count, for the first of them. */
  #ceilings(takers: readonly Connection[]): number[] {
    const there = takers.filter(({ key }) => this.#members.get(key)?.pressure != null);
    const some = there.length > 0 ? there : takers.filter(({ publisher }) => publisher.state.phase !== 'stopped');
    return some.map((one) => this.#limits(one).ceilingKbps);
  }

  #limits(connection: Connection): RateLimits {
    const { floorKbps, ceilingKbps } = connection.outlet.destination.rate;
    const { show } = this.#options;
    const ceiling = ceilingKbps ?? this.#wholeKbps(connection);
    return { floorKbps: Math.min(floorKbps, ceiling), ceilingKbps: ceiling, otherKbps: show.otherKbps + connection.tracks.bitrateKbps };
  }

  /** what the settings ask for: the destination's own, or the show's */
  #whole({ outlet }: Connection): PictureFormat {
    const { widthPx, heightPx, frameRate } = outlet.destination.video ?? this.#options.show.format;
    return { widthPx, heightPx, frameRate };
  }

  #wholeKbps({ outlet }: Connection): number {
    return outlet.destination.video?.bitrateKbps ?? this.#options.show.videoKbps;
  }

  /** What is given up of the show's format, given up of another one. */
  #alike(relief: PictureFormat | null, whole: PictureFormat): PictureFormat | null {
    const { format } = this.#options.show;
    if (!relief || isSame(whole, format)) return relief;
    const scale = relief.widthPx / format.widthPx;
    const even = (px: number) => Math.round((px * scale) / 2) * 2;
    const frameRate = (whole.frameRate * relief.frameRate) / format.frameRate;
    return { widthPx: even(whole.widthPx), heightPx: even(whole.heightPx), frameRate };
  }
}

/** Through a relay the server's acknowledgements alone see the whole way. */
function pressureOf({ publisher, outlet }: Connection): Pressure | null {
  const pressure = publisher.pressure();
  return pressure && outlet.relayed ? { ...pressure, tcp: null, unsentBytes: null } : pressure;
}

/** It has an encode of its own, for its way's sake. */
const isAlone = ({ renditionId, base }: Connection) => renditionId !== base;

const words = ({ widthPx, heightPx, frameRate }: PictureFormat) => `${widthPx}×${heightPx} at ${frameRate}`;

const isFixed = ({ outlet }: Connection) => outlet.destination.rate.mode === 'fixed';

const mayChangeSize = ({ outlet }: Connection) => outlet.destination.rate.allowSizeChange;

function clamp(decision: RateDecision, { floorKbps, ceilingKbps }: RateLimits): RateDecision {
  return { ...decision, videoKbps: Math.min(ceilingKbps, Math.max(floorKbps, decision.videoKbps)) };
}

function isSame(a: PictureFormat | null, b: PictureFormat | null): boolean {
  return a?.widthPx === b?.widthPx && a?.heightPx === b?.heightPx && a?.frameRate === b?.frameRate;
}
