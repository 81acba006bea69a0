/**
 * Keeps an encoder process working while something is wanted of it. Drivers crash and hang: the process is replaced
 * on the same clock by one that waits for that, which is told what is wanted, and publishers and recording only see a gap.
 */
import { randomBytes } from 'node:crypto';
import { Emitter } from '../../../src-shared/disposable.ts';
import type { AudioSettings, EncoderStats, Rendition, RenditionId, SoundId, VideoEncoderName } from '../../../src-shared/domain/index.ts';
import { type Failure, StudioError } from '../../../src-shared/errors.ts';
import type { MediaEndpoint } from '../../../src-shared/ipc/contract.ts';
import type { FromEncoder } from '../../process/encoder-contract.ts';
import type { MediaHeader, MediaPacket, VideoPacket } from '../../process/packet.ts';
import type { Log } from '../log.ts';
import { isSameSound, type RenditionPlan, renditionChanges, sameDemand } from '../rendition/plan.ts';
import { CrashRestart } from './crash-restart.ts';
import { type EncoderChanged, EncoderChoices } from './encoder-choices.ts';
import { EncoderFigures } from './encoder-figures.ts';
import { EncoderProcess, type EncoderProcessOptions } from './encoder-process.ts';
import { PacketWatch } from './packet-watch.ts';
import { SpareEncoder } from './spare-encoder.ts';

const TOKEN_VALID_MS = 15_000;

const CRASHED: Failure = { code: 'encoder.crashed', message: 'The encoder crashed and was replaced. The show goes on.' };

type Wanted = Pick<RenditionPlan, 'demand' | 'sounds' | 'renditions' | 'relief'> & { audio: AudioSettings | null };

/** Of an encode, of a further sound alone, or of what all need (neither). */
export interface EncodeFailure {
  failure: Failure;
  renditionId: RenditionId | null;
  sound?: SoundId;
}

export interface EncoderSupervisorOptions extends EncoderProcessOptions {
  log: Log;
  /** the encoders that a probe has found to work on this machine */
  works?: () => readonly VideoEncoderName[];
}

export class EncoderSupervisor {
  readonly headers = new Emitter<MediaHeader>();
  readonly packets = new Emitter<MediaPacket>();
  /** a rendition is flushed: no packet of it follows */
  readonly closed = new Emitter<RenditionId>();
  /** the process was replaced: media connections must be opened anew */
  readonly replaced = new Emitter<Failure>();
  /** what the encoder itself reports: the process goes on */
  readonly failed = new Emitter<EncodeFailure>();

  /** another encoder works for a rendition than before */
  readonly changed = new Emitter<EncoderChanged>();

  readonly #options: EncoderSupervisorOptions;
  readonly #watch: PacketWatch;
  readonly #spare: SpareEncoder;
  readonly #choices: EncoderChoices;
  #wanted: Wanted = {
    demand: null,
    audio: null,
    sounds: [],
    renditions: [],
    relief: null,
  };
  /** where they differ from the renditions' own, also for the next process */
  readonly #bitratesKbps = new Map<RenditionId, number>();
  #process: EncoderProcess | null = null;
  readonly #restart: CrashRestart;
  /** why the process before ended, until the next one works */
  #crash: Failure | null = null;
  /** where the sound has come to in this session */
  #soundEndUs: number | null = null;
  readonly #figures = new EncoderFigures();
  /** what was wanted when the latest process crashed */
  #crashedWith: Wanted | null = null;
  /** those that did not come up, which was told */
  readonly #unopened = new Set<RenditionId>();
  #disposed = false;

  constructor(options: EncoderSupervisorOptions) {
    this.#options = options;
    this.#spare = new SpareEncoder(options);
    this.#restart = new CrashRestart(options.clock, () => {
      if (this.#wanted.demand !== null && !this.#process && !this.#disposed) this.#start();
    });
    this.#choices = new EncoderChoices(options.works ?? (() => []));
    this.#choices.changed.on((change) => void this.changed.emit(change));
    this.#watch = new PacketWatch({
      onSilence: (evidence) => {
        options.log.warn(`encoder: hangs: ${evidence}`);
        this.#replace('encoder.hung', 'The encoder stopped answering and was replaced. The show goes on.');
      },
      vitals: () => this.#process?.vitals() ?? null,
    });
  }

  get stats(): EncoderStats {
    return this.#figures.read(this.#choices.states(), this.#wanted.relief);
  }

  /**
   * Tells the encoder what is wanted now. @param again encodes that did not come up are opened once more
   * @throws StudioError encoder.open-failed when no process gets ready
   */
  async want(plan: RenditionPlan, again = false): Promise<void> {
    const before = this.#wanted;
    this.#wanted = plan;
    this.#choices.plan(plan);
    this.#watch.watch(plan.renditions.map(({ id, video: { frameRate } }) => ({ id, frameRate })));
    const begins = before.demand === null && plan.demand !== null;
    if (begins) this.#beginCounting();
    if (plan.demand === null) this.#spare.retire();
    const running = this.#process;
    const { close: replaced, open: changed } = renditionChanges(before.renditions, plan.renditions);
    const open = plan.renditions.filter((rendition) => changed.includes(rendition) || (again && this.#unopened.has(rendition.id)));
    const close = replaced.filter((id) => !open.some((rendition) => rendition.id === id)); // the others are opened anew, in their place
    for (const renditionId of close) {
      this.#bitratesKbps.delete(renditionId);
      this.#unopened.delete(renditionId);
    }
    this.#followBitrates(before.renditions, plan.renditions, open);
    if (!running) {
      for (const renditionId of close) this.closed.emit(renditionId); // nothing of it is left to come
      if (plan.demand === null || (this.#restart.isWaiting && !this.#isNewWish(plan))) return;
      const started = this.#start();
      if (begins) this.#spare.prepareNow();
      await started.ready;
      return;
    }
    if (begins) this.#spare.prepareNow();
    for (const renditionId of close) {
      running.send({ type: 'close', renditionId });
      this.#watch.closing(renditionId);
    }
    if (!sameDemand(before.demand, plan.demand) || !isSameSound(before.audio, plan.audio))
      running.send({ type: 'demand', demand: plan.demand, audio: plan.audio });
    if (JSON.stringify(plan.sounds) !== JSON.stringify(before.sounds)) running.send({ type: 'sounds', sounds: plan.sounds });
    for (const rendition of open) this.#open(running, rendition);
    await running.ready;
  }

  /** Other than what the process crashed with, which ends the wait for the next one: it may be what cures it. */
  #isNewWish({ renditions, audio }: RenditionPlan): boolean {
    const crashed = this.#crashedWith;
    return !crashed || renditionChanges(crashed.renditions, renditions).open.length > 0 || !isSameSound(crashed.audio, audio);
  }

  /** In place, without a new encoder; kept when the process is replaced, until the rendition is closed. */
  setBitrate(renditionId: RenditionId, bitrateKbps: number): void {
    if (!this.#wanted.renditions.some(({ id }) => id === renditionId)) return;
    this.#bitratesKbps.set(renditionId, bitrateKbps);
    this.#process?.send({ type: 'bitrate', renditionId, bitrateKbps });
  }

  /** Settings with another bitrate: an encode that has less at present, for the network's sake, keeps that. */
  #followBitrates(before: readonly Rendition[], now: readonly Rendition[], open: readonly Rendition[]): void {
    for (const { id, video } of now) {
      const asked = before.find((rendition) => rendition.id === id)?.video.bitrateKbps;
      if (asked === undefined || asked === video.bitrateKbps) continue;
      const presentKbps = this.#bitratesKbps.get(id) ?? asked;
      if (presentKbps < Math.min(asked, video.bitrateKbps)) continue;
      if (open.some((rendition) => rendition.id === id)) this.#bitratesKbps.set(id, video.bitrateKbps);
      else this.setBitrate(id, video.bitrateKbps);
    }
  }

  /** Of the same picture, where the encodes have the same. */
  requestIdr(renditionIds: RenditionId[]): void {
    this.#process?.send({ type: 'idr', renditionIds });
  }

  /** A JPEG of the latest picture, or null when there is none. */
  async thumbnail(widthPx: number): Promise<Uint8Array | null> {
    return (await this.#process?.thumbnail(widthPx)) ?? null;
  }

  /**
   * Lets one media connection in. Starts the process if need be: a port, too, needs one to be handed to.
   * @throws media.not-connected while a process that keeps crashing waits to be started again: `replaced` says when
   */
  async openMedia(): Promise<MediaEndpoint> {
    if (this.#restart.isWaiting) throw new StudioError('media.not-connected', 'The encoder is being started again. Try again in a moment.');
    const running = this.#process ?? this.#start();
    const url = await running.ready;
    if (!this.#options.listen) return { kind: 'port' };
    if (url === null) throw new StudioError('media.not-connected', 'The encoder takes no media connections now. Try again in a moment.');
    const token = randomBytes(24).toString('base64url');
    running.send({ type: 'admit', token, validMs: TOKEN_VALID_MS });
    return { kind: 'webSocket', url, token };
  }

  async dispose(): Promise<void> {
    this.#disposed = true;
    this.#watch.watch([]);
    this.#spare.retire();
    this.#restart.cancel();
    await this.#process?.stop();
  }

  #start(): EncoderProcess {
    if (this.#disposed) throw new StudioError('encoder.open-failed', 'The studio is closing.');
    this.#restart.cancel();
    return this.#begin(this.#spare.take() ?? new EncoderProcess(this.#options));
  }

  /** It is the one at work from now on, and is told all that is wanted. */
  #begin(running: EncoderProcess): EncoderProcess {
    this.#process = running;
    this.#restart.began();
    running.lead({ onMessage: (message) => this.#receive(message), onEnd: (how) => this.#onEnd(how) });
    running.ready.then(
      () => this.#process === running && this.#onReady(),
      () => {}, // it has ended again: #onEnd is called for that
    );
    this.#watch.reset();
    const { demand, audio, sounds, renditions } = this.#wanted;
    if (demand && audio) {
      running.send({ type: 'demand', demand, audio, ...(this.#soundEndUs === null ? {} : { soundFromUs: this.#soundEndUs }) });
      if (sounds.length > 0) running.send({ type: 'sounds', sounds });
      for (const rendition of renditions) this.#open(running, rendition);
    }
    return running;
  }

  #open(running: EncoderProcess, rendition: Rendition): void {
    running.send({ type: 'open', rendition: this.#atPresentBitrate(this.#choices.apply(rendition, this.#options.clock.nowUs())) });
    this.#watch.opening(rendition.id);
    this.#unopened.delete(rendition.id);
  }

  #atPresentBitrate({ id, video }: Rendition): Rendition {
    return { id, video: { ...video, bitrateKbps: this.#bitratesKbps.get(id) ?? video.bitrateKbps } };
  }

  #beginCounting(): void {
    this.#figures.begin();
    this.#soundEndUs = null;
  }

  /** Whoever was connected to a process that crashed must connect anew, whatever this one was started for. */
  #onReady(): void {
    const crash = this.#crash;
    this.#crash = null;
    if (crash) this.replaced.emit(crash);
  }

  #receive(message: FromEncoder): void {
    this.#watch.heard();
    switch (message.type) {
      case 'packet':
        this.#onPacket(message.packet);
        return this.packets.emit(message.packet);
      case 'header':
        if (message.header.kind === 'video') this.#watch.opening(message.header.renditionId);
        return this.headers.emit(message.header);
      case 'reopened':
        return this.#watch.reopened(message.renditionId, message.pictures);
      case 'closed':
        this.#watch.closed(message.renditionId);
        return this.closed.emit(message.renditionId);
      case 'stats':
        return this.#figures.heard(message.stats);
      case 'failed':
        return this.#onFailed(message);
      case 'media':
        return this.#options.log.debug(`encoder: ${message.role} ${message.connected ? 'connected' : 'disconnected'}`);
    }
  }

  #onPacket(packet: MediaPacket): void {
    if (packet.kind === 'audio') {
      if (packet.sound === undefined) this.#soundEndUs = packet.ptsUs + packet.durationUs;
    } else {
      this.#watch.packet(packet.renditionId);
      this.#tryBetter(packet);
      if (this.#wanted.demand !== null && !this.#disposed) this.#spare.prepare();
    }
  }

  /** One that was passed over for failing may have recovered: it is opened where an IDR is due anyway. */
  #tryBetter({ renditionId, key }: VideoPacket): void {
    const wanted = this.#choices.wanted(renditionId);
    if (wanted && this.#process && this.#choices.isDue(renditionId, key, this.#options.clock.nowUs())) this.#open(this.#process, wanted);
  }

  /**
   * A rendition that worked and then failed needs a new process; one that never came up gets the next encoder of the list,
   * and is told to who asked for it when there is none.
   */
  #onFailed({ code, message, renditionId, sound }: Extract<FromEncoder, { type: 'failed' }>): void {
    const failure: Failure = { code, message };
    const nowUs = this.#options.clock.nowUs();
    const wanted = renditionId === null ? null : this.#choices.wanted(renditionId);
    if (renditionId === null || !wanted) return void this.failed.emit({ failure, renditionId, ...(sound && { sound }) });
    if (this.#watch.works(renditionId) && failure.code !== 'encoder.open-failed') {
      this.#replace('encoder.crashed', `The encoder failed and was replaced. ${failure.message}`, renditionId);
    } else if (this.#process && this.#choices.openFailed(renditionId, nowUs)) {
      this.#options.log.warn(`encoder: ${renditionId}: ${failure.message}`);
      this.#open(this.#process, wanted);
    } else {
      this.#unopened.add(renditionId);
      this.failed.emit({ failure, renditionId });
    }
  }

  /** The one that fails is not waited for: a driver may keep it from ending. */
  #replace(code: Failure['code'], message: string, renditionId: RenditionId | null = null): void {
    this.#process?.abandon();
    this.#onEnd('replaced', { code, message }, renditionId);
  }

  /** @param renditionId whose encoder failed; null: that is not known */
  #onEnd(how: string, failure: Failure = CRASHED, renditionId: RenditionId | null = null): void {
    this.#process = null;
    if (this.#wanted.demand !== null) this.#choices.workFailed(renditionId, this.#options.clock.nowUs());
    this.#figures.ended();
    for (const renditionId of this.#watch.ended()) this.closed.emit(renditionId); // nothing of it is left to come
    if (this.#disposed) return;
    this.#options.log.warn(`encoder: ended (${how})`);
    this.#restart.crashed();
    if (this.#wanted.demand === null) return; // the next wish starts one
    this.#figures.restarted();
    this.#crashedWith = this.#wanted;
    this.#crash = failure;
    this.#restart.soon();
  }
}
