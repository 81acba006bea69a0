/** What a show is made of, as one destination gets it: its headers, which track each belongs to, and clocks without jumps. */
import type { AudioHeader, MediaHeader, MediaPacket, VideoHeader } from '../../../process/packet.ts';
import type { EnhancedNeeds } from '../../../wire/rtmp/enhanced.ts';
import { ClockCorrector } from '../clock-corrector.ts';
import type { ClockJump } from '../publisher.ts';
import { trackOf } from '../tracks.ts';
import { allOf, type Headers } from './rtmp-sender.ts';

/** What is sent, by the headers; without them, an ordinary show. */
const DEFAULT_TOTAL_KBPS = 2_500;

export class ShowMedia {
  readonly headers: Headers = { video: null, audio: null, others: [] };
  readonly #multitrack: boolean;
  /** by track, since the tracks of a kind have the same times */
  readonly #correctors = new Map<number, ClockCorrector>();

  /** @param multitrack further tracks are going to come */
  constructor(multitrack: boolean) {
    this.#multitrack = multitrack;
  }

  /** what a connection has to be asked for */
  get needs(): EnhancedNeeds {
    const { video, audio, others } = this.headers;
    const multitrack = this.#multitrack || others.length > 0;
    return { video: video?.codec ?? 'h264', audio: audio?.codec ?? 'aac', multitrack };
  }

  get totalKbps(): number {
    return this.headers.video ? allOf(this.headers).reduce((sum, { bitrateKbps }) => sum + bitrateKbps, 0) : DEFAULT_TOTAL_KBPS;
  }

  /** @returns whether it says anything new */
  keep(header: VideoHeader | AudioHeader): boolean {
    const track = trackOf(header);
    const { headers } = this;
    const before = allOf(headers).find((one) => one.kind === header.kind && trackOf(one) === track) ?? null;
    if (track > 0) headers.others = [...headers.others.filter((one) => one.header !== before), { track, header }];
    else if (header.kind === 'video') headers.video = header;
    else headers.audio = header;
    return !isSame(before, header);
  }

  /** The packet at its right time. @param onJump when the clock it came with has jumped, which was taken out */
  correct(raw: MediaPacket, nowUs: number, onJump: (jump: ClockJump) => void): MediaPacket {
    const track = trackOf(raw);
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
