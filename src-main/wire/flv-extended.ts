/**
 * What the extended headers of video and audio tags share: four-character codecs, packet modifiers, several tracks in a tag.
 * @see Veovera, Enhanced RTMP v2, ExVideoTagHeader and ExAudioTagHeader
 */
import type { ByteReader } from './byte-reader.ts';
import type { ByteWriter } from './byte-writer.ts';
import { WireError } from './wire-error.ts';

/** A four-character code, such as `hvc1`. */
export type FourCc = string;

/** As metadata carry it: `Opus` is 0x4F707573. */
export function fourCcNumber(fourCc: FourCc): number {
  return [...fourCc].reduce((value, character) => value * 256 + (character.charCodeAt(0) & 0xff), 0);
}

/** An access unit, a header, … of one track. */
export interface ExTrack {
  /** 0 is the default track */
  id: number;
  fourCc: FourCc;
  data: Uint8Array;
}

/** How an extended tag is laid out, and what is in it. */
export interface ExTag {
  /** VideoPacketType or AudioPacketType; the same for all tracks */
  packetType: number;
  /** to be added to the message's time, 0 to 999,999; null: not said */
  nanoOffset: number | null;
  /** null: one track, not numbered. Otherwise as many as the kind of list allows */
  list: TrackList | null;
  tracks: readonly ExTrack[];
}

/** AvMultitrackType */
export type TrackList = 'one' | 'many' | 'many-codecs';
const LISTS: readonly TrackList[] = ['one', 'many', 'many-codecs'];

const MOD_EX = 7;
const NANO_OFFSET = 0; // its only type so far
const NANOS_MAX = 999_999;
/** so long a modifier that its size takes two more bytes */
const LONG_MODIFIER = 256;
/** a tag has a use for one of each kind there is; more is no picture but work */
const MODIFIERS_MAX = 16;

/**
 * @param multitrack the number that announces several tracks: 6 in video, 5 in audio
 * @param high the upper half of the first byte
 */
export function writeExTag(out: ByteWriter, tag: ExTag, { multitrack, high }: { multitrack: number; high: number }): ByteWriter {
  const { packetType, nanoOffset, list, tracks } = tag;
  const [first] = tracks;
  if (!first || (list !== 'many' && list !== 'many-codecs' && tracks.length > 1))
    throw new WireError('an extended tag has a wrong number of tracks');
  const announced = list === null ? packetType : multitrack;
  if (nanoOffset === null) out.u8((high << 4) | announced);
  else {
    if (!(nanoOffset >= 0 && nanoOffset <= NANOS_MAX)) throw new WireError('a time offset is not within a millisecond');
    out
      .u8((high << 4) | MOD_EX)
      .u8(2)
      .u24(nanoOffset)
      .u8((NANO_OFFSET << 4) | announced); // sizes are written less 1
  }
  if (list === null) return writeFourCc(out, first.fourCc).bytes(first.data);
  out.u8((LISTS.indexOf(list) << 4) | packetType);
  if (list !== 'many-codecs') writeFourCc(out, first.fourCc);
  for (const { id, fourCc, data } of tracks) {
    if (list === 'many-codecs') writeFourCc(out, fourCc);
    else if (fourCc !== first.fourCc) throw new WireError('tracks of several codecs do not fit this list');
    out.u8(id);
    if (list !== 'one') out.u24(data.length);
    out.bytes(data);
  }
  return out;
}

/** Reads all behind the first byte. Unknown modifiers are left out. */
export function readExTag(reader: ByteReader, firstType: number, multitrack: number): ExTag {
  let packetType = firstType;
  let nanoOffset: number | null = null;
  for (let modifiers = 0; packetType === MOD_EX; modifiers += 1) {
    if (modifiers === MODIFIERS_MAX) throw new WireError('a tag has too many modifiers');
    let size = reader.u8() + 1;
    if (size === LONG_MODIFIER) size = reader.u16() + 1;
    const data = reader.bytes(size);
    const next = reader.u8();
    packetType = next & 15;
    if (next >> 4 === NANO_OFFSET && size >= 3) nanoOffset = ((data[0] as number) << 16) | ((data[1] as number) << 8) | (data[2] as number);
  }
  if (nanoOffset !== null && nanoOffset > NANOS_MAX) throw new WireError('a time offset is not within a millisecond');
  if (packetType !== multitrack) {
    const fourCc = readFourCc(reader);
    return { packetType, nanoOffset, list: null, tracks: [{ id: 0, fourCc, data: reader.bytes(reader.left) }] };
  }
  const head = reader.u8();
  const list = LISTS[head >> 4];
  packetType = head & 15;
  if (!list || packetType === multitrack || packetType === MOD_EX) throw new WireError('a list of tracks has an unknown type');
  return { packetType, nanoOffset, list, tracks: readTracks(reader, list) };
}

function readTracks(reader: ByteReader, list: TrackList): ExTrack[] {
  const shared = list === 'many-codecs' ? null : readFourCc(reader);
  if (list === 'one') return [{ id: reader.u8(), fourCc: shared as FourCc, data: reader.bytes(reader.left) }];
  const tracks: ExTrack[] = [];
  do {
    const fourCc = shared ?? readFourCc(reader);
    const id = reader.u8();
    if (tracks.some((track) => track.id === id)) throw new WireError('a track comes twice in a tag');
    tracks.push({ id, fourCc, data: reader.bytes(reader.u24()) });
  } while (reader.left > 0);
  return tracks;
}

function writeFourCc(out: ByteWriter, fourCc: FourCc): ByteWriter {
  if (!/^[\x20-\x7e]{4}$/.test(fourCc)) throw new WireError('a codec has no four characters');
  return out.u32(fourCcNumber(fourCc));
}

function readFourCc(reader: ByteReader): FourCc {
  const fourCc = String.fromCharCode(...reader.bytes(4));
  if (!/^[\x20-\x7e]{4}$/.test(fourCc)) throw new WireError('a codec has no four characters');
  return fourCc;
}
