/**
 * The stream's encodes while a show runs. Destinations begin on the one that their settings ask for, most on the first, the
 * show's; those whose servers do not take its codec share one in H.264; one may get an encode of its own and come back, and
 * each may have a smaller picture than it is set to have. One change at a time, without a break for anybody.
 */
import { type AudioTrack, type OwnVideo, type Profile, RenditionId, type SoundId } from '../../../src-shared/domain/index.ts';
import type { Log } from '../log.ts';
import type { PictureFormat } from '../rate-control/ladder.ts';
import { ordinaryOf, type ShowWants, STREAM_RENDITION } from '../rendition/plan.ts';
import type { Bases } from './bases.ts';
import { waitsForAudio, waitsForVideo } from './codec-fallbacks.ts';
import type { TracksTaken } from './connection-tracks.ts';
import type { Program } from './program.ts';
import type { Connection, Foreseen, PublisherSet } from './publisher-set.ts';

export interface StreamEncodesOptions {
  program: Program;
  publishers: PublisherSet;
  log: Log;
}

/** Nobody takes the first, and others there are. */
const isIdle = (used: ReadonlySet<RenditionId>) => used.size > 0 && !used.has(STREAM_RENDITION);

const isSameKeys = (a: ReadonlyMap<string, unknown>, b: ReadonlyMap<string, unknown>) =>
  a.size === b.size && [...a.keys()].every((key) => b.has(key));

/** What a show begins with. */
export function wantsOf(bases: Bases): Pick<ShowWants, 'streams' | 'own' | 'idle'> {
  const own = new Map([...bases].flatMap(([id, video]) => (video ? [[id, video]] : [])));
  return { streams: new Map([...own.keys()].map((id) => [id, null])), own, idle: !bases.has(STREAM_RENDITION) };
}

export class StreamEncodes {
  readonly #options: StreamEncodesOptions;
  /** null: the format that it is set to have */
  #formats = new Map<RenditionId, PictureFormat | null>();
  /** those in H.264, whatever the settings say */
  #ordinary = new Set<RenditionId>();
  /** of those that have not the show's video */
  #own = new Map<RenditionId, OwnVideo>();
  /** the sound once more in AAC */
  #ordinarySound = false;
  /** and as destinations get it on further tracks */
  #trackSounds: ReadonlyMap<SoundId, AudioTrack> = new Map();
  /** opened for connections that are about to come */
  #held: Bases = new Map();
  #busy = false;
  /** settles with the change under way */
  #settled: Promise<unknown> = Promise.resolve();
  /** which show: what a show began must not reach into the next */
  #show = 0;

  constructor(options: StreamEncodesOptions) {
    this.#options = options;
  }

  /** a change is under way: others are not accepted */
  get busy(): boolean {
    return this.#busy;
  }

  /** null: the one that it is set to have */
  format(id: RenditionId): PictureFormat | null {
    return this.#formats.get(id) ?? null;
  }

  /** For a new show, which has these encodes only. */
  reset(bases: Bases = new Map()): void {
    this.#show += 1;
    this.#formats = new Map();
    this.#ordinary = new Set();
    this.#own = new Map();
    this.#ordinarySound = false;
    this.#trackSounds = new Map();
    this.#busy = false;
    this.#held = new Map();
    this.#take(bases);
  }

  /** Opens encodes for connections that are about to come, and keeps them until `release`. */
  async hold(bases: Bases): Promise<void> {
    this.#held = bases;
    this.#take(bases);
    await this.#apply();
  }

  /** Those who come have come. @param bases as held */
  release(bases: Bases): void {
    if (this.#held === bases) this.#held = new Map();
  }

  /** The destination gets an encode of its own. @returns false when it could not, and stays where it was: `prune` clears up */
  split(connection: Connection, bitrateKbps: number): Promise<boolean> {
    return this.#alone(async (isOver) => {
      const { program, publishers } = this.#options;
      const id = this.#freeId();
      this.#formats.set(id, this.format(connection.renditionId));
      if (this.#ordinary.has(connection.base)) this.#ordinary.add(id);
      this.#setOwn(id, connection);
      await this.#apply();
      program.setBitrate(id, bitrateKbps);
      await program.headers(id);
      if (isOver()) return false;
      return publishers.move(connection, id);
    });
  }

  /** The destination comes back to the encode that it shared. @returns false when it stays on its own */
  join(connection: Connection): Promise<boolean> {
    return this.#alone(() => this.#options.publishers.move(connection, connection.base));
  }

  /** The destination goes to the encode that its settings ask for now, which is open. @returns false when it stays where it was */
  place(connection: Connection): Promise<boolean> {
    const { home } = connection;
    return this.#alone(() => this.#options.publishers.move(connection, home, home));
  }

  /** The destinations share an encode in H.264, a sound in AAC, or both from now on. @returns false when one of them has to wait for it still */
  fallBack(connections: readonly Connection[]): Promise<boolean> {
    return this.#alone(async (isOver) => {
      const { program, publishers } = this.#options;
      for (const connection of connections) if (waitsForVideo(connection)) this.#addOrdinary(connection);
      this.#ordinarySound ||= connections.some(waitsForAudio);
      await this.#apply();
      const goOver = async (one: Connection) => {
        const to = waitsForVideo(one) ? ordinaryOf(one.home) : one.renditionId;
        await program.headers(to, one.codecFallback?.audio ? 'ordinary' : 'show');
        if (isOver()) return false;
        if (waitsForAudio(one)) publishers.setSound(one, 'ordinary');
        return !waitsForVideo(one) || publishers.move(one, to, to);
      };
      return (await Promise.all(connections.map(goOver))).every(Boolean);
    });
  }

  /** Another size or frame rate from the next IDR on. The program sees to it that a recording's encode keeps its size. */
  setFormat(id: RenditionId, format: PictureFormat | null): Promise<boolean> {
    return this.#alone(async () => {
      this.#formats.set(id, format);
      await this.#apply();
      return true;
    });
  }

  /** What all encodes give up from the next IDR on; null: nothing. */
  setRelief(relief: ShowWants['relief']): Promise<boolean> {
    return this.#alone(async () => {
      await this.#options.program.change({ relief: relief ?? null });
      return true;
    });
  }

  /**
   * All encodes go on with another profile, as soon as nothing else is under way.
   * @param isNew what was given up for the network or the machine was of other settings, and is had again
   * @throws StudioError why an encode does not come up with it; the old ones are closed then
   */
  async follow(profile: Profile, isNew: boolean): Promise<void> {
    while (this.#busy) await this.#settled;
    let failure: unknown;
    await this.#alone(async () => {
      const { program, publishers } = this.#options;
      const foreseen = publishers.foresee(profile);
      await this.#goAhead(foreseen);
      const toAac = foreseen.filter(({ audio }) => audio);
      this.#ordinarySound ||= toAac.length > 0;
      if (isNew) for (const id of this.#formats.keys()) this.#formats.set(id, null);
      try {
        const wants = { streams: new Map(this.#formats), ordinarySound: this.#ordinarySound, ...(isNew && { relief: null }) };
        await program.follow(profile, wants);
        for (const { connection } of toAac) publishers.setSound(connection, 'ordinary');
        await program.audioHeader();
        publishers.settle([]); // before the pictures are there: a sound in AAC beside a show in Opus is gone already
        await program.allHeaders((id) => !this.#isTrackAlone(id));
      } catch (error) {
        failure = error;
      }
      publishers.settle(foreseen);
      return true;
    });
    if (failure !== undefined) throw failure;
  }

  /** To H.264, of what the show is still: who gets there too late goes when the server refuses what has come. */
  async #goAhead(foreseen: readonly Foreseen[]): Promise<void> {
    const { program, publishers, log } = this.#options;
    const connections = foreseen.flatMap(({ connection, video }) => (video ? [connection] : []));
    if (connections.length === 0) return;
    for (const connection of connections) this.#addOrdinary(connection);
    try {
      await this.#apply();
      const goOver = async (connection: Connection) => {
        const to = ordinaryOf(connection.home);
        await program.headers(to);
        return publishers.move(connection, to, to);
      };
      await Promise.all(connections.map(goOver));
    } catch (error) {
      log.warn(`encodes: not in H.264 in time: ${String(error)}`);
    }
  }

  /** Closes the encodes that no destination takes any more; they come back when one does. */
  prune(): void {
    const used = this.#used();
    if (used.size === 0) return; // those who are about to come may take what there is
    const missing = this.#missing();
    const unused = [...this.#formats.keys()].find((id) => id !== STREAM_RENDITION && !used.has(id));
    const idle = isIdle(used);
    const ordinarySound = this.#options.publishers.connections.some(({ codecFallback }) => codecFallback?.audio);
    const trackSounds = this.#tracks(({ sounds }) => sounds);
    const isSameSound = ordinarySound === this.#ordinarySound && isSameKeys(trackSounds, this.#trackSounds);
    const isSettled = idle !== this.#options.program.streamsFirst && isSameSound;
    if (!unused && missing.size === 0 && isSettled) return;
    void this.#alone(async () => {
      if (unused) {
        this.#formats.delete(unused);
        this.#ordinary.delete(unused);
        this.#own.delete(unused);
      }
      this.#ordinarySound = ordinarySound;
      this.#trackSounds = trackSounds;
      this.#take(missing);
      await this.#apply();
      return true;
    });
  }

  #apply(): Promise<void> {
    const idle = isIdle(this.#used());
    const [streams, ordinary, own] = [new Map(this.#formats), new Set(this.#ordinary), new Map(this.#own)];
    const sounds = { ordinarySound: this.#ordinarySound, trackSounds: this.#trackSounds };
    return this.#options.program.change({ streams, ordinary, own, ...sounds, idle });
  }

  #take(bases: Bases): void {
    for (const [id, own] of bases) {
      if (own === null) continue;
      this.#own.set(id, own);
      if (!this.#formats.has(id)) this.#formats.set(id, null);
    }
  }

  /** Of one that begins anew after it got H.264 in the place of its own video; and of tracks, which nobody has waited for. */
  #missing(): Bases {
    const { connections } = this.#options.publishers;
    const missing = connections.filter(({ base, home, outlet }) => base === home && outlet.destination.video && !this.#formats.has(home));
    const tracks = [...this.#tracks(({ encodes }) => encodes)].filter(([id]) => !this.#formats.has(id));
    return new Map([...missing.map(({ home, outlet }) => [home, outlet.destination.video] as const), ...tracks]);
  }

  #addOrdinary(connection: Connection): void {
    const id = ordinaryOf(connection.home);
    if (this.#formats.has(id)) return;
    this.#formats.set(id, this.format(connection.home));
    this.#ordinary.add(id);
    this.#setOwn(id, connection);
  }

  #setOwn(id: RenditionId, { outlet }: Connection): void {
    const own = outlet.destination.video;
    if (own) this.#own.set(id, own);
  }

  /** What is taken, shared while one of those is away, or about to be taken. */
  #used(): Set<RenditionId> {
    const { connections } = this.#options.publishers;
    const taken = connections.flatMap(({ renditionId, base, home, misplaced }) => [renditionId, base, ...(misplaced ? [home] : [])]);
    return new Set([...this.#held.keys(), ...taken, ...this.#tracks(({ encodes }) => encodes).keys()]);
  }

  #tracks<Id, T>(of: (tracks: TracksTaken) => ReadonlyMap<Id, T>): Map<Id, T> {
    return new Map(this.#options.publishers.connections.flatMap(({ tracks }) => [...of(tracks)]));
  }

  /** Nobody's first picture: a show does without it. */
  #isTrackAlone(id: RenditionId): boolean {
    const { connections } = this.#options.publishers;
    const takers = connections.filter(({ tracks }) => tracks.encodes.has(id));
    return takers.length > 0 && connections.every(({ renditionId, base }) => renditionId !== id && base !== id);
  }

  #freeId(): RenditionId {
    let number = 2;
    while (this.#formats.has(RenditionId.parse(`stream-${number}`))) number += 1;
    return RenditionId.parse(`stream-${number}`);
  }

  /** @returns false when it failed, or something else is under way */
  async #alone(change: (isOver: () => boolean) => Promise<boolean>): Promise<boolean> {
    if (this.#busy) return false;
    const show = this.#show;
    const isOver = () => show !== this.#show;
    this.#busy = true;
    const done = Promise.withResolvers<void>();
    this.#settled = done.promise;
    try {
      return await change(isOver);
    } catch (error) {
      if (!isOver()) this.#options.log.warn(`encodes: a change failed: ${String(error)}`);
      return false;
    } finally {
      if (!isOver()) this.#busy = false;
      done.resolve();
    }
  }
}
