/** The media that one destination has still to send. Full, it drops video to the next IDR, and never sound. */
import { US_PER_MS } from '../../../src-shared/units.ts';
import type { MediaHeader, MediaPacket, VideoPacket } from '../../process/packet.ts';

export type QueueItem = { type: 'header'; header: MediaHeader } | { type: 'packet'; packet: MediaPacket };

/** `start`: nothing may begin before an IDR. `idr`: the picture is broken until one, the sound goes on. */
type Awaiting = 'nothing' | 'idr' | 'start';

export class MediaQueue {
  readonly #maxUs: number;
  #items: QueueItem[] = [];
  #awaiting: Awaiting = 'start';
  #bytes = 0;

  constructor(maxMs: number) {
    this.#maxUs = maxMs * US_PER_MS;
  }

  get length(): number {
    return this.#items.length;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Whether an IDR from the encoder would help. */
  get awaitsIdr(): boolean {
    return this.#awaiting !== 'nothing';
  }

  /** From the oldest to the newest sound that waits; nothing bounds it but the connection's end. */
  get audioSpanMs(): number {
    return spanUs(this.#packets().filter(({ kind }) => kind === 'audio')) / US_PER_MS;
  }

  /** Decoding time of the oldest packet; null when empty. */
  get oldestUs(): number | null {
    const [first] = this.#packets();
    return first ? timeUs(first) : null;
  }

  /** Empties the queue for a new connection, which begins with an IDR. @returns video frames dropped */
  restart(): number {
    const dropped = this.#videos().length;
    this.#items = [];
    this.#bytes = 0;
    this.#awaiting = 'start';
    return dropped;
  }

  /** A header goes in its place among the packets and is never dropped. */
  pushHeader(header: MediaHeader): void {
    this.#items.push({ type: 'header', header });
    if (header.kind === 'video' && this.#awaiting === 'nothing') this.#awaiting = 'idr';
  }

  /** @returns video frames dropped, this one included if it was */
  push(packet: MediaPacket): number {
    if (packet.kind === 'audio') {
      if (this.#awaiting !== 'start') this.#add(packet);
      return 0;
    }
    if (this.#awaiting !== 'nothing') {
      if (!packet.key) return 1;
      this.#awaiting = 'nothing';
    }
    this.#add(packet);
    return spanUs(this.#videos()) > this.#maxUs ? this.#overflow() : 0;
  }

  shift(): QueueItem | undefined {
    const item = this.#items.shift();
    if (item?.type === 'packet') this.#bytes -= item.packet.data.length;
    return item;
  }

  /** Goes on from the newest IDR in the queue if that is enough, else from the next one to come. */
  #overflow(): number {
    const videos = this.#videos();
    const newestKey = videos.findLastIndex(({ key }) => key);
    const enough = newestKey > 0 && spanUs(videos.slice(newestKey)) <= this.#maxUs;
    const doomed = new Set<MediaPacket>(enough ? videos.slice(0, newestKey) : videos);
    this.#items = this.#items.filter((item) => item.type === 'header' || !doomed.has(item.packet));
    for (const packet of doomed) this.#bytes -= packet.data.length;
    if (!enough) this.#awaiting = 'idr';
    return doomed.size;
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

function spanUs(packets: MediaPacket[]): number {
  const first = packets[0];
  const last = packets.at(-1);
  return first && last ? timeUs(last) - timeUs(first) : 0;
}
