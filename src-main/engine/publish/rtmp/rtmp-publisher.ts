/** Keeps one RTMP(S) destination on the air: connects, sends, drops when it must, comes back, and goes over to another connection without a break. */
import type { PublisherState, PublisherStats } from '../../../../src-shared/domain/index.ts';
import { StudioError } from '../../../../src-shared/errors.ts';
import { US_PER_S } from '../../../../src-shared/units.ts';
import type { AudioHeader, MediaPacket, VideoHeader } from '../../../process/packet.ts';
import type { Pressure } from '../../rate-control/pressure.ts';
import { type Attempt, Lifecycle, type Where } from '../lifecycle.ts';
import { MediaQueue } from '../media-queue.ts';
import type { ClockJump, CodecRefusal, Publisher, PublisherOptions } from '../publisher.ts';
import { Tally } from '../tally.ts';
import { Timeline } from '../timeline.ts';
import { trackOf } from '../tracks.ts';
import type { PublisherTuning } from '../tuning.ts';
import { CodecHold, codecRefusal } from './codec-hold.ts';
import { RtmpConnection } from './connection.ts';
import { stalledFailure } from './failures.ts';
import { Ingests } from './ingests.ts';
import { isKnownToTakeEnhanced } from './known-servers.ts';
import { MoveRequests } from './move-requests.ts';
import { publisherStats } from './publisher-stats.ts';
import { isPrivateAddress } from './redirect.ts';
import { allOf, RtmpSender } from './rtmp-sender.ts';
import { Senders } from './senders.ts';
import { ShowMedia } from './show-media.ts';
import { stateLine } from './state-line.ts';

/** Sound is never dropped; when so much of it waits, the connection has had it. */
const AUDIO_MAX_MS = 20_000;
/** How often the encoder is asked again for an IDR that has not come. */
const IDR_AGAIN_US = US_PER_S;

export class RtmpPublisher implements Publisher {
  readonly #options: PublisherOptions;
  readonly #tuning: PublisherTuning;
  readonly #ingests: Ingests;
  readonly #lifecycle: Lifecycle<RtmpConnection>;
  readonly #queue: MediaQueue;
  readonly #timeline = new Timeline();
  readonly #tally = new Tally();
  readonly #media: ShowMedia;
  readonly #hold: CodecHold;
  readonly #senders: Senders;
  readonly #moves = new MoveRequests((line) => this.#log(line));
  #totalKbps: number | null = null;
  #idrAskedUs = Number.NEGATIVE_INFINITY;
  #stopped: Promise<void> | null = null;

  constructor(options: PublisherOptions, tuning: PublisherTuning) {
    this.#options = options;
    this.#tuning = tuning;
    this.#ingests = new Ingests(options.target);
    this.#media = new ShowMedia(options.multitrack ?? false);
    this.#senders = new Senders(tuning.stopMs);
    this.#queue = new MediaQueue(tuning.queueMaxMs, (kind) => this.#senders.current?.aheadUs(kind) ?? null);
    this.#hold = new CodecHold(this.#ingests.label, (refusal) => this.#onRefused(refusal));
    const { clock } = options;
    this.#lifecycle = new Lifecycle({
      rules: () => ({ ...tuning, graceMs: options.graceMs ?? tuning.graceMs, hasBackup: this.#ingests.hasBackup }),
      tuning,
      clock,
      doors: this.#ingests.doors,
      connect: (where, attempt) => this.#connect(where, attempt),
      onConnected: (connection, where) => this.#onConnected(connection, where),
      onUnwanted: (connection) => this.#senders.giveUp(connection),
      onChange: (state) => this.#onChange(state),
      onMistake: (error) => this.#onMistake(error),
    });
  }

  get state(): PublisherState {
    return this.#lifecycle.state;
  }

  get stats(): PublisherStats {
    const { queueMaxMs } = this.#tuning;
    return publisherStats(
      { pressure: this.pressure(), floorMs: this.#senders.current?.floorMs ?? 0, queueMaxMs },
      this.#tally,
      this.#nowUs(),
    );
  }

  pressure(): Pressure | null {
    return this.#senders.current?.pressure(this.#queue) ?? null;
  }

  setRate(totalKbps: number): void {
    this.#totalKbps = totalKbps;
    for (const sender of [this.#senders.current, this.#senders.successor]) sender?.connection.setRate(totalKbps);
  }

  dropToIdr(): void {
    if (!this.#senders.current) return;
    this.#tally.dropped(this.#queue.dropToIdr());
    if (this.#queue.wantsIdr) this.#askForIdr();
  }

  start(): void {
    if (this.#ingests.backupProblem) this.#log(`the backup is left out: ${this.#ingests.backupProblem}`);
    this.#lifecycle.start();
  }

  stop(): Promise<void> {
    this.#stopped ??= this.#close();
    return this.#stopped;
  }

  retryNow(): void {
    this.#lifecycle.retry();
  }

  refusalOf({ kind, codec }: Pick<CodecRefusal, 'kind' | 'codec'>): CodecRefusal | null {
    const refusal = this.#senders.current?.refusalOf({ codec });
    return refusal ? codecRefusal(this.#ingests.label, kind, refusal) : null;
  }

  setHeader(header: VideoHeader | AudioHeader): void {
    this.#orLose(() => this.#takeHeader(header));
  }

  #takeHeader(header: VideoHeader | AudioHeader): void {
    const isNew = this.#media.keep(header);
    const sender = this.#senders.current;
    if (!sender || !isNew) return;
    const wasHeld = this.#hold.isHeld;
    if (this.#judge(sender)) return;
    if (wasHeld) return this.#begin(sender);
    this.#queue.pushHeader(header);
    this.#pump();
  }

  /** A connection that was not asked for several tracks is followed by one that is. @returns whether nothing of the show may go */
  #judge(sender: RtmpSender): boolean {
    const isAsked = sender.connection.isAsked || !this.#media.needs.multitrack;
    const held = this.#hold.judge(allOf(this.#media.headers), (header) => sender.refusalOf(header), this.#nowUs(), isAsked);
    if (held && !isAsked && !this.#senders.successor) this.#lifecycle.moved(this.#senders.address.redirectUrl);
    return held;
  }

  #onRefused(refusal: CodecRefusal): void {
    this.#log(`${refusal.failure.code}: ${refusal.failure.message}`);
    this.#options.onCodecRefused?.(refusal);
  }

  write(packet: MediaPacket): void {
    this.#orLose(() => this.#takePacket(packet));
  }

  #takePacket(raw: MediaPacket): void {
    const packet = this.#media.correct(raw, this.#nowUs(), (jump) => this.#onClockJump(jump));
    if (this.#senders.successor && packet.kind === 'video' && packet.key && trackOf(packet) === 0) this.#goOver(this.#senders.successor);
    const overdue = this.#hold.overdue(this.#nowUs());
    if (this.#senders.current && overdue) this.#lose(this.#senders.current.connection, new StudioError(overdue.code, overdue.message));
    if (!this.#senders.current || this.#hold.isHeld) return this.#tally.dropped(packet.kind === 'video' ? 1 : 0);
    this.#senders.current.settle();
    this.#tally.dropped(this.#queue.push(packet));
    if (this.#queue.wantsIdr || this.#senders.successor) this.#askForIdr();
    this.#pump();
    if (this.#queue.audioSpanMs > AUDIO_MAX_MS) this.#lose(this.#senders.current.connection, stalledFailure(this.#ingests.label));
  }

  #onClockJump(jump: ClockJump): void {
    this.#tally.clockJumps += 1;
    const what = jump.kind === 'video' ? 'picture' : 'sound';
    this.#log(`the clock of the ${what} jumped by ${Math.round(jump.jumpUs / 1_000)} ms, which was taken out`);
    this.#options.onClockJump?.(jump);
  }

  #onChange(state: PublisherState): void {
    this.#log(stateLine(state));
    this.#options.onChange(state);
  }

  async #connect({ ingest, redirectUrl }: Where, attempt: Attempt): Promise<RtmpConnection> {
    const { streamKey } = this.#options.target;
    const url = this.#ingests.parse(ingest, redirectUrl);
    if (!streamKey)
      throw new StudioError('rtmp.no-key', 'No stream key is set. Keys are not kept when Tidecast ends: enter it again in Destinations.');
    const { connectTimeoutMs, replyTimeoutMs, stallMs, tlsCa } = this.#tuning;
    const connection: RtmpConnection = await RtmpConnection.publish({
      url,
      streamKey,
      connectTimeoutMs,
      replyTimeoutMs,
      stallMs,
      tlsCa,
      startKbps: this.#rateKbps(),
      needs: this.#media.needs,
      takesEnhanced: this.#options.target.takesEnhanced,
      takesCodecs: isKnownToTakeEnhanced(url.host),
      mayGoTo: (address) => this.#mayGoTo(redirectUrl, address),
      log: (line) => this.#log(line),
      ...attempt,
      onAnswered: () => {
        this.#senders.answered(ingest);
        attempt.onAnswered();
      },
      onReconnectRequest: (tcUrl) => this.#move(connection, tcUrl),
      onLost: (failure) => this.#lose(connection, failure),
      onProgress: () => this.#orLose(() => this.#pump()),
    });
    return connection;
  }

  /** A name may lead anywhere: a public server cannot send the key to this computer or the user's own network. */
  #mayGoTo(redirectUrl: string | null, address: string): boolean {
    return redirectUrl === null || !isPrivateAddress(address) || isPrivateAddress(this.#senders.address.ip);
  }

  /** From a break it begins at once; beside a connection that lives it waits for the next IDR. */
  #onConnected(connection: RtmpConnection, { ingest, redirectUrl }: Where): void {
    const { clock, onPublished } = this.#options;
    const sender = new RtmpSender(connection, {
      timeline: this.#timeline,
      tally: this.#tally,
      clock,
      onPublished,
      timesWanted: () => this.#options.pictureTimes ?? false,
      log: (line) => this.#log(line),
    });
    const url = this.#ingests.url(ingest, redirectUrl);
    this.#senders.add(sender, { ingest, url, redirectUrl, ip: connection.remoteAddress });
    if (!this.#senders.current) this.#begin(sender);
    this.#idrAskedUs = Number.NEGATIVE_INFINITY; // it has not been asked for this connection
    this.#askForIdr();
  }

  /** Metadata and headers first; then nothing until an IDR. */
  #begin(sender: RtmpSender): void {
    this.#senders.begin(sender);
    this.#tally.dropped(this.#queue.restart());
    this.#hold.reset();
    if (!this.#judge(sender)) sender.begin(this.#media.headers);
  }

  /** What waits still goes the old way; the IDR that comes is the new one's first. */
  #goOver(successor: RtmpSender): void {
    this.#lifecycle.wentOver();
    this.#senders.goOver((old) => old.flush(this.#queue, this.#media.headers));
    this.#begin(successor);
  }

  /** Of two, one is enough to go on. */
  #lose(connection: RtmpConnection, error: unknown): void {
    const lost = this.#senders.lose(connection);
    if (!lost) return;
    if (lost.was === 'successor') return this.#lifecycle.fellBack(error);
    if (lost.next) {
      this.#lifecycle.wentOver();
      return this.#begin(lost.next);
    }
    this.#tally.dropped(this.#queue.restart());
    this.#lifecycle.lost(error);
  }

  #move(connection: RtmpConnection, tcUrl: string): void {
    if (connection !== (this.#senders.successor ?? this.#senders.current)?.connection) return;
    const to = this.#moves.answer(this.#senders.address, tcUrl, this.#options.target.streamKey);
    if (to !== undefined) this.#lifecycle.moved(to);
  }

  async #close(): Promise<void> {
    this.#lifecycle.stop();
    this.#senders.current?.flush(this.#queue, this.#media.headers);
    await this.#senders.close();
    this.#lifecycle.closed();
  }

  /** Sockets and the program call it: what our own code throws ends this connection, not the process, and leaves none half written. */
  #orLose(act: () => void): void {
    try {
      act();
    } catch (error) {
      if (!this.#senders.current) throw error; // the program tells it once
      this.#onMistake(error);
      this.#lose(this.#senders.current.connection, error);
    }
  }

  #onMistake(error: unknown): void {
    this.#log(`a mistake: ${error instanceof Error ? error.stack : String(error)}`);
  }

  #pump(): void {
    this.#senders.current?.pump(this.#queue, this.#media.headers, this.#rateKbps());
  }

  #rateKbps(): number {
    return this.#totalKbps ?? this.#media.totalKbps;
  }

  #askForIdr(): void {
    const nowUs = this.#nowUs();
    if (nowUs - this.#idrAskedUs < IDR_AGAIN_US) return;
    this.#idrAskedUs = nowUs;
    this.#options.requestIdr();
  }

  #nowUs(): number {
    return this.#options.clock.nowUs();
  }

  #log(line: string): void {
    this.#options.log(`publisher ${this.#ingests.label}: ${line}`);
  }
}
