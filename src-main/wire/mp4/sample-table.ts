/** The tables of a plain file (ISO/IEC 14496-12, 8.6 and 8.7), grown sample by sample: runs are kept as runs. */
import { concat, fullBox, i32, u32, u32List, u64List } from './box.ts';

interface Run {
  count: number;
  value: number;
}

interface Chunk {
  fileOffset: number;
  samples: number;
  description: number;
}

export interface TableSample {
  decodeTicks: number;
  durationTicks: number;
  compositionOffsetTicks: number;
  key: boolean;
  sizeBytes: number;
}

export class SampleTable {
  readonly #sizes: number[] = [];
  readonly #keys: number[] = [];
  readonly #durations: Run[] = [];
  readonly #offsets: Run[] = [];
  readonly #chunks: Chunk[] = [];
  #startTicks = 0;
  #presentedEndTicks = 0;
  #last: TableSample | null = null;

  get count(): number {
    return this.#sizes.length;
  }

  /** decode time of the first sample */
  get startTicks(): number {
    return this.#startTicks;
  }

  /** decode time at the end of the last sample */
  get endTicks(): number {
    return this.#last ? this.#last.decodeTicks + this.#last.durationTicks : 0;
  }

  /** presentation time at the end of the sample that is shown last: B-frames show it later than it is decoded */
  get presentedEndTicks(): number {
    return this.#presentedEndTicks;
  }

  /**
   * Samples that lie one after the other in the file. Decode times rise from chunk to chunk.
   * @param description number of their sample description, from 1
   */
  addChunk(fileOffset: number, samples: readonly TableSample[], description = 1): void {
    this.#chunks.push({ fileOffset, samples: samples.length, description });
    for (const sample of samples) this.#add(sample);
  }

  /** stts, ctts, stss, stsc, stsz, co64 */
  boxes(): Uint8Array[] {
    const durations = this.#last ? withRun(this.#durations, this.#last.durationTicks) : this.#durations;
    const tables = [table('stts', durations.length, u32List(durations.flatMap(({ count, value }) => [count, value])))];
    if (this.#offsets.some(({ value }) => value !== 0)) {
      const rows = concat(this.#offsets.map(({ count, value }) => concat([u32(count), i32(value)])));
      tables.push(fullBox('ctts', 1, 0, u32(this.#offsets.length), rows)); // version 1: offsets have a sign
    }
    if (this.#keys.length < this.count) tables.push(table('stss', this.#keys.length, u32List(this.#keys)));
    const chunkRuns = this.#chunkRuns();
    return [
      ...tables,
      table('stsc', chunkRuns.length, u32List(chunkRuns.flat())),
      fullBox('stsz', 0, 0, u32(0, this.count), u32List(this.#sizes)),
      table('co64', this.#chunks.length, u64List(this.#chunks.map((chunk) => chunk.fileOffset))),
    ];
  }

  /** A sample lasts until the next one is decoded: a gap makes the one before it longer. */
  #add(sample: TableSample): void {
    if (this.#last) addRun(this.#durations, sample.decodeTicks - this.#last.decodeTicks);
    else this.#startTicks = sample.decodeTicks;
    const presentedEnd = sample.decodeTicks + sample.compositionOffsetTicks + sample.durationTicks;
    this.#presentedEndTicks = Math.max(this.#presentedEndTicks, presentedEnd);
    addRun(this.#offsets, sample.compositionOffsetTicks);
    this.#sizes.push(sample.sizeBytes);
    if (sample.key) this.#keys.push(this.#sizes.length);
    this.#last = sample;
  }

  /** First chunk, samples a chunk and description, for each run of chunks that are alike. */
  #chunkRuns(): number[][] {
    const runs: number[][] = [];
    this.#chunks.forEach(({ samples, description }, index) => {
      const last = runs.at(-1);
      if (last?.[1] !== samples || last[2] !== description) runs.push([index + 1, samples, description]);
    });
    return runs;
  }
}

const table = (type: string, rows: number, bytes: Uint8Array) => fullBox(type, 0, 0, u32(rows), bytes);

/** The same tables without samples, as a fragmented file's moov has them. */
export function emptyTables(): Uint8Array[] {
  const none = new Uint8Array(0);
  return [table('stts', 0, none), table('stsc', 0, none), fullBox('stsz', 0, 0, u32(0, 0)), table('stco', 0, none)];
}

function addRun(runs: Run[], value: number): void {
  const last = runs.at(-1);
  if (last?.value === value) last.count += 1;
  else runs.push({ count: 1, value });
}

function withRun(runs: readonly Run[], value: number): Run[] {
  const copy = runs.map((run) => ({ ...run }));
  addRun(copy, value);
  return copy;
}
