/** A movie fragment: moof, with all it takes to decode what follows, and mdat (ISO/IEC 14496-12, 8.8.4 to 8.8.8). */
import { ascii, box, concat, fullBox, i32, u32, u64 } from './box.ts';

export interface FragmentSample {
  durationTicks: number;
  /** presentation time - decode time; may be negative */
  compositionOffsetTicks: number;
  /** decoding can begin here; true for every audio sample */
  key: boolean;
  data: Uint8Array;
}

/** Samples of one track, one after the other. */
export interface TrackRun {
  trackId: number;
  decodeTicks: number;
  samples: readonly FragmentSample[];
}

export interface Fragment {
  bytes: Uint8Array;
  /** where each run's first sample lies, counted from the fragment's first byte */
  runOffsets: number[];
}

/** sample_flags (8.8.3.1): depends on no other sample; depends on others and is not a sync sample */
const SYNC_SAMPLE = 0x0200_0000;
const OTHER_SAMPLE = 0x0101_0000;
/** tfhd: offsets count from the moof */
const DEFAULT_BASE_IS_MOOF = 0x02_0000;
/** trun: data offset; duration, size, flags and composition offset of each sample */
const TRUN_FLAGS = 0x0f01;

/** @param sequence from 1, rising by one a fragment */
export function fragment(sequence: number, runs: readonly TrackRun[]): Fragment {
  const head = fragmentHead(sequence, runs);
  const media = runs.flatMap((run) => run.samples.map((sample) => sample.data));
  return { bytes: concat([head.bytes, ...media]), runOffsets: head.runOffsets };
}

/** A fragment without its samples' bytes, which follow one after the other, run by run: for who need not copy them. */
export function fragmentHead(sequence: number, runs: readonly TrackRun[]): Fragment {
  const headerBytes = moof(sequence, runs, new Array(runs.length).fill(0)).length + 8;
  let at = headerBytes;
  const runOffsets = runs.map((run) => {
    const bytes = run.samples.reduce((sum, sample) => sum + sample.data.length, 0);
    at += bytes;
    return at - bytes;
  });
  const mdatBytes = 8 + at - headerBytes;
  return { bytes: concat([moof(sequence, runs, runOffsets), u32(mdatBytes), ascii('mdat')]), runOffsets };
}

function moof(sequence: number, runs: readonly TrackRun[], dataOffsets: readonly number[]): Uint8Array {
  const trafs = runs.map((run, index) =>
    box(
      'traf',
      fullBox('tfhd', 0, DEFAULT_BASE_IS_MOOF, u32(run.trackId)),
      fullBox('tfdt', 1, 0, u64(run.decodeTicks)),
      trun(run.samples, dataOffsets[index] ?? 0),
    ),
  );
  return box('moof', fullBox('mfhd', 0, 0, u32(sequence)), ...trafs);
}

/** Version 1: composition offsets have a sign. */
function trun(samples: readonly FragmentSample[], dataOffset: number): Uint8Array {
  const rows = samples.map(({ durationTicks, data, key, compositionOffsetTicks }) =>
    concat([u32(durationTicks, data.length, key ? SYNC_SAMPLE : OTHER_SAMPLE), i32(compositionOffsetTicks)]),
  );
  return fullBox('trun', 1, TRUN_FLAGS, u32(samples.length), i32(dataOffset), ...rows);
}
