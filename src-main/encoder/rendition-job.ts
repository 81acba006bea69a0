/** One rendition at work: a bounded queue of ticks before its own encoder, so that a slow one delays no other. */
import type { Rendition } from '../../src-shared/domain/rendition.ts';
import { describeEncoder } from '../../src-shared/domain/video-encoder.ts';
import type { MediaDemand } from '../../src-shared/ipc/contract.ts';
import { tickToUs, US_PER_S } from '../../src-shared/units.ts';
import type { Clock } from '../process/clock.ts';
import type { EncodeLoad } from '../process/encoder-contract.ts';
import type { VideoHeader, VideoPacket } from '../process/packet.ts';
import type { Picture, PictureOrigin } from './picture.ts';
import type { PictureConverter, PictureConverters } from './picture-converter.ts';
import type { AccessUnit, OpenVideoEncoder, VideoEncoder } from './video/back-end.ts';
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
  /** in the encoder's place another one has begun, which takes up to so many pictures before it gives the first packet */
  reopened(pictures: number): void;
  encoded(milliseconds: number): void;
  failed(error: unknown): void;
  /** a tick has left the queue */
  dequeued(): void;
}

export interface JobInput {
  demand: MediaDemand;
  converters: PictureConverters;
  openEncoder: OpenVideoEncoder;
  /** of the rendition's last packet, whichever job gave it out */
  lastDts: { us: number };
  clock: Clock;
}

type Meta = Pick<VideoPacket, 'tick' | 'captureTimeUs' | 'repeated'> & { origin: PictureOrigin | null };

interface Queued extends TickOutput<Picture> {
  picture: Picture;
  /** is to become an IDR */
  idr: boolean;
}

export class RenditionJob {
  readonly rendition: Rendition;
  readonly #frameRate: number;
  readonly #input: JobInput;
  readonly #events: JobEvents;
  readonly #queue: Queued[] = [];
  readonly #meta = new Map<number, Meta>();
  #encoder: VideoEncoder | null = null;
  #converter: PictureConverter | null = null;
  #idrWanted = false;
  #bitrateKbps: number;
  #appliedKbps = 0;
  /** what waits until the job before has given out its last packet; null: nothing has to wait */
  #held: (() => void)[] | null = null;
  /** of the time since `readMs`, what the encoder had a picture in hand; and since when it has the present one */
  readonly #busy = { ms: 0, readMs: performance.now(), sinceMs: null as number | null };
  #ending = false;
  #failed = false;
  #wake: () => void = () => {};
  /** settles when all is flushed and freed; never rejects */
  readonly ended: Promise<void>;

  /** @param before the job that had this rendition until now: its last packet goes first */
  constructor(rendition: Rendition, input: JobInput, events: JobEvents, before?: RenditionJob) {
    this.rendition = rendition;
    this.#input = input;
    this.#events = events;
    this.#frameRate = Math.min(rendition.video.frameRate, input.demand.frameRate);
    this.#bitrateKbps = rendition.video.bitrateKbps;
    this.ended = this.#run(before);
  }

  get queued(): number {
    return this.#queue.length;
  }

  /** How busy it was since the last call. */
  takeLoad(): EncodeLoad {
    const busy = this.#busy;
    const nowMs = performance.now();
    const handMs = busy.sinceMs === null ? 0 : nowMs - busy.sinceMs;
    const busyPct = (100 * (busy.ms + handMs)) / Math.max(1, nowMs - busy.readMs);
    Object.assign(busy, { ms: -handMs, readMs: nowMs });
    return { renditionId: this.rendition.id, busyPct: Math.min(100, Math.max(0, busyPct)), queued: this.#queue.length };
  }

  /** @returns how many ticks stay empty because the encoder is behind */
  push(output: TickOutput<Picture> & { picture: Picture }): number {
    if (this.#ending || this.#failed || !this.takes(output.tick)) return 0;
    const isBehind = this.#queue.length >= BEHIND_S * this.#frameRate;
    if (this.#queue.length >= QUEUE_TICKS_MAX || (isBehind && output.repeated)) return 1;
    const dropped = isBehind ? this.#dropRepeats() : 0;
    output.picture.hold();
    this.#queue.push({ ...output, idr: this.#idrWanted });
    this.#idrWanted = false;
    this.#wake();
    return dropped;
  }

  /** A slower rendition leaves ticks out. */
  takes(tick: number): boolean {
    return this.#ticks(tick) !== this.#ticks(tick - 1);
  }

  /** Of the picture that is pushed next, not of one that waits: what other renditions push then becomes an IDR there, too. */
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
    for (const { picture, idr } of repeats) {
      this.#idrWanted ||= idr;
      picture.letGo();
    }
    this.#queue.splice(0, this.#queue.length, ...this.#queue.filter(({ repeated }) => !repeated));
    return repeats.length;
  }

  /** the tick of this rendition's own rate that contains an output tick */
  #ticks(tick: number): number {
    const { frameRate } = this.#input.demand;
    return this.#frameRate === frameRate ? tick : Math.floor((tick * this.#frameRate) / frameRate + 1e-9);
  }

  /** The encoder before gives out what it has while this one begins: its packets go first, and no picture waits for that. */
  async #run(before: RenditionJob | undefined): Promise<void> {
    const follows = before ? this.#follow(before) : null;
    try {
      await this.#openBeside(before);
      await this.#work();
      await this.#encoder?.flush();
    } catch (error) {
      this.#failed = true;
      this.#events.failed(error);
    } finally {
      for (const { picture } of this.#queue.splice(0)) picture.letGo();
      await this.#encoder?.close();
      this.#converter?.release();
      await follows;
    }
  }

  async #follow(before: RenditionJob): Promise<void> {
    const held: (() => void)[] = [];
    this.#held = held;
    await before.ended;
    this.#held = null;
    for (const give of held) give();
  }

  /** Where the system has no room for another encoder beside the one before, that one ends first. */
  async #openBeside(before: RenditionJob | undefined): Promise<void> {
    try {
      await this.#open();
    } catch (error) {
      if (!before || this.#encoder) throw error;
      await before.ended;
      await this.#open();
    }
  }

  async #open(): Promise<void> {
    const { video } = this.rendition;
    const settings = { ...video, frameRate: this.#frameRate, bitrateKbps: this.#bitrateKbps };
    const encoder = await this.#input.openEncoder(settings, (unit) => this.#give(() => this.#emit(unit)), {
      source: this.#input.demand,
      reopened: (pictures) => this.#give(() => this.#events.reopened(pictures)),
    });
    this.#encoder = encoder;
    this.#appliedKbps = settings.bitrateKbps;
    const { inputSize, inputFormat } = encoder;
    this.#converter = await this.#input.converters.acquire({ ...inputSize, format: inputFormat, fit: video.fit });
    const { config } = encoder;
    if (config) this.#give(() => this.#announce(config));
  }

  async #work(): Promise<void> {
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
      if (this.#appliedKbps !== this.#bitrateKbps) this.#encoder?.setBitrate((this.#appliedKbps = this.#bitrateKbps));
      try {
        await this.#encode(next);
      } finally {
        next.picture.letGo();
      }
    }
  }

  async #encode({ tick, picture, repeated, idr }: Queued): Promise<void> {
    const startMs = performance.now();
    this.#busy.sinceMs = startMs;
    const converted = this.#converter ? await this.#converter.convert(picture) : null;
    const pts = this.#ticks(tick);
    this.#meta.set(pts, { tick, captureTimeUs: picture.captureTimeUs, repeated, origin: picture.origin });
    try {
      await this.#encoder?.encode(converted ?? picture, pts, idr);
    } finally {
      converted?.letGo();
      this.#busy.ms += performance.now() - startMs;
      this.#busy.sinceMs = null;
    }
    this.#events.encoded(performance.now() - startMs);
  }

  #give(give: () => void): void {
    if (this.#held) this.#held.push(give);
    else give();
  }

  #announce(config: Uint8Array): void {
    const { id, video } = this.rendition;
    this.#events.header({
      kind: 'video',
      renditionId: id,
      codec: describeEncoder(video.encoder).codec,
      widthPx: video.widthPx,
      heightPx: video.heightPx,
      frameRate: this.#frameRate,
      bitrateKbps: this.#bitrateKbps,
      config,
    });
  }

  #emit({ pts, dts, key, data, config }: AccessUnit): void {
    const meta = this.#meta.get(pts);
    this.#meta.delete(pts);
    if (!meta) throw new Error(`the encoder returned tick ${pts}, which was not given to it`);
    if (config) this.#announce(config);
    const { lastDts, clock } = this.#input;
    const { origin, ...told } = meta;
    lastDts.us = Math.max(tickToUs(dts, this.#frameRate), lastDts.us + DTS_STEP_US);
    this.#events.packet({
      kind: 'video',
      renditionId: this.rendition.id,
      ptsUs: tickToUs(pts, this.#frameRate),
      dtsUs: lastDts.us,
      durationUs: Math.round(US_PER_S / this.#frameRate),
      key,
      data,
      ...told,
      ...(origin && { way: { cameraUs: origin.cameraUs, encoderInUs: origin.arrivedUs, encoderOutUs: clock.nowUs() } }),
    });
  }
}
