/**
 * Cuts a stream into parts and segments: where one ends and the next begins, and how long it lasts. Pure: no clock.
 *
 * Segments begin with IDRs. Where a GOP is longer than the target duration, which must not change, one is cut without.
 * A picture is held until the next one comes, since only that tells how long it lasts.
 * @see RFC 8216bis, 4.4.3.1 (target duration), 4.4.4.9 (parts)
 */
import type { ShowPlan } from './show-plan.ts';

export interface MediaSample {
  kind: 'video' | 'audio';
  dtsMs: number;
  ptsMs: number;
  /** of a sound; a picture lasts until the next one */
  durationMs: number;
  key: boolean;
  /** an IDR that every rendition of the show has */
  aligned: boolean;
  /** of the show: see MediaFrame */
  epoch: number;
  data: Uint8Array;
  /** wall clock of the server, Unix time */
  arrivedAtMs: number;
}

export interface CutPart {
  samples: readonly MediaSample[];
  startMs: number;
  durationMs: number;
  /** an IDR is in it, or it is of sound alone */
  independent: boolean;
}

/** What comes of it, in order: a segment opens, gets its parts, closes. */
export interface SegmentSink {
  openSegment(start: { startMs: number; arrivedAtMs: number; epoch: number }): void;
  addPart(part: CutPart): void;
  closeSegment(): void;
}

export interface CutRules {
  /** of sound alone: a segment ends after so long */
  segmentMs: number;
  /** without an IDR a segment ends here: its duration, rounded, is the target. It is asked for anew each time */
  readonly targetDurationS: number;
  /** no part is longer */
  partTargetMs: number;
  segmentBytesMax: number;
}

/** the first segment may end so early: players wait for it */
const FIRST_SEGMENT_MS = 500;
/** GOPs of 2 s are 1,999 ms long now and then: RTMP has whole milliseconds */
const JITTER_MS = 50;
/** sound that is so far ahead of the pictures goes on without them */
const STALLED_MS = 1_000;
/** what the last picture lasts, before there were two */
const PICTURE_MS = 33;
/** rounded to whole seconds it still is the target duration (4.4.3.1) */
const ROUNDING_MS = 499;
const PARTS_OF_BYTES = 4;

export class Segmenter {
  readonly #rules: CutRules;
  readonly #sink: SegmentSink;
  readonly #hasVideo: boolean;
  readonly #plan: Pick<ShowPlan, 'cutsAt'>;
  #held: MediaSample | null = null;
  #pictureMs = PICTURE_MS;
  #part: MediaSample[] = [];
  #partBytes = 0;
  #partStartMs = 0;
  #segment: { startMs: number; bytes: number } | null = null;
  #segments = 0;
  /** to where pictures reach, or sounds where there are none */
  #endMs = 0;

  /** @param plan where segments begin, in all renditions alike */
  constructor(rules: CutRules, sink: SegmentSink, hasVideo: boolean, plan: Pick<ShowPlan, 'cutsAt'>) {
    this.#rules = rules;
    this.#sink = sink;
    this.#hasVideo = hasVideo;
    this.#plan = plan;
  }

  /** The first must be a key. Times of a kind rise. */
  push(sample: MediaSample): void {
    if (sample.kind === 'audio') {
      this.#pushSound(sample);
      return;
    }
    const held = this.#held;
    if (held) this.#place(held, Math.max(1, sample.dtsMs - held.dtsMs));
    this.#held = sample;
    if (sample.aligned && this.#plan.cutsAt(sample)) this.#close();
  }

  /** Nothing follows, for now: all that is there goes out, and what comes next begins a segment. */
  flush(): void {
    if (this.#held) this.#place(this.#held, this.#pictureMs);
    this.#held = null;
    this.#close();
  }

  get #segmentMs(): number {
    return this.#segment ? this.#endMs - this.#segment.startMs : 0;
  }

  get #leastMs(): number {
    return (this.#segments <= 1 ? FIRST_SEGMENT_MS : this.#rules.segmentMs) - JITTER_MS;
  }

  #pushSound(sample: MediaSample): void {
    if (!this.#hasVideo) {
      if (this.#segmentMs >= this.#leastMs) this.#close();
      this.#place(sample, sample.durationMs);
      return;
    }
    const held = this.#held;
    const isFlood = this.#partBytes > this.#rules.segmentBytesMax / PARTS_OF_BYTES;
    const isStalled = isFlood || sample.dtsMs - (held?.dtsMs ?? this.#endMs) > STALLED_MS;
    if (isStalled && held) {
      this.#held = null;
      this.#place(held, this.#pictureMs);
    }
    if (isStalled) this.#place(sample, sample.durationMs);
    else {
      this.#add(sample);
      this.#boundBytes();
    }
  }

  /** Adds a sample that says how far the part reaches, and ends what is full. */
  #place(sample: MediaSample, durationMs: number): void {
    if (sample.kind === 'video') this.#pictureMs = Math.min(durationMs, STALLED_MS);
    const endMs = Math.max(this.#endMs, sample.dtsMs + durationMs);
    const addedMs = endMs - (this.#segment ? this.#endMs : sample.dtsMs);
    const mostMs = this.#rules.targetDurationS * 1_000 + ROUNDING_MS;
    if (this.#segment && this.#segmentMs + addedMs > mostMs) this.#close();
    if (this.#partMs > 0 && this.#partMs + addedMs > this.#rules.partTargetMs) this.#endPart();
    this.#add(sample);
    this.#endMs = endMs;
    // the next one will be as long: who waits for the part need not wait for it
    if (this.#partMs + durationMs > this.#rules.partTargetMs) this.#endPart();
    this.#boundBytes();
  }

  #add(sample: MediaSample): void {
    if (!this.#segment) this.#open(sample);
    this.#part.push(sample);
    this.#partBytes += sample.data.length;
  }

  #boundBytes(): void {
    const { segmentBytesMax } = this.#rules;
    if (this.#partMs > 0 && this.#partBytes > segmentBytesMax / PARTS_OF_BYTES) this.#endPart();
    if ((this.#segment?.bytes ?? 0) > segmentBytesMax) this.#close();
  }

  get #partMs(): number {
    return this.#part.length === 0 ? 0 : this.#endMs - this.#partStartMs;
  }

  #open(sample: MediaSample): void {
    // sound may open it, but it begins with the picture that is held: of whose epoch it is in every rendition
    const { dtsMs: firstMs, arrivedAtMs, epoch } = this.#held ?? sample;
    const follows = this.#segments > 0 && firstMs - this.#endMs < STALLED_MS;
    const startMs = follows ? this.#endMs : firstMs;
    this.#segment = { startMs, bytes: 0 };
    this.#segments += 1;
    this.#partStartMs = startMs;
    this.#endMs = startMs;
    this.#sink.openSegment({ startMs, arrivedAtMs, epoch });
  }

  #endPart(): void {
    const samples = this.#part;
    if (!this.#segment || samples.length === 0) return;
    const independent = this.#hasVideo ? samples.some(({ kind, key }) => kind === 'video' && key) : true;
    this.#sink.addPart({ samples, startMs: this.#partStartMs, durationMs: this.#partMs, independent });
    this.#segment.bytes += this.#partBytes;
    this.#part = [];
    this.#partBytes = 0;
    this.#partStartMs = this.#endMs;
  }

  #close(): void {
    if (!this.#segment) return;
    this.#endPart();
    this.#segment = null;
    this.#sink.closeSegment();
  }
}
