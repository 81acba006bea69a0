/** Extended audio tags: Opus, AAC on several tracks, more than two channels. @see Veovera, Enhanced RTMP v2, ExAudioTagBody */
import { ByteReader } from './byte-reader.ts';
import { ByteWriter } from './byte-writer.ts';
import { type ExTag, type ExTrack, readExTag, type TrackList, writeExTag } from './flv-extended.ts';
import { WireError } from './wire-error.ts';

export const AUDIO_FOURCC = { aac: 'mp4a', opus: 'Opus' } as const;

export interface ExAudioBody {
  codec: 'extended';
  /** header: AudioSpecificConfig or OpusHead. channels: a MultichannelConfig. end: of the sequence, or a silence */
  packet: 'header' | 'frame' | 'end' | 'channels';
  nanoOffset: number | null;
  list: TrackList | null;
  tracks: readonly ExTrack[];
}

/** AudioPacketType */
const TYPES = { header: 0, frame: 1, end: 2, channels: 4 } as const;
const PACKETS = new Map<number, ExAudioBody['packet']>([
  [0, 'header'],
  [1, 'frame'],
  [2, 'end'],
  [4, 'channels'],
]);
const MULTITRACK = 5;
/** SoundFormat.ExHeader */
const EXTENDED = 9;

export function buildExAudioBody({ packet, nanoOffset, list, tracks }: Omit<ExAudioBody, 'codec'>): Uint8Array {
  const bytes = tracks.reduce((sum, { data }) => sum + data.length + 8, 16);
  const tag: ExTag = { packetType: TYPES[packet], nanoOffset, list, tracks };
  return writeExTag(new ByteWriter(bytes), tag, { multitrack: MULTITRACK, high: EXTENDED }).finish();
}

export const isExAudioBody = (body: Uint8Array): boolean => (body[0] ?? 0) >> 4 === EXTENDED;

/** @throws WireError for unknown packet types and cut-off bodies */
export function parseExAudioBody(body: Uint8Array): ExAudioBody {
  const reader = new ByteReader(body);
  const first = reader.u8();
  if (first >> 4 !== EXTENDED) throw new WireError('an audio tag has no extended header');
  const { packetType, nanoOffset, list, tracks } = readExTag(reader, first & 15, MULTITRACK);
  const packet = PACKETS.get(packetType);
  if (!packet) throw new WireError('an audio packet has an unknown type');
  return { codec: 'extended', packet, nanoOffset, list, tracks };
}

/** Which speaker each channel belongs to. */
export type ChannelLayout =
  | { order: 'unspecified'; channels: number }
  /** `mask`: bit n is AudioChannel n */
  | { order: 'native'; channels: number; mask: number }
  /** AudioChannel of each channel; 254: unused, 255: unknown */
  | { order: 'custom'; channels: number; speakers: Uint8Array };

const ORDERS = ['unspecified', 'native', 'custom'] as const;

/** The data of a `channels` packet. */
export function buildChannelLayout(layout: ChannelLayout): Uint8Array {
  const out = new ByteWriter(8).u8(ORDERS.indexOf(layout.order)).u8(layout.channels);
  if (layout.order === 'native') out.u32(layout.mask);
  if (layout.order === 'custom') {
    if (layout.speakers.length !== layout.channels) throw new WireError('a channel layout has another number of speakers');
    out.bytes(layout.speakers);
  }
  return out.finish();
}

export function parseChannelLayout(data: Uint8Array): ChannelLayout {
  const reader = new ByteReader(data);
  const order = ORDERS[reader.u8()];
  const channels = reader.u8();
  if (order === 'unspecified') return { order, channels };
  if (order === 'native') return { order, channels, mask: reader.u32() };
  if (order === 'custom') return { order, channels, speakers: reader.bytes(channels) };
  throw new WireError('a channel layout has an unknown order');
}
