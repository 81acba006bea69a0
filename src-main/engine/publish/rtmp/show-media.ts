/** What a show is made of, as one destination gets it: its headers, which track each belongs to, and clocks without jumps. */
import type { AudioHeader, MediaHeader, MediaPacket, VideoHeader } from '../../../process/packet.ts';
import type { EnhancedNeeds } from '../../../wire/rtmp/enhanced.ts';
import { ClockCorrector } from '../clock-corrector.ts';
import type { ClockJump, PublisherOptions } from '../publisher.ts';
import { type TrackOf, trackOf } from '../tracks.ts';
import { allOf, type Headers } from './rtmp-sender.ts';

/** What is sent, by the headers; without them, an ordinary show. */
const DEFAULT_TOTAL_KBPS = 2_500;

export class ShowMedia {
  readonly trackOf: TrackOf;
  readonly headers: Headers = { video: null, audio: null, others: [] };
  readonly #tracks: PublisherOptions['tracks'];
  /** by track, since the tracks of a kind have the same times */
  readonly #correctors = new Map<number, ClockCorrector>();

  constructor(tracks: PublisherOptions['tracks']) {
    this.#tracks = tracks;
    this.trackOf = trackOf(tracks);
  }

  /** what a connection has to be asked for */
  get needs(): EnhancedNeeds {
    const { video, audio, others } = this.headers;
    const multitrack = others.length > 0 || (this.#tracks?.length ?? 0) > 1;
    return { video: video?.codec ?? 'h264', audio: audio?.codec ?? 'aac', multitrack };
  }

  get totalKbps(): number {
    return this.headers.video ? allOf(this.headers).reduce((sum, { bitrateKbps }) => sum + bitrateKbps, 0) : DEFAULT_TOTAL_KBPS;
  }

  /** @returns whether it says anything new; null: of a track that is not carried */
  keep(header: VideoHeader | AudioHeader): { isNew: boolean } | null {
    const track = this.trackOf(header);
    if (track === null) return null;
    const { headers } = this;
    const before = allOf(headers).find((one) => one.kind === header.kind && this.trackOf(one) === track) ?? null;
    if (track > 0) headers.others = [...headers.others.filter((one) => one.header !== before), { track, header }];
    else if (header.kind === 'video') headers.video = header;
    else headers.audio = header;
    return { isNew: !isSame(before, header) };
  }

  /** The packet at its right time. @param onJump when the clock it came with has jumped, which was taken out */
  correct(raw: MediaPacket, track: number, nowUs: number, onJump: (jump: ClockJump) => void): MediaPacket {
    let corrector = this.#correctors.get(track);
    if (!corrector) this.#correctors.set(track, (corrector = new ClockCorrector()));
    const { packet, jumpUs } = corrector.correct(raw, nowUs);
    if (jumpUs !== 0) onJump({ kind: raw.kind, jumpUs });
    return packet;
  }
}

function isSame(a: MediaHeader | null, b: MediaHeader): boolean {
  return a !== null && a.config.length === b.config.length && a.config.every((byte, i) => byte === b.config[i]);
}
