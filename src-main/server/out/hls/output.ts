/** A stream as HLS in one format: a viewer of the hub like any other, whose frames go into a window of segments. */
import { type RenditionReport, writeMediaPlaylist } from '../../../wire/hls/media-playlist.ts';
import type { Viewer } from '../../hub/audience.ts';
import type { Tracks } from '../../hub/frame.ts';
import type { LiveStream } from '../../hub/live-stream.ts';
import type { OutgoingTag, ViewerSink } from '../../hub/viewer-queue.ts';
import type { ServerLimits } from '../../limits.ts';
import type { StreamFormat } from './media-format.ts';
import { createMuxer, type HlsFormat } from './muxers.ts';
import type { CutRules, SegmentSink } from './segmenter.ts';
import type { ShowPlan } from './show-plan.ts';
import { TagCutter } from './tag-cutter.ts';
import { HlsViewers } from './viewers.ts';
import { type Awaited, WaitingList } from './waiting-list.ts';
import { HlsWindow, type SegmentNumbers } from './window.ts';

/** who waits longer has missed three target durations (RFC 8216bis, 6.2.5.2) */
const PATIENCE_TARGETS = 3;
/** a playlist without parts begins so long: the next segment then comes in time */
const START_TARGETS = 1.5;
/** a publisher whose network failed may come back; then the show is over */
const GRACE_MS = 30_000;

export interface OutputOptions {
  stream: LiveStream;
  format: HlsFormat;
  limits: ServerLimits;
  /** of the show, whose other playlists have the same */
  plan: ShowPlan;
  first: SegmentNumbers;
  /** a rung of a show that is under way: who asks for it plays another one meanwhile */
  isRung?: boolean;
  /** nobody asked for it for a while, or the stream is over */
  onEnd: (next: SegmentNumbers) => void;
}

export class HlsOutput implements ViewerSink {
  readonly protocol = 'hls';
  readonly format: HlsFormat;
  readonly window: HlsWindow;
  readonly viewers: HlsViewers;
  readonly #options: OutputOptions;
  readonly #rules: CutRules;
  readonly #waiting: WaitingList;
  readonly #cutter: TagCutter;
  readonly #viewer: Viewer;
  readonly #ticker: NodeJS.Timeout;
  #askedAtMs = performance.now();
  /** since when nobody publishes; null while somebody does */
  #silentAtMs: number | null = null;
  #over = false;
  #ended = false;

  constructor(options: OutputOptions) {
    const { stream, format, limits, plan, first } = options;
    this.#options = options;
    this.format = format;
    this.#rules = {
      segmentMs: limits.hlsSegmentMs,
      get targetDurationS() {
        return plan.targetDurationS;
      },
      partTargetMs: limits.hlsPartTargetMs,
      segmentBytesMax: limits.hlsSegmentBytesMax,
    };
    const { hlsWindowMs: windowMs, hlsBytesMax: bytesMax } = limits;
    const windowLimits = {
      windowMs,
      bytesMax,
      get targetDurationS() {
        return plan.targetDurationS;
      },
    };
    this.window = new HlsWindow(windowLimits, first);
    this.#waiting = new WaitingList(limits.hlsWaitingMax);
    this.#cutter = new TagCutter({
      rules: this.#rules,
      plan,
      begin: (made) => this.#begin(made),
      onProblem: () => this.#waiting.check(),
    });
    this.viewers = new HlsViewers(() => Math.max(limits.hlsViewerGoneMs, this.#patienceMs + 1_000));
    this.#ticker = setInterval(() => this.#tick(), Math.min(1_000, limits.hlsIdleMs / 2));
    this.#viewer = stream.watch(this, () => this.viewers.size);
  }

  get targetDurationS(): number {
    return this.#options.plan.targetDurationS;
  }

  /** Memory takes everything. */
  get ready(): boolean {
    return true;
  }

  accepts(): boolean {
    return true;
  }

  /** why this stream cannot be had in this format; null when it can */
  get problem(): string | null {
    return this.#cutter.problem;
  }

  /** The publisher left and did not come back: nothing follows, what there is may still be played to its end. */
  get over(): boolean {
    return this.#over;
  }

  get streamFormat(): StreamFormat {
    return this.#cutter.streamFormat;
  }

  /** Somebody asks: it goes on being made for a while. */
  touch(): void {
    this.#askedAtMs = performance.now();
  }

  write(tags: readonly OutgoingTag[], tracks: Tracks): void {
    this.#silentAtMs = null;
    this.#cutter.write(tags, tracks);
  }

  /** The stream is over, or nobody asks any more. */
  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    clearInterval(this.#ticker);
    this.#viewer.leave();
    this.viewers.clear();
    this.#waiting.end();
    this.#options.onEnd(this.window.next);
  }

  /** Until there is enough to play without a stall, or for a while; then a single segment has to do. */
  async awaitStart(signal: AbortSignal): Promise<Awaited> {
    const isThere = () => this.#isEnough || this.problem !== null || this.#over;
    const outcome = await this.#waiting.wait(isThere, this.#options.limits.hlsStartMs, signal);
    return outcome === 'late' && this.window.lastMsn !== null ? 'there' : outcome;
  }

  /** Who plays whole segments from the first on needs the next one before it ends; parts are never far. */
  get #isEnough(): boolean {
    if (this.format === 'fmp4' || this.#options.isRung) return this.window.lastMsn !== null;
    const listedMs = this.window.listed.reduce((sum, { durationMs }) => sum + durationMs, 0);
    return listedMs >= START_TARGETS * this.targetDurationS * 1_000;
  }

  /** Until the playlist has a segment, or a part of it (RFC 8216bis, 6.2.5.2). @param part null: the whole segment */
  awaitPlaylist(msn: number, part: number | null, signal: AbortSignal): Promise<Awaited> {
    return this.#waiting.wait(() => this.#over || this.#lists(msn, part), this.#patienceMs, signal);
  }

  /** Until a part is there that the playlist hinted at. */
  awaitPart(id: number, signal: AbortSignal): Promise<Awaited> {
    return this.#waiting.wait(() => this.#over || this.window.part(id) !== null, this.#patienceMs, signal);
  }

  /** Further ahead than a player that follows the playlist would ask (RFC 8216bis, 6.2.5.2). */
  isTooFar(msn: number, part: number | null): boolean {
    const last = this.window.lastMsn ?? this.window.next.msn - 1;
    if (msn > last + 2) return true;
    if (part === null || msn <= last) return false;
    const parts = this.window.open?.msn === msn ? this.window.open.parts.length : 0;
    const advanceLimit = Math.max(3, 3_000 / this.#rules.partTargetMs);
    return part - (parts - 1) > advanceLimit;
  }

  /** @param reports how far the other renditions of the show are */
  playlist({ skip, reports }: { skip: boolean; reports: readonly RenditionReport[] }): string {
    const { window, targetDurationS, format } = this;
    const extension = format === 'ts' ? 'ts' : 'm4s';
    const name = {
      segment: (msn: number) => `${msn}.${extension}`,
      part: (id: number) => `p${id}.${extension}`,
      init: (id: number) => `i${id}.mp4`,
    };
    const listed = window.playlistSegments(name);
    const isLow = format === 'fmp4';
    const segments = isLow ? listed : listed.filter(({ uri }) => uri !== null).map((segment) => ({ ...segment, parts: [] }));
    const hintUri = this.#over ? null : name.part(window.next.part);
    const lowLatency = isLow ? { partTargetS: this.#rules.partTargetMs / 1_000, hintUri, reports } : null;
    const mediaSequence = window.listed[0]?.msn ?? window.next.msn;
    const text = writeMediaPlaylist(
      { targetDurationS, mediaSequence, discontinuitySequence: window.discontinuitySequence, segments, lowLatency },
      { skip },
    );
    return this.#over ? `${text}#EXT-X-ENDLIST\n` : text; // 4.4.3.4
  }

  /** What the others of the show say of this one (RFC 8216bis, 4.4.5.4). */
  report(uri: string): RenditionReport | null {
    const { open, lastMsn, listed } = this.window;
    if (lastMsn === null) return null;
    if (open && open.parts.length > 0) return { uri, lastMsn: open.msn, lastPart: open.parts.length - 1 };
    return { uri, lastMsn, lastPart: (listed.at(-1)?.parts.length ?? 1) - 1 };
  }

  get #patienceMs(): number {
    return PATIENCE_TARGETS * this.targetDurationS * 1_000;
  }

  #lists(msn: number, part: number | null): boolean {
    const { lastMsn, open, listed } = this.window;
    if (lastMsn === null) return false;
    if (lastMsn >= msn) {
      const segment = listed.find((whole) => whole.msn === msn);
      if (part === null || !segment || part < segment.parts.length) return true;
      return this.#lists(msn + 1, 0); // past its last part: the first of the next
    }
    return part !== null && open?.msn === msn && open.parts.length > part;
  }

  #begin(format: StreamFormat): SegmentSink {
    const muxer = createMuxer(this.format, format);
    const initId = muxer.init ? this.window.addInit(muxer.init) : null;
    return this.#store(initId, (part) => muxer.mux(part));
  }

  #store(initId: number | null, mux: ReturnType<typeof createMuxer>['mux']): SegmentSink {
    const { window } = this;
    const { plan } = this.#options;
    return {
      openSegment: ({ startMs, arrivedAtMs, epoch }) => {
        const discontinuity = plan.discontinuityIn(epoch);
        window.begin({ msn: plan.msnAt(startMs), discontinuity });
        window.openSegment({ discontinuity, initId, programDateTimeMs: plan.zeroAtMs(epoch, arrivedAtMs - startMs) + startMs });
      },
      addPart: (part) => {
        const { durationMs, independent, samples } = part;
        const pictures = samples.filter(({ kind }) => kind === 'video').length;
        window.addPart({ durationMs, independent, pictures, pieces: mux(part) });
        this.#waiting.check();
      },
      closeSegment: () => {
        window.closeSegment();
        plan.settle();
        this.#waiting.check();
      },
    };
  }

  #tick(): void {
    const nowMs = performance.now();
    const { hlsIdleMs, viewerWaitsMs } = this.#options.limits;
    this.viewers.prune(nowMs);
    if (!this.#over) this.#watchPublisher(nowMs);
    const isIdle = this.#waiting.size === 0 && nowMs - this.#askedAtMs > hlsIdleMs;
    const isLongOver = this.#over && nowMs - (this.#silentAtMs ?? nowMs) > viewerWaitsMs; // however often it is asked for
    if (isIdle || isLongOver) this.end();
  }

  #watchPublisher(nowMs: number): void {
    if (this.#options.stream.publishing) {
      this.#silentAtMs = null;
      return;
    }
    this.#silentAtMs ??= nowMs;
    this.#cutter.finish();
    if (nowMs - this.#silentAtMs < GRACE_MS) return;
    this.#over = true;
    this.#viewer.leave(); // a publisher that comes now begins another output
    this.#ticker.unref(); // the stream ends it no more: it must not keep the process
    this.#waiting.check();
  }
}
