/**
 * Reads the pictures' times out of the fragments that a player gives to the browser, whatever it made them of: when each
 * picture is to be shown, and what it says of its way. Of the media it reads but the first NAL units of each picture.
 * @see ISO/IEC 14496-12, 8.1 to 8.8; ISO/IEC 14496-15, 5.3 and 8.3
 */

import { findPictureTimes, type PictureTimes } from '../../src-shared/picture-times.ts';
import { FrameNumbers } from './frame-numbers.ts';

export interface TimedPicture {
  /** presentation time, as the fragment has it */
  ptsS: number;
  times: PictureTimes;
}

interface VideoTrack {
  id: number;
  timescale: number;
  codec: 'h264' | 'hevc';
  /** of its decoder: avcC; null: not there */
  config: Uint8Array | null;
}

interface Box {
  type: string;
  /** of the box, and of what is in it */
  start: number;
  from: number;
  end: number;
}

interface Sample {
  offset: number;
  size: number;
  pts: number;
}

/** A box that comes in pieces is kept up to so much; of a longer one nothing is read. */
const PENDING_MAX_BYTES = 8 * 1_024 * 1_024;
/** of a VisualSampleEntry, before its boxes (12.1.3) */
const SAMPLE_ENTRY_BYTES = 78;
const SAMPLES_MAX = 10_000;
const CODECS: Record<string, VideoTrack['codec']> = { avc1: 'h264', avc3: 'h264', hvc1: 'hevc', hev1: 'hevc' };
/** trun and tfhd flags, 8.8.7 and 8.8.8 */
const TFHD = { baseOffset: 0x1, description: 0x2, duration: 0x8, size: 0x10 } as const;
const TRUN = { dataOffset: 0x1, firstFlags: 0x4, duration: 0x100, size: 0x200, flags: 0x400, composition: 0x800 } as const;

export class FragmentReader {
  #track: VideoTrack | null = null;
  #numbers: FrameNumbers | null = null;
  #losses = 0;
  #pending: Uint8Array = new Uint8Array(0);

  /** how often a picture came whose predecessor is missing; of H.264 alone */
  get losses(): number {
    return this.#losses;
  }

  /** Bytes as they are appended, cut anywhere. Broken ones say nothing. */
  feed(appended: Uint8Array): TimedPicture[] {
    const bytes = this.#pending.length > 0 ? joined(this.#pending, appended) : appended;
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const pictures: TimedPicture[] = [];
    let moof: Box | null = null;
    let done = 0;
    try {
      for (const box of boxesIn(view, 0, bytes.length)) {
        if (box.type === 'moov') this.#begin(findVideo(view, box) ?? this.#track);
        if (box.type === 'moof') moof = box;
        else done = box.end; // a fragment's head waits for its media
        if (box.type === 'mdat' && moof) pictures.push(...this.#read(bytes, view, moof));
        if (box.type === 'mdat') moof = null;
      }
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      done = bytes.length; // beyond the end, which a whole box does not point
    }
    const rest = bytes.subarray(done);
    this.#pending = rest.length <= PENDING_MAX_BYTES ? rest.slice() : new Uint8Array(0);
    return pictures;
  }

  #begin(track: VideoTrack | null): void {
    this.#track = track;
    this.#numbers = track?.codec === 'h264' && track.config ? new FrameNumbers(track.config) : null;
  }

  #read(bytes: Uint8Array, view: DataView, moof: Box): TimedPicture[] {
    const track = this.#track;
    if (!track) return [];
    const pictures: TimedPicture[] = [];
    for (const { offset, size, pts } of samplesOf(view, moof, track.id)) {
      if (offset + size > bytes.length) continue;
      const sample = bytes.subarray(offset, offset + size);
      if (this.#numbers?.isBehindLoss(sample)) this.#losses += 1;
      const times = findPictureTimes(sample, track.codec);
      if (times) pictures.push({ ptsS: pts / track.timescale, times });
    }
    return pictures;
  }
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array {
  const all = new Uint8Array(a.length + b.length);
  all.set(a);
  all.set(b, a.length);
  return all;
}

/** Only whole ones. */
function* boxesIn(view: DataView, from: number, end: number): Generator<Box> {
  for (let at = from; at + 8 <= end; ) {
    const size = view.getUint32(at);
    const isLong = size === 1;
    if (isLong && at + 16 > end) return;
    const bytes = isLong ? Number(view.getBigUint64(at + 8)) : size;
    if (bytes < (isLong ? 16 : 8) || at + bytes > end) return;
    const type = String.fromCharCode(...[4, 5, 6, 7].map((i) => view.getUint8(at + i)));
    yield { type, start: at, from: at + (isLong ? 16 : 8), end: at + bytes };
    at += bytes;
  }
}

function child(view: DataView, { from, end }: Box, type: string): Box | null {
  for (const box of boxesIn(view, from, end)) if (box.type === type) return box;
  return null;
}

function within(view: DataView, box: Box, ...path: string[]): Box | null {
  return path.reduce<Box | null>((found, type) => found && child(view, found, type), box);
}

function findVideo(view: DataView, moov: Box): VideoTrack | null {
  for (const trak of boxesIn(view, moov.from, moov.end)) {
    if (trak.type !== 'trak') continue;
    const head = child(view, trak, 'tkhd');
    const mediaHead = within(view, trak, 'mdia', 'mdhd');
    const descriptions = within(view, trak, 'mdia', 'minf', 'stbl', 'stsd');
    if (!head || !mediaHead || !descriptions) continue;
    const [entry] = boxesIn(view, descriptions.from + 8, descriptions.end);
    const codec = entry && CODECS[entry.type];
    if (!codec) continue;
    const isLong = (box: Box) => view.getUint8(box.from) === 1;
    const id = view.getUint32(head.from + (isLong(head) ? 20 : 12));
    const config = child(view, { ...entry, from: entry.from + SAMPLE_ENTRY_BYTES }, 'avcC');
    return {
      id,
      timescale: view.getUint32(mediaHead.from + (isLong(mediaHead) ? 20 : 12)),
      codec,
      config: config && new Uint8Array(view.buffer, view.byteOffset + config.from, config.end - config.from).slice(),
    };
  }
  return null;
}

function samplesOf(view: DataView, moof: Box, trackId: number): Sample[] {
  const samples: Sample[] = [];
  for (const traf of boxesIn(view, moof.from, moof.end)) {
    const head = traf.type === 'traf' ? child(view, traf, 'tfhd') : null;
    if (!head || view.getUint32(head.from + 4) !== trackId) continue;
    const defaults = readDefaults(view, head);
    const decode = child(view, traf, 'tfdt');
    if (!decode) continue;
    let dts = view.getUint8(decode.from) === 1 ? Number(view.getBigUint64(decode.from + 4)) : view.getUint32(decode.from + 4);
    for (const run of boxesIn(view, traf.from, traf.end)) {
      if (run.type === 'trun') dts = readRun(view, run, { ...defaults, base: defaults.base ?? moof.start }, dts, samples);
    }
  }
  return samples;
}

function readDefaults(view: DataView, { from }: Box): { base: number | null; duration: number; size: number } {
  const flags = view.getUint32(from) & 0xffffff;
  let at = from + 8;
  const take = (flag: number, bytes: number) => {
    if (!(flags & flag)) return null;
    at += bytes;
    return bytes === 8 ? Number(view.getBigUint64(at - 8)) : view.getUint32(at - 4);
  };
  const base = take(TFHD.baseOffset, 8);
  take(TFHD.description, 4);
  return { base, duration: take(TFHD.duration, 4) ?? 0, size: take(TFHD.size, 4) ?? 0 };
}

/** @returns the decoding time after the run */
function readRun(
  view: DataView,
  { from }: Box,
  defaults: { base: number; duration: number; size: number },
  dts: number,
  into: Sample[],
): number {
  const flags = view.getUint32(from) & 0xffffff;
  const isSigned = view.getUint8(from) === 1;
  const count = Math.min(SAMPLES_MAX, view.getUint32(from + 4));
  let at = from + 8;
  const take = (flag: number) => (flags & flag ? view.getUint32((at += 4) - 4) : null);
  let offset = defaults.base + ((take(TRUN.dataOffset) ?? 0) | 0);
  take(TRUN.firstFlags);
  let next = dts;
  for (let i = 0; i < count; i += 1) {
    const duration = take(TRUN.duration) ?? defaults.duration;
    const size = take(TRUN.size) ?? defaults.size;
    take(TRUN.flags);
    const composition = take(TRUN.composition) ?? 0;
    into.push({ offset, size, pts: next + (isSigned ? composition | 0 : composition) });
    offset += size;
    next += duration;
  }
  return next;
}
