/** The further tracks of one connection: takes their encodes and sounds off the program, and hands them on with their numbers. */
import type { Unsubscribe } from '../../../src-shared/disposable.ts';
import {
  type AudioTrack,
  type Destination,
  type OwnVideo,
  type RenditionId,
  renditionOf,
  type SoundId,
  soundOf,
  type TracksStatus,
  tracksOf,
} from '../../../src-shared/domain/index.ts';
import type { Failure } from '../../../src-shared/errors.ts';
import type { MediaSink, Program } from './program.ts';

interface Track<T, Id> {
  /** from 1 on, in each kind */
  number: number;
  id: Id;
  settings: T;
  unsubscribe: Unsubscribe;
}

/** What others may know of it. */
export type TracksTaken = Pick<ConnectionTracks, 'encodes' | 'sounds' | 'bitrateKbps' | 'status' | 'pausable' | 'isPaused'>;

export const hasTracks = (destination: Destination): boolean => {
  const { video, audio } = tracksOf(destination);
  return video.length + audio.length > 0;
};

export class ConnectionTracks {
  readonly #program: Program;
  readonly #publisher: MediaSink;
  readonly #isWanted: boolean;
  #video: Track<OwnVideo, RenditionId>[];
  #audio: Track<AudioTrack, SoundId>[];
  #failure: Failure | null = null;
  #isPaused = false;

  constructor(program: Program, destination: Destination, publisher: MediaSink) {
    this.#program = program;
    this.#publisher = publisher;
    const { video, audio } = tracksOf(destination);
    this.#isWanted = hasTracks(destination);
    this.#video = video.map((settings, i) => ({ number: i + 1, id: renditionOf(settings), settings, unsubscribe: () => {} }));
    this.#subscribe();
    this.#audio = audio.map((settings, i) => {
      const id = soundOf(settings);
      return { number: i + 1, id, settings, unsubscribe: program.hear(id, this.#sink(i + 1)) };
    });
  }

  /** the encodes that it takes, and what they are to be like */
  get encodes(): ReadonlyMap<RenditionId, OwnVideo> {
    return new Map(this.#sent.map(({ id, settings }) => [id, settings]));
  }

  get sounds(): ReadonlyMap<SoundId, AudioTrack> {
    return new Map(this.#audio.map(({ id, settings }) => [id, settings]));
  }

  /** what they add to the connection's first picture and sound */
  get bitrateKbps(): number {
    return [...this.#sent, ...this.#audio].reduce((sum, { settings }) => sum + settings.bitrateKbps, 0);
  }

  /** null: it is set to get none */
  get status(): TracksStatus | null {
    const counts = { video: this.#sent.length, audio: this.#audio.length };
    return this.#isWanted ? { ...counts, paused: this.#isPaused, failure: this.#failure } : null;
  }

  /** there are pictures that may give way */
  get pausable(): boolean {
    return this.#video.length > 0;
  }

  get isPaused(): boolean {
    return this.#isPaused;
  }

  /** No further pictures for now, or all of them again; the sounds stay. */
  pause(isPaused: boolean): void {
    if (isPaused === this.#isPaused) return;
    this.#isPaused = isPaused;
    if (isPaused) for (const { unsubscribe } of this.#video) unsubscribe();
    else this.#subscribe();
  }

  /** The server does not take it: it is made no longer for this one. @returns whether it is the first that is left out */
  leaveOut(kind: 'video' | 'audio', number: number, failure: Failure): boolean {
    const tracks: readonly Track<unknown, unknown>[] = kind === 'video' ? this.#video : this.#audio;
    tracks.find((track) => track.number === number)?.unsubscribe();
    this.#video = this.#video.filter((track) => kind !== 'video' || track.number !== number);
    this.#audio = this.#audio.filter((track) => kind !== 'audio' || track.number !== number);
    const isFirst = this.#failure === null;
    this.#failure ??= failure;
    return isFirst;
  }

  close(): void {
    for (const { unsubscribe } of [...this.#video, ...this.#audio]) unsubscribe();
  }

  get #sent(): readonly Track<OwnVideo, RenditionId>[] {
    return this.#isPaused ? [] : this.#video;
  }

  #subscribe(): void {
    for (const track of this.#video) track.unsubscribe = this.#program.subscribe(track.id, this.#sink(track.number), null);
  }

  #sink(track: number): MediaSink {
    return {
      setHeader: (header) => this.#publisher.setHeader({ ...header, track }),
      write: (packet) => this.#publisher.write({ ...packet, track }),
    };
  }
}
