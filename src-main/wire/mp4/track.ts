/** A track as the boxes need it, and its sample descriptions. */
import type { ColourCodePoints } from '../colour.ts';
import { parseOpusHead } from '../opus.ts';
import { ascii, box, concat, fullBox, u8, u16, u32 } from './box.ts';

interface TrackBase {
  /** from 1, different for each track of a file */
  id: number;
  /** ticks per second of the track's media time */
  timescale: number;
  /** media time that is presented at the start: it hides the B-frame delay of video and the pre-roll of audio */
  startTicks: number;
}

/** Of the pictures from some IDR on, which may have another size than those before. */
export interface VideoDescription {
  widthPx: number;
  heightPx: number;
  /** decoder configuration record (avcC, hvcC, av1C) */
  config: Uint8Array;
}

export interface VideoTrack extends TrackBase {
  kind: 'video';
  /** as it is shown: of the first sample description */
  widthPx: number;
  heightPx: number;
  codec: 'h264' | 'hevc' | 'av1';
  descriptions: readonly VideoDescription[];
  colour: ColourCodePoints | null;
}

export interface AudioTrack extends TrackBase {
  kind: 'audio';
  channels: number;
  sampleRateHz: number;
  bitrateBps: number;
  codec: 'aac' | 'opus';
  /** AudioSpecificConfig (ISO/IEC 14496-3, 1.6.2.1), or Opus' identification header (RFC 7845, 5.1) */
  config: Uint8Array;
}

export type Track = VideoTrack | AudioTrack;

/** @see ISO/IEC 14496-12, 8.5.2 */
export function stsd(track: Track): Uint8Array {
  const entries = track.kind === 'video' ? track.descriptions.map((description) => visual(track, description)) : [sound(track)];
  return fullBox('stsd', 0, 0, u32(entries.length), ...entries);
}

const dataReference = [new Uint8Array(6), u16(1)];

/** sample entry and its configuration box */
const VISUAL = { h264: ['avc1', 'avcC'], hevc: ['hvc1', 'hvcC'], av1: ['av01', 'av1C'] } as const;

/** @see ISO/IEC 14496-12, 12.1.3; ISO/IEC 14496-15, 5.4.2 and 8.4.1; AV1 in ISOBMFF, 2.2 */
function visual(track: VideoTrack, { widthPx, heightPx, config }: VideoDescription): Uint8Array {
  const [entry, record] = VISUAL[track.codec];
  return box(
    entry,
    ...dataReference,
    new Uint8Array(16),
    u16(widthPx, heightPx),
    u32(0x0048_0000, 0x0048_0000, 0), // 72 dpi
    u16(1), // pictures per sample
    new Uint8Array(32), // compressor name
    u16(0x0018, 0xffff), // depth 24; -1
    box(record, config),
    ...(track.colour ? [colr(track.colour)] : []),
  );
}

/** @see ISO/IEC 14496-12, 12.1.5 */
function colr({ primaries, transfer, matrix, fullRange }: ColourCodePoints): Uint8Array {
  return box('colr', ascii('nclx'), u16(primaries, transfer, matrix), u8(fullRange ? 0x80 : 0));
}

/** @see ISO/IEC 14496-12, 12.2.3 */
function sound(track: AudioTrack): Uint8Array {
  const sampleRate = u16(Math.min(track.sampleRateHz, 0xffff), 0); // 16.16
  const [entry, config] = track.codec === 'opus' ? ['Opus', dOps(track)] : ['mp4a', esds(track)];
  return box(entry, ...dataReference, u32(0, 0), u16(track.channels, 16, 0, 0), sampleRate, config);
}

/**
 * The identification header again, big-endian. What is left out at the beginning is what the edit list leaves out, so that
 * players which know one of the two agree.
 * @see Encapsulation of Opus in ISOBMFF, 4.3.2
 */
function dOps({ config, startTicks }: AudioTrack): Uint8Array {
  const { channels, sourceRateHz, outputGain, mapping } = parseOpusHead(config);
  const table = mapping ? [u8(mapping.streams, mapping.coupled), mapping.channels] : [];
  return box('dOps', u8(0, channels), u16(startTicks), u32(sourceRateHz), u16(outputGain & 0xffff), u8(mapping?.family ?? 0), ...table);
}

/** @see ISO/IEC 14496-14, 5.6 and ISO/IEC 14496-1, 7.2.6 */
function esds({ config, bitrateBps }: AudioTrack): Uint8Array {
  const decoderConfig = descriptor(
    0x04,
    u8(0x40, 0x15), // MPEG-4 audio; audio stream, reserved bit set
    u8(0, 0, 0), // decoder buffer: not stated
    u32(bitrateBps, bitrateBps),
    descriptor(0x05, config),
  );
  return fullBox('esds', 0, 0, descriptor(0x03, u16(0), u8(0), decoderConfig, descriptor(0x06, u8(2))));
}

/** Sizes take seven bits a byte; the top bit says that another follows (ISO/IEC 14496-1, 8.3.3). */
function descriptor(tag: number, ...payload: Uint8Array[]): Uint8Array {
  const body = concat(payload);
  const size = [body.length & 0x7f];
  for (let rest = body.length >> 7; rest > 0; rest >>= 7) size.unshift(0x80 | (rest & 0x7f));
  return concat([u8(tag, ...size), body]);
}
