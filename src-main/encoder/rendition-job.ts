/** One rendition at work: a bounded queue of ticks before its own encoder, so that a slow one delays no other. */
import type { Rendition } from '../../src-shared/domain/rendition.ts';
import type { MediaDemand } from '../../src-shared/ipc/contract.ts';
import { tickToUs, US_PER_S } from '../../src-shared/units.ts';
import type { VideoHeader, VideoPacket } from '../process/packet.ts';
import type { Picture } from './picture.ts';
import { Scaler } from './scaler.ts';
import { type AccessUnit, X264Encoder } from './video-encoder.ts';
import type { TickOutput } from './video-timeline.ts';

/** Ticks that may wait for the encoder. Beyond, ticks stay empty: memory and delay are bounded. */
const QUEUE_TICKS_MAX = 30;
/**
 * With so much waiting (more than one late picture brings on), the encoder is behind and repeats only keep it there: they
 * stay empty, so that what is encoded is new. Receivers show the last picture meanwhile, as a repeat would have done.
 */
const BEHIND_S = 0.5;
/** Each restart of a rendition keeps its dts rising, also in the whole milliseconds of FLV. */
const DTS_STEP_US = 1_000;

export interface JobEvents {
  header(header: VideoHeader): void;
  packet(packet: VideoPacket): void;
  encoded(milliseconds: number): void;
  failed(error: unknown): void;
  /** a tick has left the queue */
  dequeued(): void;
}

type Meta = Pick<VideoPacket, 'tick' | 'captureTimeUs' | 'repeated'>;

export class RenditionJob {
  readonly rendition: Rendition;
  readonly #frameRate: number;
  readonly #demand: MediaDemand;
  readonly #events: JobEvents;
  readonly #queue: (TickOutput<Picture> & { picture: Picture })[] = [];
  readonly #meta = new Map<number, Meta>();
  #encoder: X264Encoder | null = null;
  #scaler: Scaler | null = null;
  #idrWanted = false;
  #bitrateKbps: number;
  #lastDtsUs: number;
  #ending = false;
  #failed = false;
  #wake: () => void = () => {};
  /** settles when all is flushed and freed; never rejects */
  readonly ended: Promise<void>;

  /** @param before the job that had this rendition until now: its last packet goes first */
  constructor(rendition: Rendition, demand: MediaDemand, events: JobEvents, before?: RenditionJob) {
    this.rendition = rendition;
    this.#demand = demand;
    this.#events = events;
    this.#frameRate = Math.min(rendition.video.frameRate, demand.frameRate);
    this.#bitrateKbps = rendition.video.bitrateKbps;
    this.#lastDtsUs = Number.NEGATIVE_INFINITY;
    this.ended = this.#run(before);
  }

  get queued(): number {
    return this.#queue.length;
  }

  /** @returns how many ticks stay empty because the encoder is behind */
  push(output: TickOutput<Picture> & { picture: Picture }): number {
    if (this.#ending || this.#failed || this.#ticks(output.tick) === this.#ticks(output.tick - 1)) return 0;
    const isBehind = this.#queue.length >= BEHIND_S * this.#frameRate;
    if (this.#queue.length >= QUEUE_TICKS_MAX || (isBehind && output.repeated)) return 1;
    const dropped = isBehind ? this.#dropRepeats() : 0;
    output.picture.hold();
    this.#queue.push(output);
    this.#wake();
    return dropped;
  }

  requestIdr(): void {
    this.#idrWanted = true;
  }

  setBitrate(bitrateKbps: number): void {
    this.#bitrateKbps = bitrateKbps;
  }

  /** What is queued is still encoded. */
  end(): Promise<void> {
    this.#ending = true;
    this.#wake();
    return this.ended;
  }

  #dropRepeats(): number {
    const repeats = this.#queue.filter(({ repeated }) => repeated);
    for (const { picture } of repeats) picture.letGo();
    this.#queue.splice(0, this.#queue.length, ...this.#queue.filter(({ repeated }) => !repeated));
    return repeats.length;
  }

  /** the tick of this rendition's own rate that contains an output tick; a slower rendition leaves ticks out */
  #ticks(tick: number): number {
    return this.#frameRate === this.#demand.frameRate ? tick : Math.floor((tick * this.#frameRate) / this.#demand.frameRate + 1e-9);
  }

  async #run(before: RenditionJob | undefined): Promise<void> {
    try {
      await before?.ended;
      if (before) this.#lastDtsUs = before.#lastDtsUs;
      this.#open();
      await this.#work();
      this.#emit((await this.#encoder?.flush()) ?? []);
    } catch (error) {
      this.#failed = true;
      this.#events.failed(error);
    } finally {
      for (const { picture } of this.#queue.splice(0)) picture.letGo();
      this.#encoder?.close();
      this.#scaler?.close();
    }
  }

  #open(): void {
    const { id, video } = this.rendition;
    const settings = { ...video, frameRate: this.#frameRate, bitrateKbps: this.#bitrateKbps };
    this.#encoder = new X264Encoder(settings);
    if (video.widthPx !== this.#demand.widthPx || video.heightPx !== this.#demand.heightPx) this.#scaler = new Scaler(this.#demand, video);
    this.#events.header({
      kind: 'video',
      renditionId: id,
      codec: 'h264',
      widthPx: video.widthPx,
      heightPx: video.heightPx,
      frameRate: this.#frameRate,
      bitrateKbps: this.#bitrateKbps,
      config: this.#encoder.config,
    });
  }

  async #work(): Promise<void> {
    let appliedKbps = this.#bitrateKbps;
    for (;;) {
      const next = this.#queue.shift();
      if (!next) {
        if (this.#ending) return;
        await new Promise<void>((wake) => {
          this.#wake = wake;
        });
        continue;
      }
      this.#events.dequeued();
      if (appliedKbps !== this.#bitrateKbps) this.#encoder?.setBitrate((appliedKbps = this.#bitrateKbps));
      try {
        await this.#encode(next);
      } finally {
        next.picture.letGo();
      }
    }
  }

  async #encode({ tick, picture, repeated }: TickOutput<Picture> & { picture: Picture }): Promise<void> {
    const startMs = performance.now();
    const frame = this.#scaler ? await this.#scaler.scale(picture) : picture.frame;
    const idr = this.#idrWanted;
    this.#idrWanted = false;
    const pts = this.#ticks(tick);
    this.#meta.set(pts, { tick, captureTimeUs: picture.captureTimeUs, repeated });
    const units = (await this.#encoder?.encode(frame, pts, idr)) ?? [];
    this.#events.encoded(performance.now() - startMs);
    this.#emit(units);
  }

  #emit(units: AccessUnit[]): void {
    for (const { pts, dts, key, data } of units) {
      const meta = this.#meta.get(pts);
      this.#meta.delete(pts);
      if (!meta) throw new Error(`x264 returned tick ${pts}, which was not given to it`);
      const ptsUs = tickToUs(pts, this.#frameRate);
      this.#lastDtsUs = Math.max(tickToUs(dts, this.#frameRate), this.#lastDtsUs + DTS_STEP_US);
      this.#events.packet({
        kind: 'video',
        renditionId: this.rendition.id,
        ptsUs,
        dtsUs: this.#lastDtsUs,
        durationUs: Math.round(US_PER_S / this.#frameRate),
        key,
        data,
        ...meta,
      });
    }
  }
}
