/**
 * Reads a fragmented MP4 with one track as it comes in, for what the ffmpeg program encodes: of all formats it
 * writes to a pipe this one has exact times, composition times, and every codec's record and access units as we want
 * them. Only what FFmpeg writes is read. @see ISO/IEC 14496-12
 */

import { readBoxHeader } from '../../wire/mp4/box.ts';
import { WireError } from '../../wire/wire-error.ts';

export interface FragmentSample {
  /** in seconds since the first sample's presentation; before it, negative */
  ptsS: number;
  dtsS: number;
  key: boolean;
  data: Uint8Array;
}

const BOX_BYTES_MAX = 64 * 2 ** 20;
const HEADER_BYTES = 8;
/** VisualSampleEntry up to its boxes (12.1.3), and AudioSampleEntry (12.2.3) */
const VISUAL_ENTRY_BYTES = 86;
const AUDIO_ENTRY_BYTES = 36;
const CONFIG_BOXES = ['avcC', 'hvcC', 'av1C', 'esds', 'dOps'];

const TFHD = { baseDataOffset: 0x1, descriptionIndex: 0x2, duration: 0x8, size: 0x10, flags: 0x20 };
const TRUN = { dataOffset: 0x1, firstFlags: 0x4, duration: 0x100, size: 0x200, flags: 0x400, composition: 0x800 };
/** sample_is_non_sync_sample (8.8.3.1) */
const NOT_SYNC = 0x10000;

interface Run {
  dts: number;
  samples: { size: number; duration: number; composition: number; flags: number }[];
}

interface Defaults {
  duration: number;
  size: number;
  flags: number;
}

export class FragmentReader {
  /** the decoder configuration record (of sound, the payload of `esds` or `dOps`), once the movie header has come */
  config: Uint8Array | null = null;
  #pending: Uint8Array = new Uint8Array();
  #timescale = 1;
  #defaults: Defaults = { duration: 0, size: 0, flags: 0 };
  #run: Run | null = null;
  /** presentation time of the first sample, in the track's time scale */
  #origin: number | null = null;

  /** @throws WireError */
  push(bytes: Uint8Array): FragmentSample[] {
    this.#pending = this.#pending.length === 0 ? bytes : Buffer.concat([this.#pending, bytes]);
    const samples: FragmentSample[] = [];
    for (;;) {
      const header = readBoxHeader(this.#pending);
      if (!header && this.#pending.length >= HEADER_BYTES) throw new WireError('not an MP4 box');
      const size = header?.sizeBytes ?? 0;
      if (size > BOX_BYTES_MAX) throw new WireError('an MP4 box is too large');
      if (!header || size === 0 || this.#pending.length < size) return samples;
      const payload = this.#pending.subarray(header.headerBytes, size);
      if (header.type === 'moov') this.#readMovie(payload);
      if (header.type === 'moof') this.#run = this.#readFragment(payload);
      if (header.type === 'mdat') samples.push(...this.#readSamples(payload));
      this.#pending = this.#pending.subarray(size);
    }
  }

  #readMovie(moov: Uint8Array): void {
    const media = find(moov, 'trak', 'mdia');
    const header = view(find(media, 'mdhd'));
    this.#timescale = header.getUint32(header.getUint8(0) === 1 ? 20 : 12);
    const entries = find(media, 'minf', 'stbl', 'stsd').subarray(HEADER_BYTES);
    const isSound = ['mp4a', 'Opus'].includes(readBoxHeader(entries)?.type ?? '');
    const inside = entries.subarray(isSound ? AUDIO_ENTRY_BYTES : VISUAL_ENTRY_BYTES);
    const record = [...boxes(inside)].find(({ type }) => CONFIG_BOXES.includes(type));
    if (!record) throw new WireError('the track has no decoder configuration');
    this.config = copy(record.payload);
    const trex = view(find(moov, 'mvex', 'trex'));
    this.#defaults = { duration: trex.getUint32(12), size: trex.getUint32(16), flags: trex.getUint32(20) };
  }

  #readFragment(moof: Uint8Array): Run {
    const traf = find(moof, 'traf');
    const defaults = { ...this.#defaults };
    const header = new Fields(find(traf, 'tfhd'));
    header.u32(); // track_ID
    if (header.has(TFHD.baseDataOffset)) header.skip(8);
    if (header.has(TFHD.descriptionIndex)) header.skip(4);
    if (header.has(TFHD.duration)) defaults.duration = header.u32();
    if (header.has(TFHD.size)) defaults.size = header.u32();
    if (header.has(TFHD.flags)) defaults.flags = header.u32();
    const time = new Fields(find(traf, 'tfdt'));
    const dts = time.version === 1 ? time.u32() * 2 ** 32 + time.u32() : time.u32();
    return { dts, samples: readRun(new Fields(find(traf, 'trun')), defaults) };
  }

  #readSamples(mdat: Uint8Array): FragmentSample[] {
    const run = this.#run;
    if (!run) throw new WireError('media data without a fragment');
    this.#run = null;
    let at = 0;
    let dts = run.dts;
    return run.samples.map(({ size, duration, composition, flags }) => {
      const pts = dts + composition;
      this.#origin ??= pts;
      if (at + size > mdat.length) throw new WireError('media data is cut off');
      const sample = {
        ptsS: (pts - this.#origin) / this.#timescale,
        dtsS: (dts - this.#origin) / this.#timescale,
        key: (flags & NOT_SYNC) === 0,
        data: copy(mdat.subarray(at, at + size)),
      };
      at += size;
      dts += duration;
      return sample;
    });
  }
}

function readRun(run: Fields, defaults: Defaults): Run['samples'] {
  const count = run.u32();
  if (run.has(TRUN.dataOffset)) run.skip(4);
  const firstFlags = run.has(TRUN.firstFlags) ? run.u32() : null;
  return Array.from({ length: count }, (_, n) => {
    const duration = run.has(TRUN.duration) ? run.u32() : defaults.duration;
    const size = run.has(TRUN.size) ? run.u32() : defaults.size;
    const own = run.has(TRUN.flags) ? run.u32() : defaults.flags;
    const composition = run.has(TRUN.composition) ? (run.version === 0 ? run.u32() : run.i32()) : 0;
    return { duration, size, flags: n === 0 ? (firstFlags ?? own) : own, composition };
  });
}

/** A full box (4.2.2), read from front to back. Reading past its end throws RangeError. */
class Fields {
  readonly version: number;
  readonly #flags: number;
  readonly #view: DataView;
  #at = 4;

  constructor(box: Uint8Array) {
    this.#view = view(box);
    this.version = this.#view.getUint8(0);
    this.#flags = this.#view.getUint32(0) & 0xffffff;
  }

  has(flag: number): boolean {
    return (this.#flags & flag) !== 0;
  }

  skip(bytes: number): void {
    this.#at += bytes;
  }

  u32(): number {
    this.#at += 4;
    return this.#view.getUint32(this.#at - 4);
  }

  i32(): number {
    this.#at += 4;
    return this.#view.getInt32(this.#at - 4);
  }
}

function* boxes(bytes: Uint8Array): Generator<{ type: string; payload: Uint8Array }> {
  for (let at = 0; at < bytes.length; ) {
    const header = readBoxHeader(bytes.subarray(at));
    if (!header?.sizeBytes) throw new WireError('an MP4 box is broken');
    yield { type: header.type, payload: bytes.subarray(at + header.headerBytes, at + header.sizeBytes) };
    at += header.sizeBytes;
  }
}

/** The first box at a path of types. */
function find(bytes: Uint8Array, ...path: string[]): Uint8Array {
  return path.reduce((inside, type) => {
    for (const box of boxes(inside)) if (box.type === type) return box.payload;
    throw new WireError(`the MP4 has no ${type}`);
  }, bytes);
}

/** `slice` of a Buffer, which is what comes from a pipe, would share its memory. */
const copy = (bytes: Uint8Array) => new Uint8Array(bytes);

const view = (bytes: Uint8Array) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
