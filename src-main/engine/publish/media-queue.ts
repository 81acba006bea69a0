/** The media that one destination has still to send. When it comes to be too late, video is dropped to the next IDR; sound never is. */
import { US_PER_MS } from '../../../src-shared/units.ts';
import type { MediaHeader, MediaPacket, VideoPacket } from '../../process/packet.ts';
import { trackOf } from './tracks.ts';

export type QueueItem = { type: 'header'; header: MediaHeader } | { type: 'packet'; packet: MediaPacket };

export type MediaKind = MediaPacket['kind'];

export const KINDS = ['video', 'audio'] as const;

/** `start`: nothing may begin before an IDR. `idr`: the picture is broken until one, the sound goes on. */
type Awaiting = 'nothing' | 'idr' | 'start';

export class MediaQueue {
  readonly #maxUs: number;
  readonly #aheadUs: (kind: MediaKind) => number | null;
  /** further tracks, and whether their pictures flow; otherwise they wait for an IDR of their own, not before the default track's */
  readonly #flowing = new Map<number, boolean>();
  #items: QueueItem[] = [];
  #awaiting: Awaiting = 'start';
  #bytes = 0;
  readonly #newestUs: Record<MediaKind, number> = { video: 0, audio: 0 };

  /**
   * @param maxMs how late a picture may be: decoding time since the oldest of its kind that has not arrived. Each kind by
   *   itself, since an encoder may be later with one than with the other
   * @param aheadUs decoding time of the oldest of a kind that has left this queue and has not arrived; null: all has
   */
  constructor(maxMs: number, aheadUs: (kind: MediaKind) => number | null = () => null) {
    this.#maxUs = maxMs * US_PER_MS;
    this.#aheadUs = aheadUs;
  }

  get length(): number {
    return this.#items.length;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /**
   * Whether an IDR from the encoder would help. Not while there is still much ahead of it: it would come late, and
   * make what follows later still.
   */
  get wantsIdr(): boolean {
    return (this.#awaiting !== 'nothing' || [...this.#flowing.values()].includes(false)) && this.#takesIdr();
  }

  /** From the oldest to the newest sound that waits; nothing bounds it but the connection's end. */
  get audioSpanMs(): number {
    const sounds = this.#packets().filter(({ kind }) => kind === 'audio');
    const [first] = sounds;
    return first ? (timeUs(sounds.at(-1) as MediaPacket) - timeUs(first)) / US_PER_MS : 0;
  }

  /** Decoding time of the oldest packet of a kind that waits; null: none does. */
  oldestUs(kind: MediaKind): number | null {
    for (const item of this.#items) if (item.type === 'packet' && item.packet.kind === kind) return timeUs(item.packet);
    return null;
  }

  /** Decoding time of the newest packet of a kind that was offered, dropped or not. */
  newestUs(kind: MediaKind): number {
    return this.#newestUs[kind];
  }

  /** Empties the queue for a new connection, which begins with an IDR. @returns video frames dropped */
  restart(): number {
    const dropped = this.#videos().length;
    this.#items = [];
    this.#bytes = 0;
    this.#awaiting = 'start';
    this.#breakFurther();
    return dropped;
  }

  /** A header goes in its place among the packets and is never dropped. */
  pushHeader(header: MediaHeader): void {
    this.#items.push({ type: 'header', header });
    if (header.kind !== 'video') return;
    if (trackOf(header) > 0) this.#flowing.set(trackOf(header), false);
    else if (this.#awaiting === 'nothing') this.#awaiting = 'idr';
  }

  /** @returns video frames dropped, this one included if it was */
  push(packet: MediaPacket): number {
    this.#newestUs[packet.kind] = timeUs(packet);
    if (packet.kind === 'audio') {
      if (this.#awaiting !== 'start') this.#add(packet);
      return 0;
    }
    const track = trackOf(packet);
    if (track > 0) {
      const flows = this.#awaiting === 'nothing' && (packet.key || this.#flowing.get(track) === true);
      this.#flowing.set(track, flows);
      if (!flows) return 1;
    } else if (this.#awaiting !== 'nothing') {
      if (!packet.key || !this.#takesIdr()) return 1;
      this.#awaiting = 'nothing';
    }
    this.#add(packet);
    return this.#delayUs() > this.#maxUs ? this.dropToIdr() : 0;
  }

  shift(): QueueItem | undefined {
    const item = this.#items.shift();
    if (item?.type === 'packet') this.#bytes -= item.packet.data.length;
    return item;
  }

  /** Drops the pictures that wait, and those that come until an IDR. @returns video frames dropped */
  dropToIdr(): number {
    const videos = this.#videos();
    this.#items = this.#items.filter((item) => item.type === 'header' || item.packet.kind === 'audio');
    for (const { data } of videos) this.#bytes -= data.length;
    if (this.#awaiting === 'nothing') this.#awaiting = 'idr';
    this.#breakFurther();
    return videos.length;
  }

  #breakFurther(): void {
    for (const track of this.#flowing.keys()) this.#flowing.set(track, false);
  }

  /** Once half of what was late has gone, so that a slow link gets whole seconds of picture, not single ones. */
  #takesIdr(): boolean {
    return this.#delayUs() <= this.#maxUs / 2;
  }

  /** How late the newest of either kind would be if all before it went now. */
  #delayUs(): number {
    const delays = KINDS.map((kind) => {
      const newestUs = this.#newestUs[kind];
      return newestUs - Math.min(this.#aheadUs(kind) ?? newestUs, this.oldestUs(kind) ?? newestUs);
    });
    return Math.max(...delays);
  }

  #add(packet: MediaPacket): void {
    this.#items.push({ type: 'packet', packet });
    this.#bytes += packet.data.length;
  }

  #packets(): MediaPacket[] {
    return this.#items.flatMap((item) => (item.type === 'packet' ? [item.packet] : []));
  }

  #videos(): VideoPacket[] {
    return this.#packets().filter((packet) => packet.kind === 'video');
  }
}

/** Decoding time: sound is decoded when it is heard. */
export function timeUs(packet: MediaPacket): number {
  return packet.kind === 'video' ? packet.dtsUs : packet.ptsUs;
}
