/**
 * Flash Video: the file, its tags, and the bodies of video, audio and script tags, which RTMP messages carry too.
 * @see Adobe Flash Video File Format Specification 10.1, annex E
 */
import { AmfArray, type AmfObject, asObject, decode, encode } from './amf0.ts';
import { ByteReader } from './byte-reader.ts';
import { ByteWriter } from './byte-writer.ts';
import { WireError } from './wire-error.ts';

/** E.4.1; the same numbers are RTMP message types. */
export const TAG = { audio: 8, video: 9, script: 18 } as const;

export interface FlvTag {
  type: number;
  /** modulo 2^32 */
  timestampMs: number;
  data: Uint8Array;
}

const FILE_HEADER_BYTES = 9;
const PREVIOUS_SIZE_BYTES = 4;
export const TAG_HEADER_BYTES = 11;
/** what a tag has beside its data */
export const TAG_BYTES = TAG_HEADER_BYTES + PREVIOUS_SIZE_BYTES;
/** a tag's length has 24 bits */
export const TAG_DATA_MAX_BYTES = 0xffffff;

/** The header and the zero PreviousTagSize that follows it. @see E.2 */
export function buildFileHeader({ video, audio }: { video: boolean; audio: boolean }): Uint8Array {
  return Uint8Array.of(0x46, 0x4c, 0x56, 1, (audio ? 4 : 0) | (video ? 1 : 0), 0, 0, 0, FILE_HEADER_BYTES, 0, 0, 0, 0);
}

/** A tag with its PreviousTagSize. @see E.4.1 */
export function buildTag(tag: FlvTag): Uint8Array {
  return writeTag(new ByteWriter(TAG_BYTES + tag.data.length), tag).finish();
}

/** The same behind what was written already. */
export function writeTag(writer: ByteWriter, { type, timestampMs, data }: FlvTag): ByteWriter {
  if (data.length > TAG_DATA_MAX_BYTES) throw new WireError('an FLV tag is too long');
  return writer
    .u8(type)
    .u24(data.length)
    .u24(timestampMs & 0xffffff)
    .u8((timestampMs >>> 24) & 0xff)
    .u24(0) // stream id
    .bytes(data)
    .u32(TAG_HEADER_BYTES + data.length);
}

/** Gives another time to the tag that begins at `at`. */
export function setTagTime(tags: Uint8Array, at: number, timestampMs: number): void {
  tags[at + 4] = timestampMs >>> 16;
  tags[at + 5] = timestampMs >>> 8;
  tags[at + 6] = timestampMs;
  tags[at + 7] = timestampMs >>> 24;
}

/** Reads a file or an HTTP body piece by piece. */
export class FlvReader {
  readonly #tagMaxBytes: number;
  #held: Uint8Array = new Uint8Array(0);
  #heldBytes = 0;
  #headerRead = false;

  constructor({ tagMaxBytes = TAG_DATA_MAX_BYTES }: { tagMaxBytes?: number } = {}) {
    this.#tagMaxBytes = tagMaxBytes;
  }

  /** @returns the tags that are complete by now; their data are copies. Throws WireError on bytes that are no FLV, or a longer tag */
  feed(bytes: Uint8Array): FlvTag[] {
    const all = this.#hold(bytes);
    const view = new DataView(all.buffer, all.byteOffset, all.length);
    let at = this.#headerRead ? 0 : this.#readHeader(all, view);
    const tags: FlvTag[] = [];
    while (this.#headerRead && all.length - at >= TAG_HEADER_BYTES) {
      const length = view.getUint32(at) & 0xffffff;
      if (length > this.#tagMaxBytes) throw new WireError('a tag is too long');
      const end = at + TAG_HEADER_BYTES + length;
      if (all.length < end + PREVIOUS_SIZE_BYTES) break;
      const timestampMs = ((view.getUint8(at + 7) << 24) | (view.getUint32(at + 4) >>> 8)) >>> 0;
      tags.push({ type: view.getUint8(at) & 0x1f, timestampMs, data: all.slice(at + TAG_HEADER_BYTES, end) });
      at = end + PREVIOUS_SIZE_BYTES;
    }
    this.#held.copyWithin(0, at, this.#heldBytes);
    this.#heldBytes -= at;
    return tags;
  }

  /** Twice the room whenever it runs out: a long tag in small pieces is not copied for each of them. */
  #hold(bytes: Uint8Array): Uint8Array {
    const length = this.#heldBytes + bytes.length;
    if (length > this.#held.length) {
      const larger = new Uint8Array(Math.max(length, 2 * this.#held.length));
      larger.set(this.#held.subarray(0, this.#heldBytes));
      this.#held = larger;
    }
    this.#held.set(bytes, this.#heldBytes);
    this.#heldBytes = length;
    return this.#held.subarray(0, length);
  }

  #readHeader(all: Uint8Array, view: DataView): number {
    if (all.length < FILE_HEADER_BYTES + PREVIOUS_SIZE_BYTES) return 0;
    const offset = view.getUint32(5);
    if (view.getUint32(0) >>> 8 !== 0x464c56 || offset !== FILE_HEADER_BYTES) throw new WireError('not an FLV file');
    this.#headerRead = true;
    return FILE_HEADER_BYTES + PREVIOUS_SIZE_BYTES;
  }
}

const AVC = 7;
const AAC = 10;
const FRAME = { key: 1, inter: 2 } as const;
const PACKET = ['header', 'nalu', 'end'] as const;
/** AAC in FLV always says 44 kHz, 16 bit, stereo: the configuration rules. @see E.4.2.1 */
const AAC_SOUND = (AAC << 4) | 0x0f;

export interface AvcBody {
  codec: 'avc';
  key: boolean;
  packet: (typeof PACKET)[number];
  /** presentation minus decoding time */
  compositionMs: number;
  /** a configuration record, an access unit with NAL unit lengths, or nothing */
  data: Uint8Array;
}

export interface AacBody {
  codec: 'aac';
  packet: 'header' | 'frame';
  /** an AudioSpecificConfig, or a raw access unit */
  data: Uint8Array;
}

/** @see E.4.3.1 */
export function buildAvcBody({ key, packet, compositionMs, data }: Omit<AvcBody, 'codec'>): Uint8Array {
  const composition = packet === 'nalu' ? compositionMs : 0;
  if (composition < -0x800000 || composition > 0x7fffff) throw new WireError('a composition time does not fit 24 bits');
  return new ByteWriter(5 + data.length)
    .u8(((key ? FRAME.key : FRAME.inter) << 4) | AVC)
    .u8(PACKET.indexOf(packet))
    .u24(composition & 0xffffff)
    .bytes(data)
    .finish();
}

/** @throws WireError for other codecs (the header byte is named), command frames and cut-off bodies */
export function parseVideoBody(body: Uint8Array): AvcBody {
  const reader = new ByteReader(body);
  const first = reader.u8();
  const frame = first >> 4;
  if ((first & 0x0f) !== AVC || frame > 7) throw new WireError(`video codec ${first & 0x0f} with frame type ${frame} is not H.264`);
  if (frame === 5) throw new WireError('a video command frame carries no picture');
  const packet = PACKET[reader.u8()];
  if (!packet) throw new WireError('an AVC packet has an unknown type');
  const composition = (reader.u24() << 8) >> 8;
  return { codec: 'avc', key: frame === FRAME.key, packet, compositionMs: composition, data: reader.bytes(reader.left) };
}

/** @see E.4.2.1 */
export function buildAacBody({ packet, data }: Omit<AacBody, 'codec'>): Uint8Array {
  return new ByteWriter(2 + data.length)
    .u8(AAC_SOUND)
    .u8(packet === 'header' ? 0 : 1)
    .bytes(data)
    .finish();
}

export function parseAudioBody(body: Uint8Array): AacBody {
  const reader = new ByteReader(body);
  const codec = reader.u8() >> 4;
  if (codec !== AAC) throw new WireError(`audio codec ${codec} is not AAC`);
  const packet = reader.u8();
  if (packet > 1) throw new WireError('an AAC packet has an unknown type');
  return { codec: 'aac', packet: packet === 0 ? 'header' : 'frame', data: reader.bytes(reader.left) };
}

/** The body of an onMetaData script tag. @see E.5 */
export function buildMetadata(entries: AmfObject): Uint8Array {
  return encode(['onMetaData', new AmfArray(entries)]);
}

/** @returns the entries of onMetaData, with or without RTMP's @setDataFrame in front; null for other script data */
export function parseMetadata(body: Uint8Array): AmfObject | null {
  const values = decode(body);
  if (values[0] === '@setDataFrame') values.shift();
  return values[0] === 'onMetaData' ? asObject(values[1]) : null;
}
