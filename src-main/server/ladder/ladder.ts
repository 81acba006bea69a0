/**
 * The rungs of one show. A rung is made from the first viewer who asks for it until a while after the last one left, by a
 * process that decodes the source once for all of them. To the hub that process is a viewer whose socket may be slow.
 */

import { describeEncoder, type VideoEncoderName } from '../../../src-shared/domain/video-encoder.ts';
import type { PictureTimes } from '../../../src-shared/picture-times.ts';
import type { LadderSettings } from '../../process/server-contract.ts';
import type { Viewer } from '../hub/audience.ts';
import type { MediaFrame } from '../hub/frame.ts';
import type { LiveStream } from '../hub/live-stream.ts';
import type { OutgoingTag, ViewerSink } from '../hub/viewer-queue.ts';
import type { ServerLimits } from '../limits.ts';
import type { EncoderList } from './encoder-list.ts';
import { type GuardState, guardAtStart, look } from './guard.ts';
import { type LadderNews, LadderProcess } from './ladder-process.ts';
import { affordable, decodeCores, type RungPlan, rungCores, rungsFor } from './policy.ts';
import { RungStream } from './rung-stream.ts';
import { withLadderTimes } from './rung-times.ts';
import { pictureIn, readSource, type SourceFormat, timesIn } from './source-picture.ts';
import type { SpareProcess } from './spare-process.ts';

export interface LadderOptions {
  source: LiveStream;
  limits: ServerLimits;
  processes: Pick<SpareProcess, 'take'>;
  encoders: EncoderList;
  /** which are to be had at most, as it is now */
  wanted: () => LadderSettings['rungs'];
  /** cores that the other shows leave */
  coresLeft: () => number;
}

/** Why rungs are missing. cpu: this machine fell behind; failed: they could not be made */
export type LadderProblem = 'not-enough-cpu' | 'failed';

/** what is known of pictures under way, by their times: a few seconds of them */
const ORIGINS_MAX = 600;

export class Ladder implements ViewerSink {
  readonly #options: LadderOptions;
  readonly #rungs = new Map<string, RungStream>();
  /** rungs that rest, until when, and why */
  readonly #resting = new Map<string, { untilMs: number; problem: LadderProblem }>();
  readonly #origins = new Map<number, { epoch: number; arrivedAtMs: number; times: PictureTimes | null }>();
  #known: { epoch: number; format: SourceFormat } | null = null;
  #offered: { epoch: number; wanted: LadderSettings['rungs']; plans: RungPlan[] } | null = null;
  /** since when viewers have known what is offered, and for how long somebody may ask for one of them */
  #expected: { sinceMs: number; untilMs: number } | null = null;
  #process: LadderProcess | null = null;
  #viewer: Viewer | null = null;
  /** of the frames that the process gets; null: it knows nothing yet */
  #epoch: number | null = null;
  readonly #opened = new Set<string>();
  /** what each rung is made with */
  readonly #encoders = new Map<string, VideoEncoderName>();
  /** decoding times of the pictures under way, and of the last one that was worked through */
  #sentMs: number[] = [];
  #takenMs: number | null = null;
  /** the latter at the last look */
  #lookedMs: number | null = null;
  #guard: GuardState = guardAtStart;

  constructor(options: LadderOptions) {
    this.#options = options;
  }

  /** of what the publisher sends; null where nobody does, or nothing has come yet */
  get format(): SourceFormat | null {
    const { source } = this.#options;
    if (!source.publishing || source.gop.length === 0) return this.#known?.epoch === source.epoch ? this.#known.format : null;
    if (this.#known?.epoch !== source.epoch) this.#known = { epoch: source.epoch, format: readSource(source.headers, source.gop) };
    return this.#known.format;
  }

  /** What viewers may ask for, the best first; it does not change while they watch. Whoever hears of them may come soon. */
  get offers(): readonly RungPlan[] {
    const plans = this.#plans();
    const nowMs = performance.now();
    if (plans.length > 0)
      this.#expected = { sinceMs: this.#expected?.sinceMs ?? nowMs, untilMs: nowMs + this.#options.limits.ladderIdleMs };
    return plans;
  }

  /** To be called each second. @returns whether a rung may be asked for at any moment, and there is no process yet that could make it */
  isExpected(nowMs: number): boolean {
    const { source, limits } = this.#options;
    if (!this.#expected) return false;
    if (source.publishing && source.viewers > 0) this.#expected.untilMs = nowMs + limits.ladderIdleMs;
    if (nowMs > this.#expected.untilMs) this.#expected = null;
    else if (nowMs - this.#expected.sinceMs > limits.ladderSpareAfterMs) return source.publishing && !this.active;
    return false;
  }

  get problem(): LadderProblem | null {
    const nowMs = performance.now();
    return [...this.#resting.values()].find(({ untilMs }) => nowMs < untilMs)?.problem ?? null;
  }

  /** those that are being made, or are about to be */
  get rungs(): ReadonlyMap<string, RungStream> {
    return this.#rungs;
  }

  get active(): boolean {
    return this.#process !== null;
  }

  get viewers(): number {
    let viewers = 0;
    for (const { stream } of this.#rungs.values()) viewers += stream.viewers;
    return viewers;
  }

  /** cores that it takes, as far as can be told beforehand */
  get cores(): number {
    const video = this.#known?.format.video;
    if (!video || this.#rungs.size === 0) return 0;
    return [...this.#rungs.values()].reduce((sum, { plan }) => sum + rungCores(plan), decodeCores(video));
  }

  /** Somebody asks for a rung: it is made now, and for a while. @returns null where there is none of this name */
  want(name: string): LiveStream | null {
    const rung = this.#rungs.get(name);
    if (rung) {
      rung.usedAtMs = performance.now();
      return rung.stream;
    }
    const plan = this.#plans().find((offer) => offer.name === name);
    if (!plan || !this.format) return null;
    const { source, limits } = this.#options;
    const created = new RungStream(source, plan, limits, () => this.#process?.send({ type: 'idr', rung: name }));
    this.#rungs.set(name, created);
    source.renditions = this;
    created.begin(source.epoch, this.format, source.headers.audio);
    this.#guard = guardAtStart;
    if (this.#process) this.#open(created);
    else this.#start();
    return created.stream;
  }

  /** To be called each second while it is active. */
  tick(): void {
    this.#process?.tick();
    const nowMs = performance.now();
    const { source, limits } = this.#options;
    for (const rung of [...this.#rungs.values()]) {
      if (!source.publishing) rung.release();
      if (rung.stream.viewers > 0) rung.usedAtMs = nowMs;
      if (nowMs - rung.usedAtMs > limits.ladderIdleMs) this.#drop(rung);
      else rung.stream.tick();
    }
    // one that takes nothing at all hangs, which is another matter than being slow
    const moves = this.#takenMs !== this.#lookedMs;
    this.#lookedMs = this.#takenMs;
    if (source.publishing && moves && this.#takenMs !== null) this.#watchLoad(source.latestMs - this.#takenMs);
  }

  // What a viewer of the source is to the hub

  get ready(): boolean {
    return this.#process !== null && this.#process.underWay < this.#options.limits.ladderUnderWayMax;
  }

  accepts(): boolean {
    return true;
  }

  write(tags: readonly OutgoingTag[]): void {
    for (const { frame } of tags) {
      if (!frame) continue;
      if (frame.epoch !== this.#epoch) this.#begin(frame);
      if (frame.kind === 'video') this.#send(frame);
      else for (const rung of this.#rungs.values()) rung.sound(frame);
    }
  }

  /** Other rungs are wanted than before: those that are none of them end. */
  rechoose(): void {
    const plans = this.#plans();
    for (const rung of [...this.#rungs.values()]) if (!plans.some(({ name }) => name === rung.plan.name)) this.#drop(rung);
  }

  /** The source is served no longer, or has no ladder any more. */
  end(): void {
    for (const rung of [...this.#rungs.values()]) this.#drop(rung);
  }

  #start(): void {
    const { processes, limits, source } = this.#options;
    this.#process = new LadderProcess({
      take: () => processes.take(),
      hangMs: limits.ladderHangMs,
      onStart: () => {
        this.#epoch = null;
        this.#opened.clear();
        this.#encoders.clear();
        this.#sentMs = [];
        this.#takenMs = null;
        this.#guard = guardAtStart;
        this.#viewer?.leave();
        this.#viewer = source.watch(this, () => 0);
        if (!this.#process) this.#viewer.leave(); // its first frame was of a format that has no such rungs
      },
      onMessage: (message) => this.#receive(message),
      onRoom: () => {
        this.#takenMs = this.#sentMs.shift() ?? this.#takenMs;
        this.#viewer?.pump();
      },
      onCrash: () => this.#blame(),
      onGiveUp: () => this.#fail(null),
    });
    this.#process.start();
  }

  /** Another publisher, or another format; or another process, which has to be told what all others know. */
  #begin({ epoch, headers }: MediaFrame): void {
    this.#epoch = epoch;
    if (this.#known?.epoch !== epoch) this.#known = { epoch, format: readSource(headers, this.#options.source.gop) };
    const { format } = this.#known;
    if (format.video) {
      const { codec, config, widthPx, heightPx, frameRate } = format.video;
      const [encoder] = this.#options.encoders.names;
      this.#process?.send({ type: 'source', source: { codec, config, widthPx, heightPx, frameRate }, encoder });
    }
    const plans = this.#plans();
    for (const rung of [...this.#rungs.values()]) {
      const plan = plans.find(({ name }) => name === rung.plan.name);
      if (!plan) {
        this.#drop(rung);
        continue;
      }
      if (JSON.stringify(plan) !== JSON.stringify(rung.plan)) this.#opened.delete(plan.name);
      rung.plan = plan;
      if (rung.epoch !== epoch) rung.begin(epoch, format, headers.audio);
      if (!this.#opened.has(plan.name)) this.#open(rung);
    }
  }

  /** Behind what its viewers have already, and not far back: they want to see what is now. */
  #open({ plan, lastMs }: RungStream): void {
    if (this.#epoch === null) return; // with the first frame
    const { source, limits, encoders } = this.#options;
    this.#opened.add(plan.name);
    const fromMs = Math.max((lastMs ?? -1) + 1, source.latestMs - limits.ladderBackMs);
    this.#process?.send({ type: 'open', rung: plan.name, video: plan.video, fromMs, encoders: encoders.names });
  }

  #send({ timestampMs: dtsMs, compositionMs, key, body, epoch, arrivedAtMs }: MediaFrame): void {
    const data = pictureIn(body);
    if (!data) return;
    const ptsMs = dtsMs + compositionMs;
    this.#origins.set(ptsMs, { epoch, arrivedAtMs, times: timesIn(data, this.#known?.format.video ?? null) });
    if (this.#origins.size > ORIGINS_MAX) this.#origins.delete(this.#origins.keys().next().value as number);
    this.#sentMs.push(dtsMs);
    this.#process?.send({ type: 'picture', picture: { dtsMs, ptsMs, key, data } });
  }

  #receive(message: LadderNews): void {
    if (message.type === 'failed') return this.#fail(message.rung);
    if (message.type === 'encoder-failed') return this.#options.encoders.failed(message.encoder, message.message);
    const rung = this.#rungs.get(message.rung);
    if (message.type === 'header') this.#encoders.set(message.rung, message.encoder);
    if (message.type === 'header') return rung?.header(message.config);
    const { picture, aligned } = message;
    const origin = this.#origins.get(picture.ptsMs);
    if (!origin || origin.epoch !== rung?.epoch) return;
    const { times, epoch, arrivedAtMs } = origin;
    const data = times ? withLadderTimes(picture.data, times, Date.now() - arrivedAtMs) : picture.data;
    rung.picture({ ...picture, data }, { epoch, arrivedAtMs, aligned });
  }

  #plans(): RungPlan[] {
    const video = this.format?.video;
    if (!video) return [];
    const { source, coresLeft } = this.#options;
    const { epoch } = source;
    const wanted = this.#options.wanted();
    if (this.#rungs.size === 0 || this.#offered?.epoch !== epoch || this.#offered.wanted !== wanted)
      this.#offered = { epoch, wanted, plans: affordable(rungsFor(video, wanted), video, coresLeft()) };
    const nowMs = performance.now();
    return this.#offered.plans.filter(({ name }) => nowMs >= (this.#resting.get(name)?.untilMs ?? 0));
  }

  /** A driver is likelier to end a process than software; one that was still opening has said nothing yet. */
  #blame(): void {
    const { encoders } = this.#options;
    const suspects = this.#encoders.size > 0 ? [...this.#encoders.values()] : encoders.names.slice(0, 1);
    for (const name of new Set(suspects))
      if (describeEncoder(name).hardware) encoders.failed(name, 'Its process ended, and is started again with the next encoder.');
  }

  /** Fewer pictures to make, the dearest ones first. */
  #watchLoad(behindMs: number): void {
    const { state, tooMuch } = look(this.#guard, behindMs > this.#options.limits.ladderBehindMs);
    this.#guard = state;
    const [dearest] = [...this.#rungs.values()].toSorted((a, b) => rungCores(b.plan) - rungCores(a.plan));
    if (tooMuch && dearest) this.#rest(dearest, 'not-enough-cpu');
  }

  #fail(name: string | null): void {
    for (const rung of [...this.#rungs.values()]) if (name === null || rung.plan.name === name) this.#rest(rung, 'failed');
  }

  /** Its viewers have to choose another one; nobody gets it for a while. */
  #rest(rung: RungStream, problem: LadderProblem): void {
    this.#resting.set(rung.plan.name, { untilMs: performance.now() + this.#options.limits.ladderRestMs, problem });
    this.#drop(rung);
  }

  #drop(rung: RungStream): void {
    this.#rungs.delete(rung.plan.name);
    this.#opened.delete(rung.plan.name);
    this.#encoders.delete(rung.plan.name);
    rung.close();
    this.#process?.send({ type: 'close', rung: rung.plan.name });
    if (this.#rungs.size > 0) return;
    this.#viewer?.leave();
    this.#viewer = null;
    this.#process?.stop();
    this.#process = null;
    this.#epoch = null;
    this.#takenMs = null;
    this.#options.source.renditions = null;
  }
}
