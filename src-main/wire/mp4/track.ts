/** A track as the boxes need it, and its sample descriptions. */
import type { ColourCodePoints } from '../colour.ts';
import { ascii, box, concat, fullBox, u8, u16, u32 } from './box.ts';

interface TrackBase {
  /** from 1, different for each track of a file */
  id: number;
  /** ticks per second of the track's media time */
  timescale: number;
  /** media time that is presented at the start: it hides the B-frame delay of video and the pre-roll of audio */
  startTicks: number;
}

export interface VideoTrack extends TrackBase {
  kind: 'video';
  widthPx: number;
  heightPx: number;
  /** AVCDecoderConfigurationRecords (ISO/IEC 14496-15, 5.3.3.1), one per sample description */
  configs: readonly Uint8Array[];
  colour: ColourCodePoints | null;
}

export interface AudioTrack extends TrackBase {
  kind: 'audio';
  channels: number;
  sampleRateHz: number;
  bitrateBps: number;
  /** AudioSpecificConfig (ISO/IEC 14496-3, 1.6.2.1) */
  config: Uint8Array;
}

export type Track = VideoTrack | AudioTrack;

/** @see ISO/IEC 14496-12, 8.5.2 */
export function stsd(track: Track): Uint8Array {
  const entries = track.kind === 'video' ? track.configs.map((config) => avc1(track, config)) : [mp4a(track)];
  return fullBox('stsd', 0, 0, u32(entries.length), ...entries);
}

const dataReference = [new Uint8Array(6), u16(1)];

/** @see ISO/IEC 14496-12, 12.1.3 and ISO/IEC 14496-15, 5.4.2 */
function avc1(track: VideoTrack, config: Uint8Array): Uint8Array {
  return box(
    'avc1',
    ...dataReference,
    new Uint8Array(16),
    u16(track.widthPx, track.heightPx),
    u32(0x0048_0000, 0x0048_0000, 0), // 72 dpi
    u16(1), // pictures per sample
    new Uint8Array(32), // compressor name
    u16(0x0018, 0xffff), // depth 24; -1
    box('avcC', config),
    ...(track.colour ? [colr(track.colour)] : []),
  );
}

/** @see ISO/IEC 14496-12, 12.1.5 */
function colr({ primaries, transfer, matrix, fullRange }: ColourCodePoints): Uint8Array {
  return box('colr', ascii('nclx'), u16(primaries, transfer, matrix), u8(fullRange ? 0x80 : 0));
}

/** @see ISO/IEC 14496-12, 12.2.3 */
function mp4a(track: AudioTrack): Uint8Array {
  const sampleRate = u16(Math.min(track.sampleRateHz, 0xffff), 0); // 16.16
  return box('mp4a', ...dataReference, u32(0, 0), u16(track.channels, 16, 0, 0), sampleRate, esds(track));
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
