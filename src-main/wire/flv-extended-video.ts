/** Extended video tags: HEVC, AV1, H.264 on several tracks. @see Veovera, Enhanced RTMP v2, ExVideoTagBody */
import { type AmfObject, asObject, decode, encode } from './amf0.ts';
import { ByteReader } from './byte-reader.ts';
import { ByteWriter } from './byte-writer.ts';
import type { ColourCodePoints } from './colour.ts';
import { type ExTag, type ExTrack, type FourCc, readExTag, type TrackList, writeExTag } from './flv-extended.ts';
import { WireError } from './wire-error.ts';

export const VIDEO_FOURCC = { h264: 'avc1', hevc: 'hvc1', av1: 'av01' } as const;

export interface ExVideoTrack extends ExTrack {
  /** presentation minus decoding time; always 0 for AV1, VP8 and VP9, which have no place for it */
  compositionMs: number;
}

export interface ExVideoBody {
  codec: 'extended';
  key: boolean;
  /** header: configuration records. nalu: access units. end: of the sequence. metadata: of the pictures to follow, in AMF */
  packet: 'header' | 'nalu' | 'end' | 'metadata' | 'mpegts-header';
  nanoOffset: number | null;
  list: TrackList | null;
  tracks: readonly ExVideoTrack[];
}

/** VideoPacketType */
const TYPE = { header: 0, coded: 1, end: 2, codedX: 3, metadata: 4, mpegTsHeader: 5, multitrack: 6 } as const;
const PACKETS = { 0: 'header', 1: 'nalu', 2: 'end', 3: 'nalu', 4: 'metadata', 5: 'mpegts-header' } as const;
const EXTENDED = 8;
const FRAME = { key: 1, inter: 2, command: 5 } as const;
/** their CodedFrames begin with a composition time */
const COMPOSED: ReadonlySet<FourCc> = new Set(['avc1', 'hvc1', 'vvc1']);
const COMPOSITION_MAX = 0x7fffff;

/** Leaves the composition times out when all are 0. */
export function buildExVideoBody({ key, packet, nanoOffset, list, tracks }: Omit<ExVideoBody, 'codec'>): Uint8Array {
  const composed = tracks.every(({ fourCc }) => COMPOSED.has(fourCc));
  const isPlain = tracks.every(({ compositionMs }) => compositionMs === 0);
  const packetType = packet === 'nalu' ? (composed && isPlain ? TYPE.codedX : TYPE.coded) : typeOf(packet);
  const written = packetType === TYPE.coded ? tracks.map(withComposition) : tracks;
  const bytes = written.reduce((sum, { data }) => sum + data.length + 8, 16);
  const high = EXTENDED | (key ? FRAME.key : FRAME.inter);
  const tag: ExTag = { packetType, nanoOffset, list, tracks: written };
  return writeExTag(new ByteWriter(bytes), tag, { multitrack: TYPE.multitrack, high }).finish();
}

export const isExVideoBody = (body: Uint8Array): boolean => ((body[0] ?? 0) & 0x80) !== 0;

/** @throws WireError for command frames, unknown packet types and cut-off bodies */
export function parseExVideoBody(body: Uint8Array): ExVideoBody {
  const reader = new ByteReader(body);
  const first = reader.u8();
  if (!(first & 0x80)) throw new WireError('a video tag has no extended header');
  const frame = (first >> 4) & 7;
  const { packetType, nanoOffset, list, tracks } = readExTag(reader, first & 15, TYPE.multitrack);
  const packet = PACKETS[packetType as keyof typeof PACKETS];
  if (!packet) throw new WireError('a video packet has an unknown type');
  if (frame === FRAME.command && packet !== 'metadata') throw new WireError('a video command frame carries no picture');
  const key = frame === FRAME.key;
  return { codec: 'extended', key, packet, nanoOffset, list, tracks: tracks.map((track) => read(track, packetType)) };
}

function typeOf(packet: Exclude<ExVideoBody['packet'], 'nalu'>): number {
  const types = { header: TYPE.header, end: TYPE.end, metadata: TYPE.metadata, 'mpegts-header': TYPE.mpegTsHeader };
  return types[packet];
}

function withComposition(track: ExVideoTrack): ExTrack {
  const { fourCc, compositionMs, data } = track;
  if (!COMPOSED.has(fourCc)) {
    if (compositionMs !== 0) throw new WireError(`${fourCc} has no composition time`);
    return track;
  }
  if (compositionMs < -COMPOSITION_MAX - 1 || compositionMs > COMPOSITION_MAX)
    throw new WireError('a composition time does not fit 24 bits');
  const timed = new ByteWriter(3 + data.length)
    .u24(compositionMs & 0xffffff)
    .bytes(data)
    .finish();
  return { ...track, data: timed };
}

function read(track: ExTrack, packetType: number): ExVideoTrack {
  if (packetType !== TYPE.coded || !COMPOSED.has(track.fourCc)) return { ...track, compositionMs: 0 };
  const reader = new ByteReader(track.data);
  const compositionMs = (reader.u24() << 8) >> 8;
  return { ...track, compositionMs, data: reader.bytes(reader.left) };
}

/** HDR10's static metadata. @see Enhanced RTMP v2, Metadata Frame; SMPTE ST 2086, CTA-861.3 */
export interface ColourInfo {
  bitDepth: number;
  colour: Omit<ColourCodePoints, 'fullRange'>;
  /** light levels of the whole, in cd/m² */
  light: { maxFrameAverage: number; max: number } | null;
  /** the display it was made on: chromaticities in CIE 1931 xy, luminances in cd/m² */
  display: Record<
    'redX' | 'redY' | 'greenX' | 'greenY' | 'blueX' | 'blueY' | 'whitePointX' | 'whitePointY' | 'maxLuminance' | 'minLuminance',
    number
  > | null;
}

/** The data of a metadata packet, sent in front of the pictures it is of. @param info null: back to what the stream says itself */
export function buildColourInfo(info: ColourInfo | null): Uint8Array {
  if (!info) return encode(['colorInfo', undefined]);
  const { bitDepth, colour, light, display } = info;
  const colorConfig = {
    bitDepth,
    colorPrimaries: colour.primaries,
    transferCharacteristics: colour.transfer,
    matrixCoefficients: colour.matrix,
  };
  const hdrCll = light && { maxFall: light.maxFrameAverage, maxCLL: light.max };
  return encode(['colorInfo', { colorConfig, ...(hdrCll && { hdrCll }), ...(display && { hdrMdcv: display }) }]);
}

/** The named values of a metadata packet, as far as they are objects; those without a value are null. */
export function parseVideoMetadata(data: Uint8Array): Record<string, AmfObject | null> {
  const values = decode(data);
  const pairs: [string, AmfObject | null][] = [];
  for (let i = 0; i + 1 < values.length; i += 2) {
    const name = values[i];
    if (typeof name !== 'string') throw new WireError('video metadata have no name');
    pairs.push([name, asObject(values[i + 1])]);
  }
  return Object.fromEntries(pairs);
}
