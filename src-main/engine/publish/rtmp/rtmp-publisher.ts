/** Keeps one RTMP(S) destination on the air: connects, sends, drops when it must, comes back, and goes over to another connection without a break. */
import type { Ingest, PublisherState, PublisherStats } from '../../../../src-shared/domain/index.ts';
import { StudioError } from '../../../../src-shared/errors.ts';
import { US_PER_S } from '../../../../src-shared/units.ts';
import type { AudioHeader, MediaHeader, MediaPacket, VideoHeader } from '../../../process/packet.ts';
import { type EnhancedNeeds, needsEnhanced } from '../../../wire/rtmp/enhanced.ts';
import type { Pressure } from '../../rate-control/pressure.ts';
import { ClockCorrector } from '../clock-corrector.ts';
import { type Attempt, Lifecycle, type Where } from '../lifecycle.ts';
import { MediaQueue } from '../media-queue.ts';
import type { CodecRefusal, Publisher, PublisherOptions } from '../publisher.ts';
import { Tally } from '../tally.ts';
import { Timeline } from '../timeline.ts';
import { type TrackOf, trackOf } from '../tracks.ts';
import type { PublisherTuning } from '../tuning.ts';
import { CodecHold } from './codec-hold.ts';
import { RtmpConnection } from './connection.ts';
import { stalledFailure } from './failures.ts';
import { Ingests } from './ingests.ts';
import { isKnownToTakeEnhanced } from './known-servers.ts';
import { isPrivateAddress, redirectOf } from './redirect.ts';
import { allOf, type Headers, RtmpSender } from './rtmp-sender.ts';

/** Sound is never dropped; when so much of it waits, the connection has had it. */
const AUDIO_MAX_MS = 20_000;
/** How often the encoder is asked again for an IDR that has not come. */
const IDR_AGAIN_US = US_PER_S;
/** What is sent until `setRate` says it, by the headers; without them, an ordinary show. */
const DEFAULT_TOTAL_KBPS = 2_500;

/** of a server that has taken us */
interface Address {
  ingest: Ingest;
  url: string;
  /** when the server before sent us here */
  redirectUrl: string | null;
  ip: string;
}

export class RtmpPublisher implements Publisher {
  readonly #options: PublisherOptions;
  readonly #tuning: PublisherTuning;
  readonly #ingests: Ingests;
  readonly #lifecycle: Lifecycle<RtmpConnection>;
  readonly #queue: MediaQueue;
  /** by track, since the tracks of a kind have the same times */
  readonly #correctors = new Map<number, ClockCorrector>();
  readonly #timeline = new Timeline();
  readonly #tally = new Tally();
  readonly #trackOf: TrackOf;
  readonly #headers: Headers = { video: null, audio: null, others: [] };
  readonly #hold: CodecHold;
  #sender: RtmpSender | null = null;
  /** takes over at the next IDR */
  #successor: RtmpSender | null = null;
  /** lost, but still open, since its server cannot hear yet that it is over */
  #stalled: { connection: RtmpConnection; ingest: Ingest } | null = null;
  /** connections that are saying goodbye */
  readonly #leaving = new Set<Promise<void>>();
  /** of the newest connection */
  #address: Address = { ingest: 'primary', url: '', redirectUrl: null, ip: '' };
  /** of the one that sends */
  #senderAddress = this.#address;
  /** it is logged once: a server may ask as often as it likes */
  #hasRefusedMove = false;
  #totalKbps: number | null = null;
  #idrAskedUs = Number.NEGATIVE_INFINITY;
  #stopped: Promise<void> | null = null;

  constructor(options: PublisherOptions, tuning: PublisherTuning) {
    this.#options = options;
    this.#tuning = tuning;
    this.#ingests = new Ingests(options.target);
    this.#trackOf = trackOf(options.tracks);
    const further = options.tracks?.slice(1) ?? [];
    this.#queue = new MediaQueue(
      tuning.queueMaxMs,
      (kind) => this.#sender?.aheadUs(kind) ?? null,
      (renditionId) => further.includes(renditionId),
    );
    this.#hold = new CodecHold(this.#ingests.label, (refusal) => this.#onRefused(refusal));
    const { clock } = options;
    this.#lifecycle = new Lifecycle({
      rules: () => ({ ...tuning, graceMs: options.graceMs ?? tuning.graceMs, hasBackup: this.#ingests.hasBackup }),
      tuning,
      clock,
      doors: this.#ingests.doors,
      connect: (where, attempt) => this.#connect(where, attempt),
      onConnected: (connection, where) => this.#onConnected(connection, where),
      onUnwanted: (connection) => this.#giveUp(connection),
      onChange: (state) => this.#onChange(state),
      onMistake: (error) => this.#onMistake(error),
    });
  }

  get state(): PublisherState {
    return this.#lifecycle.state;
  }

  get stats(): PublisherStats {
    const pressure = this.pressure();
    const lateMs = pressure && this.#sender ? Math.max(0, pressure.delayMs - this.#sender.floorMs) : 0;
    const { framesSent, framesDropped, bytesSent, clockJumps } = this.#tally;
    return {
      bitrateKbps: this.#tally.kbps(this.#nowUs()),
      queueMs: pressure?.delayMs ?? 0,
      queueBytes: pressure ? pressure.offeredBytes - pressure.deliveredBytes : 0,
      congestion: Math.min(1, lateMs / this.#tuning.queueMaxMs),
      evidence: pressure?.evidence ?? 'socket',
      rttMs: pressure?.tcp?.rttMs ?? null,
      retransmittedPackets: pressure?.tcp?.retransmittedPackets ?? null,
      framesSent,
      framesDropped,
      bytesSent,
      clockJumps,
    };
  }

  pressure(): Pressure | null {
    return this.#sender?.pressure(this.#queue) ?? null;
  }

  setRate(totalKbps: number): void {
    this.#totalKbps = totalKbps;
    for (const sender of [this.#sender, this.#successor]) sender?.connection.setRate(totalKbps);
  }

  dropToIdr(): void {
    if (!this.#sender) return;
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

  setHeader(header: VideoHeader | AudioHeader): void {
    this.#orLose(() => this.#takeHeader(header));
  }

  #takeHeader(header: VideoHeader | AudioHeader): void {
    const track = this.#trackOf(header);
    if (track === null) return;
    const before = this.#keepHeader(header, track);
    const sender = this.#sender;
    if (!sender || isSameHeader(before, header)) return;
    const wasHeld = this.#hold.isHeld;
    if (this.#judge(sender)) return;
    if (wasHeld) return this.#begin(sender);
    this.#queue.pushHeader(header);
    this.#pump();
  }

  /** @returns the one before it */
  #keepHeader(header: MediaHeader, track: number): MediaHeader | null {
    const headers = this.#headers;
    const before = allOf(headers).find((one) => one.kind === header.kind && this.#trackOf(one) === track) ?? null;
    if (track > 0) headers.others = [...headers.others.filter((one) => one.header !== before), { track, header }];
    else if (header.kind === 'video') headers.video = header;
    else headers.audio = header;
    return before;
  }

  /** A connection that was not asked what it takes is followed by one that is. @returns whether nothing of the show may go */
  #judge(sender: RtmpSender): boolean {
    const isAsked = sender.connection.isAsked || !needsEnhanced(this.#needs());
    const held = this.#hold.judge(allOf(this.#headers), (header) => sender.refusalOf(header), this.#nowUs(), isAsked);
    if (held && !isAsked && !this.#successor) this.#lifecycle.moved(this.#address.redirectUrl);
    return held;
  }

  #needs(): EnhancedNeeds {
    const { video, audio, others } = this.#headers;
    const multitrack = others.length > 0 || (this.#options.tracks?.length ?? 0) > 1;
    return { video: video?.codec ?? 'h264', audio: audio?.codec ?? 'aac', multitrack };
  }

  #onRefused(refusal: CodecRefusal): void {
    this.#log(`${refusal.failure.code}: ${refusal.failure.message}`);
    this.#options.onCodecRefused?.(refusal);
  }

  write(packet: MediaPacket): void {
    this.#orLose(() => this.#takePacket(packet));
  }

  #takePacket(raw: MediaPacket): void {
    const track = this.#trackOf(raw);
    if (track === null) return;
    const packet = this.#correct(raw, track);
    if (this.#successor && packet.kind === 'video' && packet.key && track === 0) this.#goOver(this.#successor);
    const overdue = this.#hold.overdue(this.#nowUs());
    if (this.#sender && overdue) this.#lose(this.#sender.connection, new StudioError(overdue.code, overdue.message));
    if (!this.#sender || this.#hold.isHeld) return this.#tally.dropped(packet.kind === 'video' ? 1 : 0);
    this.#sender.settle();
    this.#tally.dropped(this.#queue.push(packet));
    if (this.#queue.wantsIdr || this.#successor) this.#askForIdr();
    this.#pump();
    if (this.#queue.audioSpanMs > AUDIO_MAX_MS) this.#lose(this.#sender.connection, stalledFailure(this.#ingests.label));
  }

  #correct(raw: MediaPacket, track: number): MediaPacket {
    let corrector = this.#correctors.get(track);
    if (!corrector) this.#correctors.set(track, (corrector = new ClockCorrector()));
    const { packet, jumpUs } = corrector.correct(raw, this.#nowUs());
    if (jumpUs !== 0) {
      this.#tally.clockJumps += 1;
      this.#log(
        `the clock of the ${raw.kind === 'video' ? 'picture' : 'sound'} jumped by ${Math.round(jumpUs / 1_000)} ms, which was taken out`,
      );
      this.#options.onClockJump?.({ kind: raw.kind, jumpUs });
    }
    return packet;
  }

  #onChange(state: PublisherState): void {
    this.#log(describe(state));
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
      needs: this.#needs(),
      takesEnhanced: this.#options.target.takesEnhanced ?? (isKnownToTakeEnhanced(url.host) || undefined),
      mayGoTo: (address) => this.#mayGoTo(redirectUrl, address),
      log: (line) => this.#log(line),
      ...attempt,
      onAnswered: () => {
        this.#onAnswered(ingest);
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
    return redirectUrl === null || !isPrivateAddress(address) || isPrivateAddress(this.#address.ip);
  }

  /** From a break it begins at once; beside a connection that lives it waits for the next IDR. */
  #onConnected(connection: RtmpConnection, { ingest, redirectUrl }: Where): void {
    const { clock, onPublished } = this.#options;
    const sender = new RtmpSender(connection, {
      timeline: this.#timeline,
      tally: this.#tally,
      clock,
      trackOf: this.#trackOf,
      onPublished,
      log: (line) => this.#log(line),
    });
    this.#address = { ingest, url: this.#ingests.url(ingest, redirectUrl), redirectUrl, ip: connection.remoteAddress };
    if (this.#successor) this.#leave(this.#successor, this.#tuning.stopMs); // it has sent nothing yet
    this.#successor = this.#sender ? sender : null;
    if (!this.#sender) this.#begin(sender);
    this.#idrAskedUs = Number.NEGATIVE_INFINITY; // it has not been asked for this connection
    this.#askForIdr();
  }

  /** Metadata and headers first; then nothing until an IDR. */
  #begin(sender: RtmpSender): void {
    this.#sender = sender;
    this.#senderAddress = this.#address;
    this.#tally.dropped(this.#queue.restart());
    this.#hold.reset();
    if (!this.#judge(sender)) sender.begin(this.#headers);
  }

  /** What waits still goes the old way; the IDR that comes is the new one's first. */
  #goOver(successor: RtmpSender): void {
    const old = this.#sender;
    this.#successor = null;
    this.#lifecycle.wentOver();
    if (old) {
      old.flush(this.#queue, this.#headers);
      this.#leave(old, this.#tuning.stopMs);
    }
    this.#begin(successor);
  }

  /** Of two, one is enough to go on. */
  #lose(connection: RtmpConnection, error: unknown): void {
    const [sender, successor] = [this.#sender, this.#successor];
    if (connection.isHeld) {
      if (connection === sender?.connection && !successor) this.#keepStalled(connection);
      else connection.reset();
    }
    if (connection === successor?.connection) {
      this.#successor = null;
      this.#address = this.#senderAddress;
      this.#leave(successor, 0);
      return this.#lifecycle.fellBack(error);
    }
    if (connection !== sender?.connection) return;
    this.#leave(sender, 0);
    if (successor) {
      this.#successor = null;
      this.#lifecycle.wentOver();
      return this.#begin(successor);
    }
    this.#sender = null;
    this.#tally.dropped(this.#queue.restart());
    this.#lifecycle.lost(error);
  }

  /** Until the same server answers again. */
  #keepStalled(connection: RtmpConnection): void {
    this.#stalled?.connection.reset();
    this.#stalled = { connection, ingest: this.#senderAddress.ingest };
  }

  #onAnswered(ingest: Ingest): void {
    if (this.#stalled?.ingest !== ingest) return;
    this.#stalled.connection.reset();
    this.#stalled = null;
  }

  /** One that nobody wants, or that could not be used. */
  #giveUp(connection: RtmpConnection): void {
    if (this.#successor?.connection === connection) this.#successor = null;
    if (this.#sender?.connection === connection) this.#sender = null;
    this.#address = this.#senderAddress;
    void connection.close(0);
  }

  #move(connection: RtmpConnection, tcUrl: string): void {
    if (connection !== (this.#successor ?? this.#sender)?.connection) return;
    if (!tcUrl) {
      this.#log('the server asks for a new connection');
      return this.#lifecycle.moved(this.#address.redirectUrl);
    }
    const redirect = redirectOf(this.#address.url, tcUrl, this.#options.target.streamKey ?? '');
    if ('refused' in redirect) {
      if (!this.#hasRefusedMove) this.#log(`the server asks for a new connection ${redirect.refused}: the show stays where it is`);
      this.#hasRefusedMove = true;
      return;
    }
    this.#log(`the server asks for a new connection to ${redirect.label}`);
    this.#lifecycle.moved(redirect.url);
  }

  #leave({ connection }: RtmpSender, timeoutMs: number): void {
    const goodbye = connection.close(timeoutMs).finally(() => this.#leaving.delete(goodbye));
    this.#leaving.add(goodbye);
  }

  async #close(): Promise<void> {
    this.#lifecycle.stop();
    this.#sender?.flush(this.#queue, this.#headers);
    for (const sender of [this.#sender, this.#successor]) if (sender) this.#leave(sender, this.#tuning.stopMs);
    this.#sender = null;
    this.#successor = null;
    this.#stalled?.connection.reset();
    this.#stalled = null;
    await Promise.all(this.#leaving);
    this.#lifecycle.closed();
  }

  /** Sockets and the program call it: what our own code throws ends this connection, not the process, and leaves none half written. */
  #orLose(act: () => void): void {
    try {
      act();
    } catch (error) {
      if (!this.#sender) throw error; // the program tells it once
      this.#onMistake(error);
      this.#lose(this.#sender.connection, error);
    }
  }

  #onMistake(error: unknown): void {
    this.#log(`a mistake: ${error instanceof Error ? error.stack : String(error)}`);
  }

  #pump(): void {
    this.#sender?.pump(this.#queue, this.#headers, this.#rateKbps());
  }

  #rateKbps(): number {
    const sumKbps = allOf(this.#headers).reduce((sum, { bitrateKbps }) => sum + bitrateKbps, 0);
    return this.#totalKbps ?? (this.#headers.video ? sumKbps : DEFAULT_TOTAL_KBPS);
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

function isSameHeader(a: MediaHeader | null, b: MediaHeader): boolean {
  return a !== null && a.config.length === b.config.length && a.config.every((byte, i) => byte === b.config[i]);
}

function describe(state: PublisherState): string {
  const to = (ingest: Ingest) => (ingest === 'backup' ? ' to the backup' : '');
  switch (state.phase) {
    case 'connecting':
      return `connecting${to(state.ingest)}, attempt ${state.attempt}`;
    case 'failing-over':
      return `connecting${to(state.ingest)} after ${state.failure.code}: ${state.failure.message}`;
    case 'waiting':
      return `waiting after ${state.failure.code}: ${state.failure.message}`;
    case 'live':
      return `live${to(state.ingest)}`;
    case 'stopped':
      return state.failure ? `stopped by ${state.failure.code}: ${state.failure.message}` : 'stopped';
    default:
      return state.phase;
  }
}
