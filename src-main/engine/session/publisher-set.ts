/** The connections of a show that runs: one publisher an outlet, none able to hurt another. */

import type { Unsubscribe } from '../../../src-shared/disposable.ts';
import {
  type CodecFallback,
  DEFAULT_PROFILE,
  type Destination,
  type DestinationId,
  describeEncoder,
  type Profile,
  type PublisherState,
  type RenditionId,
  renditionOf,
  tracksOf,
} from '../../../src-shared/domain/index.ts';
import type { Failure } from '../../../src-shared/errors.ts';
import { US_PER_S } from '../../../src-shared/units.ts';
import type { Clock } from '../../process/clock.ts';
import type { VideoPacket } from '../../process/packet.ts';
import type { Log } from '../log.ts';
import { createPublisher } from '../publish/create-publisher.ts';
import type { ClockJump, CodecRefusal, Publisher, PublishTarget } from '../publish/publisher.ts';
import { CodecRefusals, type Home } from './codec-refusals.ts';
import { ConnectionTracks, hasTracks, type TracksTaken } from './connection-tracks.ts';
import { handOver } from './hand-over.ts';
import type { Outlet } from './outlets.ts';
import type { Program, Sound } from './program.ts';

/** A destination too slow for a shared encode must not fill it with IDRs, which the others pay for. */
const SPARING_IDR_US = 2 * US_PER_S;

export interface Connection {
  /** the same for the same destination and ingest, also after a change of address */
  readonly key: string;
  readonly outlet: Outlet;
  readonly publisher: Publisher;
  /** the encode it takes */
  readonly renditionId: RenditionId;
  /** the encode that the destination's settings ask for */
  readonly home: RenditionId;
  /** the encode that all share whose servers take its codec: that one, or the one in H.264 */
  readonly base: RenditionId;
  /** its settings, or the show's, ask for another encode since it has taken one: it is to move there */
  readonly misplaced: boolean;
  readonly sound: Sound;
  /** besides its first picture and sound */
  readonly tracks: TracksTaken;
  /** its server does not take a codec that it is set to get; null: it does, as far as is known */
  readonly codecFallback: CodecFallback | null;
  /** it drops pictures that others on its encode do not: IDRs for it come seldom */
  sparing: boolean;
}

interface Open extends Connection {
  readonly tracks: ConnectionTracks;
  outlet: Outlet;
  publisher: Publisher;
  renditionId: RenditionId;
  base: RenditionId;
  misplaced: boolean;
  sound: Sound;
  readonly refusals: CodecRefusals;
  unsubscribe: Unsubscribe;
  idrAskedUs: number;
  /** of the move under way */
  move: AbortController | null;
}

/** What a connection's server will not take of what is about to come. */
export interface Foreseen {
  connection: Connection;
  video: boolean;
  audio: boolean;
  /** what of it the user does not know */
  news: readonly CodecRefusal[];
}

export interface PublisherSetOptions {
  program: Program;
  clock: Clock;
  log: Log;
  onPublished: (packet: VideoPacket) => void;
  onChange: (destination: Destination, before: PublisherState, after: PublisherState) => void;
  onClockJump: (destination: Destination, jump: ClockJump) => void;
  /** once a connection: some of its further tracks are left out */
  onTracksLeftOut: (destination: Destination, refusal: CodecRefusal) => void;
  /** once a connection: it waits for H.264, its `codecFallback` says why */
  onCodecRefused: (connection: Connection, refusal: CodecRefusal) => void;
}

export class PublisherSet {
  readonly #options: PublisherSetOptions;
  readonly #open = new Map<string, Open>();

  constructor(options: PublisherSetOptions) {
    this.#options = options;
    options.program.align((id) => this.#together(id));
  }

  get connections(): readonly Connection[] {
    return [...this.#open.values()];
  }

  /** Closes those of other destinations. */
  keepOnly(ids: ReadonlySet<DestinationId>): void {
    for (const [key, { outlet }] of this.#open) if (!ids.has(outlet.destination.id)) void this.#close(key);
  }

  /** Those of them for which there is no connection yet, or one that is to get another video. */
  unplaced(outlets: readonly Outlet[]): Outlet[] {
    return outlets.filter((outlet) => {
      const open = this.#open.get(keyOf(outlet));
      return !open || open.home !== renditionOf(outlet.destination.video) || !isSame(outlet, open.outlet);
    });
  }

  /** Closes and opens connections so that exactly these are open; a changed address, key, word on codecs or set of tracks means a new one. */
  reconcile(outlets: readonly Outlet[]): void {
    const wanted = new Map(outlets.map((outlet) => [keyOf(outlet), outlet]));
    for (const [key, open] of this.#open) {
      const outlet = wanted.get(key);
      if (outlet && isSame(outlet, open.outlet)) {
        const { home } = open;
        open.outlet = outlet;
        if (open.home !== home) open.misplaced = true;
      } else void this.#close(key);
    }
    for (const [key, outlet] of wanted) if (!this.#open.has(key)) this.#start(key, outlet);
  }

  /** Tries a destination that waits or has given up again, at once. */
  retry(id: DestinationId): boolean {
    const found = [...this.#open].filter(([, { outlet }]) => outlet.destination.id === id);
    for (const [key, { publisher, outlet }] of found) {
      if (publisher.state.phase === 'stopped') {
        void this.#close(key);
        this.#start(key, outlet);
      } else publisher.retryNow();
    }
    return found.length > 0;
  }

  /** The system says that the network is back: nobody waits any longer. */
  retryWaiting(): void {
    for (const { publisher } of this.#open.values()) if (publisher.state.phase === 'waiting') publisher.retryNow();
  }

  /**
   * Without a break, at an IDR of the other encode, which works already.
   * @param base when it is shared with others than before: where its settings want it
   * @returns false when it stays where it was
   */
  async move({ key }: Connection, to: RenditionId, base?: RenditionId): Promise<boolean> {
    const open = this.#open.get(key);
    if (!open) return false;
    const { renditionId: from, publisher, sound, unsubscribe } = open;
    open.move = new AbortController();
    const done = await handOver(this.#options.program, publisher, { from, to, sound, unsubscribe, signal: open.move.signal });
    open.move = null;
    if (this.#open.get(key) !== open) {
      done.unsubscribe(); // closed meanwhile
      return false;
    }
    open.unsubscribe = done.unsubscribe;
    if (done.moved) {
      open.renditionId = to;
      if (base) Object.assign(open, { base, misplaced: false });
    }
    return done.moved;
  }

  /** Its further pictures give way, or come back. */
  pauseTracks({ key }: Connection, isPaused: boolean): void {
    this.#open.get(key)?.tracks.pause(isPaused);
  }

  /** To another sound with the same picture, which begins anew: for one that gets nothing as it is. */
  setSound({ key }: Connection, sound: Sound): void {
    const open = this.#open.get(key);
    if (!open) return;
    const { program } = this.#options;
    open.unsubscribe();
    open.sound = sound;
    open.unsubscribe = program.subscribe(open.renditionId, open.publisher, sound);
    program.requestIdr(open.renditionId);
  }

  /**
   * Whose servers will not take what the show is about to be, which counts from now on: they can go over to H.264 or AAC
   * while there is something to go over from. The user is told by `settle`, when it has come about.
   */
  foresee({ video, audio }: Profile): Foreseen[] {
    return [...this.#open.values()].flatMap((open) => {
      const { publisher, outlet, base, home, sound, refusals } = open;
      const isShow = !outlet.destination.video && base === home;
      const picture = isShow ? publisher.refusalOf({ kind: 'video', codec: video.codec }) : null;
      const opus = audio.codec === 'opus' && sound === 'show' ? publisher.refusalOf({ kind: 'audio', codec: 'opus' }) : null;
      const all = [picture, opus].filter((refusal) => refusal !== null);
      const known = refusals.fallback({ id: home, codec: video.codec, sound: audio.codec });
      for (const { kind, failure } of all) refusals.note(kind, base, video.codec, reasonOf(open, failure));
      const news = all.filter(({ kind }) => !known?.[kind]);
      return all.length > 0 ? [{ connection: open, video: picture !== null, audio: opus !== null, news }] : [];
    });
  }

  /** The show has other codecs: who had H.264 or AAC in their place is to get its own, if that is taken now. */
  settle(foreseen: readonly Foreseen[]): void {
    for (const { connection, news } of foreseen) for (const refusal of news) this.#options.onCodecRefused(connection, refusal);
    for (const open of this.#open.values()) {
      const { codecFallback, base, home, sound } = open;
      if (base !== home && !codecFallback?.video) open.misplaced = true;
      if (sound === 'ordinary' && !codecFallback?.audio) this.setSound(open, 'show');
    }
  }

  async closeAll(): Promise<void> {
    await Promise.all([...this.#open.keys()].map((key) => this.#close(key)));
  }

  /** Closes those that are not live, to which no last picture can go. */
  async closeAway(): Promise<void> {
    const away = [...this.#open].filter(([, { publisher }]) => publisher.state.phase !== 'live');
    await Promise.all(away.map(([key]) => this.#close(key)));
  }

  #start(key: string, outlet: Outlet): void {
    const { program, clock, log, onPublished, onChange, onClockJump } = this.#options;
    const { destination, ingest, target } = outlet;
    const current = () => this.#open.get(key)?.outlet.destination ?? destination;
    let last: PublisherState = { phase: 'idle' };
    const publisher = createPublisher({
      target,
      clock,
      get graceMs() {
        return current().graceS * 1_000; // may be edited while the connection lives
      },
      get pictureTimes() {
        return sendsTimes(current());
      },
      requestIdr: () => this.#requestIdr(open),
      onChange: (state) => {
        const before = last;
        last = state;
        onChange(current(), before, state);
      },
      multitrack: hasTracks(destination),
      onPublished: (packet) => void (packet.track || onPublished(packet)),
      onClockJump: (jump) => onClockJump(current(), jump),
      onCodecRefused: (refusal) => this.#onRefused(open, refusal),
      log: (line) => log.info(`${destination.name}${ingest === 'backup' ? ' (backup)' : ''}: ${line}`),
    });
    const renditionId = renditionOf(destination.video);
    const unsubscribe = program.subscribe(renditionId, publisher);
    const idrAskedUs = Number.NEGATIVE_INFINITY;
    const own = {
      base: renditionId,
      misplaced: false,
      sound: 'show' as const,
      refusals: new CodecRefusals(),
      sparing: false,
      idrAskedUs,
      move: null,
    };
    const homeOf = (one: Open) => this.#home(one);
    const open: Open = {
      key,
      outlet,
      publisher,
      get home() {
        return renditionOf(open.outlet.destination.video);
      },
      get codecFallback() {
        return open.refusals.fallback(homeOf(open));
      },
      renditionId,
      unsubscribe,
      tracks: new ConnectionTracks(program, destination, publisher),
      ...own,
    };
    this.#open.set(key, open);
    publisher.start();
  }

  #home({ home, outlet }: Open): Home {
    const { video: own } = outlet.destination;
    const { video, audio } = this.#options.program.profile ?? DEFAULT_PROFILE;
    return { id: home, codec: own ? describeEncoder(own.encoder).codec : video.codec, sound: audio.codec };
  }

  /** It stays on H.264 for as long as it is open, whatever another server of it takes, unless it is set to get another video. */
  #onRefused(open: Open, refusal: CodecRefusal): void {
    const { kind, track, failure } = refusal;
    if (track !== 0) return this.#leaveOut(open, refusal);
    if (open.codecFallback?.[kind]) return;
    open.refusals.note(kind, open.base, this.#home(open).codec, reasonOf(open, failure));
    this.#options.onCodecRefused(open, refusal);
  }

  #leaveOut({ tracks, outlet }: Open, refusal: CodecRefusal): void {
    if (tracks.leaveOut(refusal.kind, refusal.track, refusal.failure)) this.#options.onTracksLeftOut(outlet.destination, refusal);
  }

  /** The encodes of all connections on which there is one of them with this one, directly or by another. */
  #together(id: RenditionId): readonly RenditionId[] {
    const groups = this.connections.map(({ renditionId, tracks }) => [renditionId, ...tracks.encodes.keys()]);
    const found = new Set([id]);
    for (const each of found) for (const group of groups) if (group.includes(each)) for (const one of group) found.add(one);
    return [...found];
  }

  #requestIdr(open: Open): void {
    const { program, clock } = this.#options;
    const nowUs = clock.nowUs();
    if (open.sparing && nowUs - open.idrAskedUs < SPARING_IDR_US) return;
    open.idrAskedUs = nowUs;
    program.requestIdr(open.renditionId);
  }

  /** Never rejects. */
  async #close(key: string): Promise<void> {
    const open = this.#open.get(key);
    if (!open) return;
    this.#open.delete(key);
    open.move?.abort(); // the last pictures that it holds back
    open.unsubscribe();
    open.tracks.close();
    const { log } = this.#options;
    await open.publisher.stop().catch((error: unknown) => log.error(`${open.outlet.destination.name}: no goodbye: ${String(error)}`));
  }
}

const sendsTimes = ({ kind, pictureTimes = kind === 'rehearsal' }: Destination) => pictureTimes;
/** null: the user has said so */
const reasonOf = ({ outlet }: Open, failure: Failure): Failure | null => (outlet.target.takesEnhanced === false ? null : failure);

const keyOf = ({ destination, ingest }: Outlet) => `${destination.id}/${ingest}`;

function isSame(a: Outlet, b: Outlet): boolean {
  return isSameTarget(a.target, b.target) && JSON.stringify(tracksOf(a.destination)) === JSON.stringify(tracksOf(b.destination));
}

function isSameTarget(a: PublishTarget, b: PublishTarget): boolean {
  const isSameServer = a.url === b.url && a.backupUrl === b.backupUrl && a.streamKey === b.streamKey;
  return isSameServer && a.takesEnhanced === b.takesEnhanced;
}
