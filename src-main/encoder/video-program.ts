/** The picture side of the encoder: pictures come in, every rendition gets one for every output tick. */
import type { RenditionId } from '../../src-shared/domain/ids.ts';
import type { Rendition } from '../../src-shared/domain/rendition.ts';
import type { MediaDemand } from '../../src-shared/ipc/contract.ts';
import type { VideoFrame420 } from '../../src-shared/ipc/media.ts';
import { usToTick } from '../../src-shared/units.ts';
import type { Clock } from '../process/clock.ts';
import type { EncodeLoad } from '../process/encoder-contract.ts';
import type { VideoHeader, VideoPacket } from '../process/packet.ts';
import { Picture, type PictureSize } from './picture.ts';
import { PictureConverters } from './picture-converter.ts';
import { RenditionJob } from './rendition-job.ts';
import type { OpenVideoEncoder } from './video/back-end.ts';
import { type TickOutput, VideoTimeline } from './video-timeline.ts';

/** Pictures of another size that have not come after so long are not waited for any more. */
const COMING_MAX_US = 1_000_000;
/**
 * With so many ticks waiting for an encoder, pictures are answered only when their turn comes, so the sender slows down and
 * leaves pictures out. So long as fewer wait, none is lost: time for the engine, which looks once a second and acts at 12
 * (session/overload.ts), to give the encoder less to do.
 */
const ANSWER_AT_ONCE_BELOW = 20;
/** How long a picture is waited for that renditions of different rates all take, to become an IDR in each. */
const IDR_TOGETHER_S = 0.5;

export interface VideoEvents {
  header(header: VideoHeader): void;
  packet(packet: VideoPacket): void;
  closed(renditionId: RenditionId): void;
  failed(error: unknown, renditionId: RenditionId): void;
  reopened?(renditionId: RenditionId, pictures: number): void;
  encoded(milliseconds: number): void;
}

interface Running {
  demand: MediaDemand;
  converters: PictureConverters;
  timeline: VideoTimeline<Picture>;
  black: Picture;
}

const isAsLarge = (a: PictureSize, b: PictureSize) => a.widthPx === b.widthPx && a.heightPx === b.heightPx;

export class VideoProgram {
  readonly #clock: Clock;
  readonly #events: VideoEvents;
  readonly #openEncoder: OpenVideoEncoder;
  readonly #renditions = new Map<RenditionId, Rendition>();
  readonly #jobs = new Map<RenditionId, RenditionJob>();
  /** the last one that each rendition was given, until it has ended; whoever takes the rendition up lets its packets go first */
  readonly #unended = new Map<RenditionId, RenditionJob>();
  /** outlives the jobs: whoever takes a rendition up goes on from there */
  readonly #lastDts = new Map<RenditionId, { us: number }>();
  readonly #ending = new Set<Promise<void>>();
  readonly #answers: (() => void)[] = [];
  #running: Running | null = null;
  /** begins with the first picture of its size */
  #coming: MediaDemand | null = null;
  /** to be opened anew with those pictures, so that a change costs one IDR and not two; or after that time without them */
  readonly #waiting = new Set<RenditionId>();
  #waitsUntilUs = 0;
  /** who is to make an IDR, all of the same picture; and for how many ticks that has been waited for */
  readonly #idrWanted = new Set<RenditionId>();
  #idrWantedTicks = 0;
  /** of timelines that have ended, so that counters never fall */
  #countsBefore = { new: 0, repeated: 0, late: 0 };
  #unqueued = 0;

  constructor(clock: Clock, events: VideoEvents, openEncoder: OpenVideoEncoder) {
    this.#clock = clock;
    this.#events = events;
    this.#openEncoder = openEncoder;
  }

  get demand(): MediaDemand | null {
    return this.#running?.demand ?? null;
  }

  get deadlineUs(): number {
    return this.#running?.timeline.deadlineUs ?? Number.POSITIVE_INFINITY;
  }

  /** the newest picture; held by the program, valid until the next picture or demand */
  get latest(): Picture | null {
    return this.#running?.timeline.last ?? null;
  }

  get counts(): { framesNew: number; framesRepeated: number; framesLate: number } {
    const now = this.#running?.timeline.counts ?? { new: 0, repeated: 0, late: 0, skipped: 0 };
    const before = this.#countsBefore;
    return {
      framesNew: before.new + now.new,
      framesRepeated: before.repeated + now.repeated,
      framesLate: before.late + now.late + now.skipped + this.#unqueued,
    };
  }

  /** of every rendition, since the last call */
  takeLoads(): EncodeLoad[] {
    return [...this.#jobs.values()].map((job) => job.takeLoad());
  }

  /**
   * A change of size or rate starts a new timeline and opens every rendition anew. Pictures of another size take a while to
   * come: until then all goes on as it is, with the last picture, so that nobody sees black in the midst of a show.
   */
  setDemand(demand: MediaDemand | null): void {
    const running = this.#running;
    this.#coming = null;
    if (!demand) {
      this.#endTimeline();
      if (running) for (const id of [...this.#renditions.keys()]) this.close(id);
    } else if (running?.timeline.last && !isAsLarge(running.demand, demand)) this.#coming = demand;
    else if (running?.demand.frameRate !== demand.frameRate || !isAsLarge(running.demand, demand)) this.#begin(demand);
  }

  /** What runs already is followed without a break. */
  #begin(demand: MediaDemand): void {
    const before = this.#running;
    const nowUs = this.#clock.nowUs();
    const first = before?.timeline.last
      ? Math.ceil((before.timeline.next * demand.frameRate) / before.demand.frameRate)
      : usToTick(nowUs, demand.frameRate);
    const last = before?.timeline.last && isAsLarge(before.demand, demand) ? before.timeline.last.hold() : null;
    this.#coming = null;
    this.#endTimeline();
    this.#running = {
      demand,
      converters: new PictureConverters(demand),
      timeline: new VideoTimeline(demand.frameRate, first, last),
      black: Picture.black(demand, nowUs),
    };
    this.#idrWanted.clear(); // each begins with one
    for (const rendition of this.#renditions.values()) this.#start(rendition);
  }

  /** Without a demand the rendition waits for one; one that runs goes on as it is until pictures of another size have come. */
  open(rendition: Rendition): void {
    this.#renditions.set(rendition.id, rendition);
    if (!this.#running) return;
    if (!this.#coming || !this.#jobs.has(rendition.id)) return this.#start(rendition);
    if (this.#waiting.size === 0) this.#waitsUntilUs = this.#clock.nowUs() + COMING_MAX_US;
    this.#waiting.add(rendition.id);
  }

  close(id: RenditionId): void {
    const job = this.#jobs.get(id);
    this.#renditions.delete(id);
    this.#waiting.delete(id);
    this.#jobs.delete(id);
    this.#track((job?.end() ?? Promise.resolve()).then(() => this.#events.closed(id)));
  }

  setBitrate(id: RenditionId, bitrateKbps: number): void {
    const rendition = this.#renditions.get(id);
    if (rendition) this.#renditions.set(id, { ...rendition, video: { ...rendition.video, bitrateKbps } });
    if (!this.#waiting.has(id)) this.#jobs.get(id)?.setBitrate(bitrateKbps); // one that is about to end keeps its own
  }

  /** Of the next picture that all of them take. */
  requestIdr(ids: readonly RenditionId[]): void {
    if (this.#idrWanted.size === 0) this.#idrWantedTicks = 0;
    for (const id of ids) this.#idrWanted.add(id);
  }

  /** @param answer called once, when the sender may go on */
  offer(picture: VideoFrame420, answer: () => void): void {
    if (this.#coming && isAsLarge(this.#coming, picture)) this.#begin(this.#coming);
    this.#stopWaiting();
    const running = this.#running;
    if (!running || !isAsLarge(running.demand, picture)) return answer();
    const before = running.timeline.last;
    const nowUs = this.#clock.nowUs();
    const shown = Picture.ofPlanes(picture.planes, picture.captureTimeUs, { cameraUs: picture.cameraTimeUs ?? null, arrivedUs: nowUs });
    const outputs = running.timeline.offer(picture.tick, shown, nowUs);
    this.#distribute(running, outputs);
    before?.letGo();
    this.#answers.push(answer);
    this.#answer();
  }

  /** Time has passed: repeats what is overdue. */
  advance(): void {
    this.#stopWaiting();
    if (this.#running) this.#distribute(this.#running, this.#running.timeline.advance(this.#clock.nowUs()));
  }

  /** @returns once everything is flushed and freed */
  async end(): Promise<void> {
    this.setDemand(null);
    for (const id of [...this.#renditions.keys()]) this.close(id);
    await Promise.all(this.#ending);
  }

  /** The page may be away: what was asked for is made from the pictures that there are. */
  #stopWaiting(): void {
    if (this.#waiting.size === 0 || this.#clock.nowUs() < this.#waitsUntilUs) return;
    for (const id of this.#waiting) {
      const rendition = this.#renditions.get(id);
      if (rendition) this.#start(rendition);
    }
  }

  #distribute(running: Running, outputs: TickOutput<Picture>[]): void {
    for (const output of outputs) {
      this.#passOnIdrs(output.tick, running.demand.frameRate);
      const picture = output.picture ?? running.black;
      for (const job of this.#jobs.values()) this.#unqueued += job.push({ ...output, picture });
    }
  }

  /** Rates of which none divides the other may have no tick in common: after a while each takes its own next one. */
  #passOnIdrs(tick: number, frameRate: number): void {
    const jobs = [...this.#idrWanted].flatMap((id) => this.#jobs.get(id) ?? []);
    this.#idrWantedTicks += 1;
    if (!jobs.every((job) => job.takes(tick)) && this.#idrWantedTicks < IDR_TOGETHER_S * frameRate) return;
    for (const job of jobs) job.requestIdr();
    this.#idrWanted.clear();
  }

  #answer(): void {
    const longest = Math.max(0, ...[...this.#jobs.values()].map((job) => job.queued));
    if (longest < ANSWER_AT_ONCE_BELOW) for (const answer of this.#answers.splice(0)) answer();
  }

  #start(rendition: Rendition): void {
    if (!this.#running) return;
    this.#waiting.delete(rendition.id);
    const { demand, converters } = this.#running;
    const before = this.#unended.get(rendition.id); // also one that has failed: it still waits for the one before it
    void before?.end();
    const lastDts = this.#lastDts.get(rendition.id) ?? { us: Number.NEGATIVE_INFINITY };
    this.#lastDts.set(rendition.id, lastDts);
    const job: RenditionJob = new RenditionJob(
      rendition,
      { demand, converters, openEncoder: this.#openEncoder, lastDts, clock: this.#clock },
      {
        header: this.#events.header,
        packet: this.#events.packet,
        reopened: (pictures) => this.#events.reopened?.(rendition.id, pictures),
        encoded: this.#events.encoded,
        dequeued: () => this.#answer(),
        failed: (error) => {
          // One that was closed or replaced is missed by nobody: reported, its failure would cost a healthy successor its process.
          if (this.#jobs.get(rendition.id) !== job) return;
          this.#jobs.delete(rendition.id);
          this.#events.failed(error, rendition.id);
          this.#answer();
        },
      },
      before,
    );
    this.#jobs.set(rendition.id, job);
    this.#unended.set(rendition.id, job);
    void job.ended.then(() => this.#unended.get(rendition.id) === job && this.#unended.delete(rendition.id));
    this.#track(job.ended);
  }

  #track(ending: Promise<void>): void {
    this.#ending.add(ending);
    void ending.then(() => this.#ending.delete(ending));
  }

  #endTimeline(): void {
    const running = this.#running;
    if (!running) return;
    const { counts, last } = running.timeline;
    const before = this.#countsBefore;
    this.#countsBefore = {
      new: before.new + counts.new,
      repeated: before.repeated + counts.repeated,
      late: before.late + counts.late + counts.skipped,
    };
    this.#running = null;
    last?.letGo();
    running.black.letGo();
    for (const answer of this.#answers.splice(0)) answer();
  }
}
