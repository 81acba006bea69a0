/** What a program has still to write: the product's own queue, or one without an end. */
import { KINDS, type MediaKind, MediaQueue } from '../../../src-main/engine/publish/media-queue.ts';
import type { MediaPacket } from '../../../src-main/process/packet.ts';
import { RenditionId } from '../../../src-shared/domain/index.ts';
import { US_PER_MS } from '../../../src-shared/units.ts';
import type { Unit } from './unit.ts';

export interface Queue {
  push(unit: Unit): void;
  shift(): Unit | undefined;
  /** for a new connection: nothing waits, and nothing comes before an IDR */
  restart(): void;
  readonly bytes: number;
  readonly oldestMs: number | null;
  readonly wantsIdr: boolean;
}

/** The product's own. */
export class DroppingQueue implements Queue {
  readonly #queue: MediaQueue;
  readonly #units = new Map<MediaPacket, Unit>();

  constructor(maxMs: number, aheadUs: (kind: MediaKind) => number | null) {
    this.#queue = new MediaQueue(maxMs, aheadUs);
  }

  get bytes(): number {
    return this.#queue.bytes;
  }

  get oldestMs(): number | null {
    const oldestUs = KINDS.flatMap((kind) => this.#queue.oldestUs(kind) ?? []);
    return oldestUs.length === 0 ? null : Math.min(...oldestUs) / US_PER_MS;
  }

  get wantsIdr(): boolean {
    return this.#queue.wantsIdr;
  }

  push(unit: Unit): void {
    const packet = packetOf(unit);
    this.#units.set(packet, unit);
    this.#queue.push(packet);
  }

  shift(): Unit | undefined {
    const item = this.#queue.shift();
    if (item?.type !== 'packet') return undefined;
    const unit = this.#units.get(item.packet);
    this.#units.delete(item.packet);
    return unit;
  }

  dropToIdr(): void {
    this.#queue.dropToIdr();
  }

  restart(): void {
    this.#queue.restart();
    this.#units.clear();
  }
}

export class EndlessQueue implements Queue {
  #units: Unit[] = [];
  #head = 0;
  bytes = 0;
  readonly wantsIdr = false;

  get oldestMs(): number | null {
    return this.#units[this.#head]?.encodedMs ?? null;
  }

  push(unit: Unit): void {
    this.#units.push(unit);
    this.bytes += unit.bytes;
  }

  shift(): Unit | undefined {
    const unit = this.#units[this.#head];
    if (!unit) return undefined;
    this.bytes -= unit.bytes;
    this.#head += 1;
    if (this.#head > 1_000) this.#head -= this.#units.splice(0, this.#head).length;
    return unit;
  }

  restart(): void {
    this.#units = [];
    this.#head = 0;
    this.bytes = 0;
  }
}

/** What the bytes are means nothing to a queue. */
const BYTES = new Uint8Array(4 * 1_024 * 1_024);
const RENDITION = RenditionId.parse('main');

function packetOf(unit: Unit): MediaPacket {
  const ptsUs = unit.encodedMs * US_PER_MS;
  const data = BYTES.subarray(0, unit.bytes);
  if (unit.kind === 'audio') return { kind: 'audio', ptsUs, durationUs: 21_333, data };
  const times = { ptsUs, dtsUs: ptsUs, durationUs: 33_333, tick: 0, captureTimeUs: ptsUs };
  return { kind: 'video', renditionId: RENDITION, ...times, key: unit.key, repeated: false, data };
}
