/**
 * The tags of a stream, as the hub sends them, become segments: of each format, and of each publisher, with a sink of
 * their own. For HLS from memory and for what is recorded alike.
 */
import { WireError } from '../../../wire/wire-error.ts';
import type { Tracks } from '../../hub/frame.ts';
import type { OutgoingTag } from '../../hub/viewer-queue.ts';
import { type StreamFormat, sameFormat } from './media-format.ts';
import { SampleReader } from './sample-reader.ts';
import { type CutRules, type MediaSample, Segmenter, type SegmentSink } from './segmenter.ts';
import type { ShowPlan } from './show-plan.ts';

/** a track that was announced is waited for so long */
const ANNOUNCED_MS = 1_000;

export interface TagCutterOptions {
  rules: CutRules;
  plan: Pick<ShowPlan, 'cutsAt'>;
  /** Another publisher, or another format: what follows it goes there. @throws WireError for a format that has no place in it */
  begin: (format: StreamFormat) => SegmentSink;
  /** it cannot be had: see `problem` */
  onProblem: () => void;
}

interface Making {
  format: StreamFormat;
  segmenter: Segmenter;
}

export class TagCutter {
  readonly #options: TagCutterOptions;
  readonly #reader = new SampleReader();
  #problem: string | null = null;
  #publication: number | null = null;
  #firstMs: number | null = null;
  #making: Making | null = null;

  constructor(options: TagCutterOptions) {
    this.#options = options;
  }

  /** why this stream cannot be had; null when it can */
  get problem(): string | null {
    return this.#problem ?? this.#reader.problem;
  }

  get streamFormat(): StreamFormat {
    return this.#making?.format ?? this.#reader.format;
  }

  write(tags: readonly OutgoingTag[], tracks: Tracks): void {
    const publication = tags.at(-1)?.frame?.publication ?? this.#publication;
    if (publication !== this.#publication) this.#restart(publication);
    for (const { kind, body, frame } of tags) {
      if (kind === 'script') continue;
      if (!frame) this.#reader.header(kind, body);
      else {
        const sample = this.#reader.sample(frame, frame.timestampMs); // the show's, not this viewer's: as in all other playlists
        if (sample) this.#take(sample, tracks);
      }
    }
  }

  /** Nothing follows, for now: what there is becomes whole. */
  finish(): void {
    this.#making?.segmenter.flush();
    this.#making = null;
  }

  #take(sample: MediaSample, tracks: Tracks): void {
    this.#firstMs ??= sample.dtsMs;
    const { format } = this.#reader;
    const begins = sample.key && (sample.kind === 'video' || !(format.video || tracks.video));
    if (begins && !(this.#making && sameFormat(this.#making.format, format))) this.#begin(sample, tracks);
    const { format: made, segmenter } = this.#making ?? {};
    if (made?.[sample.kind] && segmenter) segmenter.push(sample);
  }

  /** From this IDR on, in the format that the headers tell now. */
  #begin({ dtsMs }: MediaSample, tracks: Tracks): void {
    const { rules, plan, begin, onProblem } = this.#options;
    const { format, problem } = this.#reader;
    const isAwaited = (tracks.video && !format.video) || (tracks.audio && !format.audio);
    if (problem !== null || (isAwaited && dtsMs - (this.#firstMs ?? 0) < ANNOUNCED_MS)) return;
    this.finish();
    try {
      this.#making = { format, segmenter: new Segmenter(rules, begin(format), format.video !== null, plan) };
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      this.#problem = error.message;
      onProblem();
    }
  }

  /** Another publisher. */
  #restart(publication: number | null): void {
    this.finish();
    this.#reader.restart();
    this.#problem = null;
    this.#firstMs = null;
    this.#publication = publication;
  }
}
