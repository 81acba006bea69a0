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
export type TracksTaken = Pick<ConnectionTracks, 'encodes' | 'sounds' | 'bitrateKbps' | 'status'>;

export const hasTracks = (destination: Destination): boolean => {
  const { video, audio } = tracksOf(destination);
  return video.length + audio.length > 0;
};

export class ConnectionTracks {
  readonly #isWanted: boolean;
  #video: Track<OwnVideo, RenditionId>[];
  #audio: Track<AudioTrack, SoundId>[];
  #failure: Failure | null = null;

  constructor(program: Program, destination: Destination, publisher: MediaSink) {
    const { video, audio } = tracksOf(destination);
    this.#isWanted = hasTracks(destination);
    const sink = (track: number): MediaSink => ({
      setHeader: (header) => publisher.setHeader({ ...header, track }),
      write: (packet) => publisher.write({ ...packet, track }),
    });
    this.#video = video.map((settings, i) => {
      const id = renditionOf(settings);
      return { number: i + 1, id, settings, unsubscribe: program.subscribe(id, sink(i + 1), null) };
    });
    this.#audio = audio.map((settings, i) => {
      const id = soundOf(settings);
      return { number: i + 1, id, settings, unsubscribe: program.hear(id, sink(i + 1)) };
    });
  }

  /** the encodes that it takes, and what they are to be like */
  get encodes(): ReadonlyMap<RenditionId, OwnVideo> {
    return new Map(this.#video.map(({ id, settings }) => [id, settings]));
  }

  get sounds(): ReadonlyMap<SoundId, AudioTrack> {
    return new Map(this.#audio.map(({ id, settings }) => [id, settings]));
  }

  /** what they add to the connection's first picture and sound */
  get bitrateKbps(): number {
    return [...this.#video, ...this.#audio].reduce((sum, { settings }) => sum + settings.bitrateKbps, 0);
  }

  /** null: it is set to get none */
  get status(): TracksStatus | null {
    return this.#isWanted ? { video: this.#video.length, audio: this.#audio.length, failure: this.#failure } : null;
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
}
