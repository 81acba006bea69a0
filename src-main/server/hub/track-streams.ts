/** A publisher's further tracks: each choice of a picture and a sound is a stream of its own while somebody watches it. */
import { type AmfObject, asObject } from '../../wire/amf0.ts';
import { fourCcNumber } from '../../wire/flv-extended.ts';
import { AUDIO_FOURCC } from '../../wire/flv-extended-audio.ts';
import { VIDEO_FOURCC } from '../../wire/flv-extended-video.ts';

/** Which picture with which sound; 0 is the default of either. */
export interface TrackChoice {
  video: number;
  audio: number;
}

type Kind = keyof TrackChoice;

/** OBS and Twitch send five pictures at most; a peer must not fill the memory with headers */
const TRACK_MAX = 15;
const HEADER_BYTES_MAX = 64 * 1_024;
/** what onMetaData says of the default tracks */
const ABOUT = {
  video: ['width', 'height', 'framerate', 'videocodecid', 'videodatarate'],
  audio: ['audiocodecid', 'audiodatarate', 'audiosamplerate', 'audiosamplesize', 'audiochannels', 'stereo'],
} as const;
const MAPS = { video: 'videoTrackIdInfoMap', audio: 'audioTrackIdInfoMap' } as const;
/** those that leave in the tags of old */
const OLD_NUMBERS = new Map([
  [fourCcNumber(VIDEO_FOURCC.h264), 7],
  [fourCcNumber(AUDIO_FOURCC.aac), 10],
]);

/** @param query what follows the name of a stream, such as `video=1&audio=1` @returns null: no such tracks can be */
export function parseTrackChoice(query: string): TrackChoice | null {
  const asked = new URLSearchParams(query);
  const [video, audio] = (['video', 'audio'] as const).map((kind) => Number(asked.get(kind) ?? 0));
  const isTrack = (id: number | undefined): id is number => id !== undefined && Number.isInteger(id) && id >= 0 && id <= TRACK_MAX;
  return isTrack(video) && isTrack(audio) ? { video, audio } : null;
}

/** @returns what is left for who gets the default tracks alone */
export function withoutMaps({ [MAPS.video]: _video, [MAPS.audio]: _audio, ...entries }: AmfObject): AmfObject {
  return entries;
}

/** onMetaData for a choice of tracks. @see Enhanced RTMP v2, Enhancing onMetaData */
function describe(entries: AmfObject, choice: TrackChoice): AmfObject {
  let described = withoutMaps(entries);
  for (const kind of ['video', 'audio'] as const) {
    const track = choice[kind];
    if (track === 0) continue;
    const about = asObject(asObject(entries[MAPS[kind]])?.[track]) ?? {};
    const others = Object.entries(described).filter(([name]) => !(ABOUT[kind] as readonly string[]).includes(name));
    described = { ...Object.fromEntries(others), ...about };
    const name = `${kind}codecid`;
    const codec = about[name];
    if (typeof codec === 'number') described[name] = OLD_NUMBERS.get(codec) ?? codec;
  }
  return described;
}

interface Lease {
  metadata(entries: AmfObject): void;
  media(kind: Kind, timestampMs: number, body: Uint8Array): void;
  release(): void;
}

/** A stream like that of the default tracks. */
interface Stream {
  readonly viewers: number;
  publish(publisher: { dismiss(): void }): Lease | null;
  tick(): void;
  close(): void;
}

interface Chosen<S> {
  choice: TrackChoice;
  stream: S;
  /** null while nobody publishes */
  lease: Lease | null;
}

export class TrackStreams<S extends Stream> {
  readonly #make: () => S;
  readonly #chosen = new Map<string, Chosen<S>>();
  /** of this publisher, with those of the default tracks */
  readonly #headers: Record<Kind, Map<number, Uint8Array>> = { video: new Map(), audio: new Map() };
  #metadata: AmfObject | null = null;
  #isPublishing = false;

  constructor(make: () => S) {
    this.#make = make;
  }

  /** Tracks whose headers have come, in order. */
  ids(kind: Kind): number[] {
    return [...this.#headers[kind].keys()].sort((a, b) => a - b);
  }

  get viewers(): number {
    return [...this.#chosen.values()].reduce((sum, { stream }) => sum + stream.viewers, 0);
  }

  /** @returns null when a publisher is there that sends no such tracks */
  choose(choice: TrackChoice): S | null {
    const isThere = (kind: Kind) => choice[kind] === 0 || this.#headers[kind].has(choice[kind]);
    if (this.#isPublishing && !(isThere('video') && isThere('audio'))) return null;
    const key = `${choice.video} ${choice.audio}`;
    let chosen = this.#chosen.get(key);
    if (!chosen) {
      chosen = { choice, stream: this.#make(), lease: null };
      this.#chosen.set(key, chosen);
      if (this.#isPublishing) this.#begin(chosen);
    }
    return chosen.stream;
  }

  /** Another publisher, or the same one anew. */
  restart(): void {
    this.release();
    this.#metadata = null;
    for (const headers of Object.values(this.#headers)) headers.clear();
    this.#isPublishing = true;
    for (const chosen of this.#chosen.values()) this.#begin(chosen);
  }

  release(): void {
    this.#isPublishing = false;
    for (const chosen of this.#chosen.values()) {
      chosen.lease?.release();
      chosen.lease = null;
    }
  }

  metadata(entries: AmfObject): void {
    this.#metadata = entries;
    for (const { choice, lease } of this.#chosen.values()) lease?.metadata(describe(entries, choice));
  }

  header(kind: Kind, track: number, body: Uint8Array): void {
    if (track <= TRACK_MAX && (track === 0 || body.length <= HEADER_BYTES_MAX)) this.#headers[kind].set(track, body);
  }

  media(kind: Kind, track: number, timestampMs: number, body: Uint8Array): void {
    for (const { choice, lease } of this.#chosen.values()) if (choice[kind] === track) lease?.media(kind, timestampMs, body);
  }

  /** To be called each second: what nobody watches is made no longer. */
  tick(): void {
    for (const [key, { stream, lease }] of this.#chosen) {
      stream.tick();
      if (stream.viewers > 0) continue;
      this.#chosen.delete(key);
      lease?.release();
    }
  }

  close(): void {
    for (const { stream } of this.#chosen.values()) stream.close();
    this.#chosen.clear();
  }

  #begin(chosen: Chosen<S>): void {
    const { choice, stream } = chosen;
    const lease = stream.publish({ dismiss: () => {} });
    chosen.lease = lease;
    if (this.#metadata) lease?.metadata(describe(this.#metadata, choice));
    for (const kind of ['video', 'audio'] as const) {
      const header = this.#headers[kind].get(choice[kind]);
      if (header) lease?.media(kind, 0, header);
    }
  }
}
