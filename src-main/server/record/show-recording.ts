/**
 * Records one show of a stream, from the first picture to half a minute after the publisher left for good. To the hub it is
 * a viewer whose socket takes everything, and nobody who counts.
 */
import type { StudioError } from '../../../src-shared/errors.ts';
import type { Viewer } from '../hub/audience.ts';
import type { Tracks } from '../hub/frame.ts';
import type { LiveStream } from '../hub/live-stream.ts';
import type { OutgoingTag, ViewerSink } from '../hub/viewer-queue.ts';
import type { ServerLimits } from '../limits.ts';
import { type StreamFormat, sameFormat } from '../out/hls/media-format.ts';
import { createMuxer, type PartMuxer } from '../out/hls/muxers.ts';
import type { CutPart, MediaSample, SegmentSink } from '../out/hls/segmenter.ts';
import { ShowPlan } from '../out/hls/show-plan.ts';
import { TagCutter } from '../out/hls/tag-cutter.ts';
import type { Show } from './show.ts';
import { ShowWriter } from './show-writer.ts';

export interface ShowRecordingOptions {
  stream: LiveStream;
  directory: string;
  limits: ServerLimits;
  /** a show of this size goes on as another */
  bytesMax: number;
  onShow: (show: Show) => void;
  onFailure: (failure: StudioError) => void;
  /** nothing more is recorded by this one; what is queued is still being written */
  onEnd: () => void;
}

/** What goes on while the format stays, whoever publishes. */
interface OpenFile {
  format: StreamFormat;
  muxer: PartMuxer;
  /** of the stream's own line: where the file is at 0 */
  zeroMs: number | null;
}

export class ShowRecording implements ViewerSink {
  readonly #options: ShowRecordingOptions;
  readonly #plan: ShowPlan;
  readonly #cutter: TagCutter;
  readonly #writer: ShowWriter;
  readonly #viewer: Viewer;
  #file: OpenFile | null = null;
  #silentAtMs: number | null = null;
  #ending: Promise<void> | null = null;

  constructor(options: ShowRecordingOptions) {
    const { stream, directory, limits, onShow, onFailure } = options;
    this.#options = options;
    const plan = new ShowPlan(limits, { msn: 0, discontinuitiesAhead: 0 }, () => stream.longestGopMs);
    this.#plan = plan;
    this.#cutter = new TagCutter({
      rules: {
        segmentMs: limits.hlsSegmentMs,
        get targetDurationS() {
          return plan.targetDurationS;
        },
        partTargetMs: Number.POSITIVE_INFINITY, // one fragment a segment
        segmentBytesMax: limits.hlsSegmentBytesMax,
      },
      plan,
      begin: (format) => this.#begin(format),
      onProblem: () => {},
    });
    this.#writer = new ShowWriter({
      directory,
      stream: stream.name,
      limits,
      onShow,
      onFailure: (failure) => {
        onFailure(failure);
        void this.finish();
      },
    });
    this.#viewer = stream.watch(this, () => 0);
  }

  /** Memory takes everything; what the disk does not take in time ends the recording. */
  get ready(): boolean {
    return true;
  }

  get queueBytes(): number {
    return this.#writer.queueBytes;
  }

  get show(): Show | null {
    return this.#writer.show;
  }

  /** why the stream cannot be recorded; null when it can */
  get problem(): string | null {
    return this.#cutter.problem;
  }

  accepts(): boolean {
    return true;
  }

  write(tags: readonly OutgoingTag[], tracks: Tracks): void {
    if (this.#ending) return;
    this.#silentAtMs = null;
    this.#cutter.write(tags, tracks);
  }

  /** The stream is served no more, or nobody has come for long. */
  end(): void {
    void this.finish();
  }

  /** Resolves when all of it is on the disk. */
  finish(): Promise<void> {
    if (!this.#ending) {
      this.#viewer.leave();
      this.#cutter.finish();
      this.#ending = this.#writer.close();
      this.#options.onEnd();
    }
    return this.#ending;
  }

  /** To be called each second. */
  tick(nowMs: number): void {
    const { stream, limits, bytesMax } = this.#options;
    if (stream.publishing) {
      const { durationMs, sizeBytes } = this.show?.totals ?? { durationMs: 0, sizeBytes: 0 };
      if (durationMs > limits.recordShowMs || sizeBytes > bytesMax) void this.finish();
      return;
    }
    if (!this.#file) return;
    if (this.#silentAtMs === null) this.#cutter.finish(); // on the disk now, whether the publisher returns or not
    this.#silentAtMs ??= nowMs;
    if (nowMs - this.#silentAtMs >= limits.recordGraceMs) void this.finish();
  }

  #begin(format: StreamFormat): SegmentSink {
    let gap = this.#file !== null;
    const file = this.#file && sameFormat(this.#file.format, format) ? this.#file : this.#beginFile(format);
    let clockMs = 0;
    let open = { atMs: 0, durationMs: 0, pictures: 0, pieces: [] as Uint8Array[] };
    return {
      openSegment: ({ startMs, arrivedAtMs }) => {
        file.zeroMs ??= startMs;
        if (clockMs === 0) clockMs = arrivedAtMs - startMs;
        open = { atMs: clockMs + startMs, durationMs: 0, pictures: 0, pieces: [] };
      },
      addPart: (part) => {
        const { samples, durationMs } = part;
        open.durationMs += durationMs;
        open.pictures += samples.filter(({ kind }) => kind === 'video').length;
        open.pieces.push(...file.muxer.mux(shifted(part, file.zeroMs ?? 0)));
      },
      closeSegment: () => {
        this.#plan.settle();
        this.#writer.write({ ...open, gap }, this.#plan.targetDurationS);
        gap = false;
      },
    };
  }

  #beginFile(format: StreamFormat): OpenFile {
    const { video, audio } = format;
    const muxer = createMuxer('fmp4', format);
    this.#file = { format, muxer, zeroMs: null };
    this.#writer.beginFile({
      init: muxer.init as Uint8Array,
      codecs: [video?.codecString, audio?.codecString].filter((codec) => codec !== undefined),
      picture: video && { widthPx: video.widthPx, heightPx: video.heightPx },
    });
    return this.#file;
  }
}

/** From the stream's line to the file's, which begins at 0: what sounds before its first picture is left out. */
function shifted({ samples, startMs, ...rest }: CutPart, zeroMs: number): CutPart {
  const shift = (sample: MediaSample): MediaSample => ({ ...sample, dtsMs: sample.dtsMs - zeroMs, ptsMs: sample.ptsMs - zeroMs });
  return { ...rest, startMs: startMs - zeroMs, samples: samples.filter(({ dtsMs }) => dtsMs >= zeroMs).map(shift) };
}
