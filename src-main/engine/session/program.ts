/** The encoded program: asks the encoder for what the show wants, and hands headers and packets to who takes them. */

import { Emitter, type Unsubscribe } from '../../../src-shared/disposable.ts';
import { DEFAULT_PROFILE, type Profile, type RenditionId, type SoundId } from '../../../src-shared/domain/index.ts';
import { type Failure, StudioError } from '../../../src-shared/errors.ts';
import type { MediaDemand } from '../../../src-shared/ipc/contract.ts';
import type { Clock } from '../../process/clock.ts';
import type { AudioHeader, MediaHeader, MediaPacket, VideoHeader, VideoPacket } from '../../process/packet.ts';
import type { EncoderSupervisor } from '../encoder/encoder-supervisor.ts';
import type { Log } from '../log.ts';
import {
  grownDemand,
  isSameSound,
  planRenditions,
  type RenditionPlan,
  renditionChanges,
  type ShowWants,
  sameDemand,
  streamsFirst,
} from '../rendition/plan.ts';
import { IdrAlignment } from './idr-alignment.ts';
import { IdrGate } from './idr-gate.ts';

/** A destination waits no longer than this for the last pictures of an encode. */
const FLUSH_STREAM_MS = 1_000;
/** A file waits for all of them: a preset that looks ahead holds back two seconds, and gives them in one piece when all are encoded. */
const FLUSH_RECORDING_MS = 5_000;
const HEADER_TIMEOUT_MS = 5_000;

/** The encoder has not said what is wrong: it may be slow, or just being started again. */
export class LateEncodeError extends StudioError {
  constructor() {
    super('encoder.open-failed', 'The encoder did not start in time. Lower the preset or the frame rate in the profile and try again.');
  }
}

/** A publisher or a recording. */
export interface MediaSink {
  setHeader(header: VideoHeader | AudioHeader): void;
  write(packet: MediaPacket): void;
}

/** show: as the profile has it; ordinary: in AAC, beside a show in Opus; others are tracks */
export type Sound = 'show' | SoundId;
const soundOf = ({ sound }: { sound?: SoundId }): Sound => sound ?? 'show';

export class Program {
  readonly demandChanged = new Emitter<MediaDemand | null>();
  readonly #encoder: EncoderSupervisor;
  readonly #clock: Clock;
  readonly #log: Pick<Log, 'error'>;
  /** who has failed to take a packet, which is told once */
  readonly #failed = new WeakSet<MediaSink>();
  readonly #sinks = new Map<RenditionId, Map<MediaSink, Sound | null>>();
  readonly #videoHeaders = new Map<RenditionId, VideoHeader>();
  readonly #idrGates = new Map<RenditionId, IdrGate>();
  readonly #alignment = new IdrAlignment();
  #together: (id: RenditionId) => readonly RenditionId[] = (id) => [id];
  readonly #hearers = new Map<MediaSink, Sound>();
  readonly #headerArrived = new Emitter<null>();
  /** no longer wanted */
  readonly #left = new Emitter<RenditionId>();
  readonly #audioHeaders = new Map<Sound, AudioHeader>();
  #wants: ShowWants = { streaming: false, recording: 'none' };
  #plan: RenditionPlan | null = null;
  #profile: Profile | null = null;
  #changing: Promise<unknown> = Promise.resolve();

  constructor(encoder: EncoderSupervisor, clock: Clock, log: Pick<Log, 'error'>) {
    this.#encoder = encoder;
    this.#clock = clock;
    this.#log = log;
    encoder.headers.on((header) => this.#onHeader(header));
    encoder.packets.on((packet) => this.#onPacket(packet));
  }

  get demand(): MediaDemand | null {
    return this.#plan?.demand ?? null;
  }

  get wants(): ShowWants {
    return this.#wants;
  }

  /** the show's own video is encoded for somebody */
  get streamsFirst(): boolean {
    return streamsFirst(this.#wants);
  }

  /** The profile of what runs, until `follow` gives it another; null when nothing runs. */
  get profile(): Profile | null {
    return this.demand === null ? null : this.#profile;
  }

  /**
   * Changes what is wanted. Resolves when the encoder works and what is no longer wanted has been flushed to its sinks.
   * @param profile used when nothing runs yet. Whoever ends something leaves it out: an end must not depend on the store.
   */
  change(wants: Partial<ShowWants>, profile: Profile = DEFAULT_PROFILE): Promise<void> {
    const done = this.#changing.then(() => this.#change({ ...this.#wants, ...wants }, profile));
    this.#changing = done.catch(() => {});
    return done;
  }

  /**
   * What runs goes on with another profile: pictures and sound as it says, also less of them, on the same sinks. Resolves as
   * `change` does; nothing happens while nothing runs.
   */
  follow(profile: Profile, wants: Partial<ShowWants> = {}): Promise<void> {
    const done = this.#changing.then(() =>
      this.profile === null ? undefined : this.#change({ ...this.#wants, ...wants }, profile, { follows: true }),
    );
    this.#changing = done.catch(() => {});
    return done;
  }

  /** @throws StudioError with the encoder's own reason, or encoder.open-failed, when the rendition does not come up or is closed */
  headers(renditionId: RenditionId, sound: Sound = 'show'): Promise<{ video: VideoHeader; audio: AudioHeader }> {
    return this.#until(renditionId, sound, () => {
      const video = this.#videoHeaders.get(renditionId);
      const audio = this.#audioHeaders.get(sound);
      return video && audio ? { video, audio } : null;
    });
  }

  /** The show's sound, which may be there before its pictures. @throws as `headers` */
  audioHeader(): Promise<AudioHeader> {
    return this.#until(null, 'show', () => this.#audioHeaders.get('show') ?? null);
  }

  /**
   * @param renditionId whose failure and end are waited for, too; null: of none in particular
   * @param sound whose failure is; that of another is no reason to give up
   */
  #until<T>(renditionId: RenditionId | null, sound: Sound, find: () => T | null): Promise<T> {
    return new Promise((resolve, reject) => {
      const offs: Unsubscribe[] = [];
      const settle = (act: () => void) => {
        clearTimeout(timer);
        for (const off of offs) off();
        act();
      };
      const fail = (error: StudioError) => settle(() => reject(error));
      const onFailed = ({ code, message }: Failure) => fail(new StudioError(code, message));
      const check = () => {
        const found = find();
        if (found) settle(() => resolve(found));
      };
      const timer = setTimeout(() => fail(new LateEncodeError()), HEADER_TIMEOUT_MS);
      offs.push(this.#headerArrived.on(check));
      offs.push(
        this.#left.on(
          (id) =>
            void ((id === renditionId || this.encodes === 0) && fail(new StudioError('encoder.open-failed', 'It was closed meanwhile.'))),
        ),
      );
      offs.push(
        this.#encoder.failed.on((failed) => {
          const isOurs =
            failed.renditionId === null ? soundOf(failed) === sound || failed.sound === undefined : failed.renditionId === renditionId;
          if (isOurs) onFailed(failed.failure);
        }),
      );
      check();
    });
  }

  /** Resolves when all that is encoded and needed has come up, apart from what is closed meanwhile. @throws as `headers` */
  async allHeaders(isNeeded: (id: RenditionId) => boolean = () => true): Promise<void> {
    const planned = () => (this.#plan?.renditions ?? []).map(({ id }) => id);
    const wait = (id: RenditionId) =>
      this.headers(id).catch((error: unknown) => {
        if (planned().includes(id)) throw error;
      });
    await Promise.all(planned().filter(isNeeded).map(wait));
  }

  /** how many encodes run, the recording's included */
  get encodes(): number {
    return this.#plan?.renditions.length ?? 0;
  }

  /** From now on the sink gets the rendition and the sound (null: none); the headers known so far come first. */
  subscribe(renditionId: RenditionId, sink: MediaSink, sound: Sound | null = 'show'): Unsubscribe {
    const video = this.#videoHeaders.get(renditionId);
    const audio = sound === null ? undefined : this.#audioHeaders.get(sound);
    for (const header of [video, audio]) if (header) this.#give(sink, () => sink.setHeader(header));
    let sinks = this.#sinks.get(renditionId);
    if (!sinks) this.#sinks.set(renditionId, (sinks = new Map()));
    sinks.set(sink, sound);
    return () => sinks.delete(sink);
  }

  /** As `subscribe`, of a sound alone. */
  hear(sound: Sound, sink: MediaSink): Unsubscribe {
    const header = this.#audioHeaders.get(sound);
    if (header) this.#give(sink, () => sink.setHeader(header));
    this.#hearers.set(sink, sound);
    return () => this.#hearers.delete(sink);
  }

  /** Takes effect with the next picture, without a new encoder; forgotten when the rendition is no longer wanted. */
  setBitrate(renditionId: RenditionId, bitrateKbps: number): void {
    this.#encoder.setBitrate(renditionId, bitrateKbps);
  }

  /** @param together the encodes that are to have their IDRs with a given one, itself included: those of one connection's tracks */
  align(together: (id: RenditionId) => readonly RenditionId[]): void {
    this.#together = together;
  }

  requestIdr(renditionId: RenditionId): void {
    let gate = this.#idrGates.get(renditionId);
    const ask = () => this.#encoder.requestIdr([...this.#together(renditionId)]);
    if (!gate) this.#idrGates.set(renditionId, (gate = new IdrGate(this.#clock, ask)));
    gate.want();
  }

  async #change(wants: ShowWants, profile: Profile, { follows } = { follows: false }): Promise<void> {
    const before = this.#plan;
    const used = follows ? profile : (this.profile ?? profile);
    if (before?.demand == null) wants = { ...wants, relief: null }; // nothing has run that could be too much
    const plan = planRenditions(used, wants);
    if (before?.demand && plan.demand && !follows) plan.demand = grownDemand(before.demand, plan.demand);
    const changes = renditionChanges(before?.renditions ?? [], plan.renditions);
    const close = changes.close.filter((id) => !changes.open.some((opened) => opened.id === id));
    const recordingEnds = this.#wants.recording !== 'none' && wants.recording === 'none';
    const flushed = Promise.all(close.map((id) => this.#whenClosed(id, recordingEnds ? FLUSH_RECORDING_MS : FLUSH_STREAM_MS)));
    this.#wants = wants;
    this.#profile = used;
    this.#plan = plan;
    const changed = !sameDemand(before?.demand ?? null, plan.demand);
    if (before?.demand == null && plan.demand !== null) this.#forget();
    for (const { id } of changes.open) this.#videoHeaders.delete(id); // of an encode that has another format now
    if (before && !isSameSound(before.audio, plan.audio)) this.#audioHeaders.delete('show');
    if (changed && plan.demand !== null) this.demandChanged.emit(plan.demand);
    for (const id of close) this.#left.emit(id);
    await this.#encoder.want(plan, follows);
    await flushed;
    for (const id of close) this.#videoHeaders.delete(id);
    if (changed && plan.demand === null) this.demandChanged.emit(null);
  }

  #whenClosed(renditionId: RenditionId, timeoutMs: number): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer);
        off();
        resolve();
      };
      const timer = setTimeout(done, timeoutMs);
      const off = this.#encoder.closed.on((id) => void (id === renditionId && done()));
    });
  }

  /** A new show has new parameters. */
  #forget(): void {
    this.#videoHeaders.clear();
    this.#audioHeaders.clear();
    for (const gate of this.#idrGates.values()) gate.dispose();
    this.#idrGates.clear();
    this.#alignment.forget();
  }

  #onHeader(header: MediaHeader): void {
    if (header.kind === 'video') {
      this.#videoHeaders.set(header.renditionId, header);
      for (const sink of this.#sinks.get(header.renditionId)?.keys() ?? []) this.#give(sink, () => sink.setHeader(header));
    } else {
      this.#audioHeaders.set(soundOf(header), header);
      for (const sink of this.#takersOf(soundOf(header))) this.#give(sink, () => sink.setHeader(header));
    }
    this.#headerArrived.emit(null);
  }

  #onPacket(packet: MediaPacket): void {
    if (packet.kind === 'audio') {
      for (const sink of this.#takersOf(soundOf(packet))) this.#give(sink, () => sink.write(packet));
      return;
    }
    if (packet.key) this.#onIdr(packet);
    // A copy: a sink that moves over at this packet (hand-over.ts) must not get it twice.
    for (const sink of [...(this.#sinks.get(packet.renditionId)?.keys() ?? [])]) this.#give(sink, () => sink.write(packet));
  }

  #onIdr(packet: VideoPacket): void {
    const { renditionId } = packet;
    this.#idrGates.get(renditionId)?.idr();
    if (this.#alignment.idr(packet, this.#together(renditionId))) this.requestIdr(renditionId);
  }

  #takersOf(sound: Sound): MediaSink[] {
    return [...this.#sinks.values(), this.#hearers].flatMap((sinks) =>
      [...sinks].flatMap(([sink, taken]) => (taken === sound ? [sink] : [])),
    );
  }

  /** A mistake in one sink must not cost the others their pictures. */
  #give(sink: MediaSink, give: () => void): void {
    try {
      give();
    } catch (error) {
      if (!this.#failed.has(sink)) this.#log.error(`program: packets lost: ${error instanceof Error ? error.stack : String(error)}`);
      this.#failed.add(sink);
    }
  }
}
