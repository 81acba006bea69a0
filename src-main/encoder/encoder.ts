/** The encoder process as an object: messages in, headers and packets out. */

import type { SoundId } from '../../src-shared/domain/further-tracks.ts';
import type { RenditionId } from '../../src-shared/domain/ids.ts';
import { type ErrorCode, toFailure } from '../../src-shared/errors.ts';
import type { Channel } from '../../src-shared/ipc/channel.ts';
import { type Clock, monotonicClock } from '../process/clock.ts';
import type { FromEncoder, ToEncoder } from '../process/encoder-contract.ts';
import { AudioProgram } from './audio-program.ts';
import { MediaInputs } from './media-input.ts';
import { listenForMedia, type MediaListener } from './media-listener.ts';
import type { MediaTools } from './media-tools.ts';
import { PictureTap } from './picture-tap.ts';
import { StatsMeter } from './stats.ts';
import { VideoProgram } from './video-program.ts';
import { YoungGarbage } from './young-garbage.ts';

const STATS_EVERY_MS = 1_000;
/**
 * Overdue sound may wait so much longer for a picture to wake this process (at 30 fps one always comes): waking it for
 * every frame of silence costs more than encoding that.
 */
const SILENCE_SLACK_US = 25_000;

export class Encoder {
  readonly #send: (message: FromEncoder) => void;
  readonly #clock: Clock;
  readonly #tools: MediaTools;
  readonly #video: VideoProgram;
  readonly #audio: AudioProgram;
  readonly #inputs: MediaInputs;
  readonly #stats = new StatsMeter();
  readonly #garbage = new YoungGarbage();
  readonly #tap = PictureTap.fromEnvironment();
  #listener: MediaListener | null = null;
  #timer: NodeJS.Timeout | null = null;
  #statsTimer: NodeJS.Timeout | null = null;
  #ended = false;

  constructor(epochNs: bigint, tools: MediaTools, send: (message: FromEncoder) => void) {
    this.#send = send;
    this.#tools = tools;
    this.#clock = monotonicClock(epochNs);
    const header: (header: Extract<FromEncoder, { type: 'header' }>['header']) => void = (header) => send({ type: 'header', header });
    const packet: (packet: Extract<FromEncoder, { type: 'packet' }>['packet']) => void = (packet) => send({ type: 'packet', packet });
    this.#video = new VideoProgram(
      this.#clock,
      {
        header,
        packet,
        closed: (renditionId) => send({ type: 'closed', renditionId }),
        failed: (error, renditionId) => this.#fail(error, renditionId),
        reopened: (renditionId, pictures) => send({ type: 'reopened', renditionId, pictures }),
        encoded: (milliseconds) => this.#stats.encoded(milliseconds),
      },
      tools.openVideo,
    );
    this.#audio = new AudioProgram(
      this.#clock,
      { header, packet, failed: (error, sound) => this.#fail(error, null, sound) },
      tools.openSound,
    );
    this.#inputs = new MediaInputs({
      video: (frame, answer) => {
        this.#tap?.see(frame);
        this.#video.offer(frame, answer);
        this.#audio.advance();
        this.#garbage.dropped(frame.planes.byteLength);
      },
      audio: (block) => this.#audio.offer(block),
      connected: (role, connected) => {
        if (role === 'audio' && connected) this.#audio.restartInput();
        send({ type: 'media', role, connected });
      },
      nowUs: () => this.#clock.nowUs(),
    });
  }

  async start(listen: { host: string; allowedOrigins: string[] } | null): Promise<void> {
    try {
      this.#listener = listen && (await listenForMedia(this.#inputs, listen));
      this.#statsTimer = setInterval(() => this.#sendStats(), STATS_EVERY_MS);
      this.#send({ type: 'ready', mediaUrl: this.#listener?.url ?? null, pid: process.pid });
    } catch (error) {
      this.#fail(error, null);
    }
  }

  /** A port from the shell: it needs no token, since only the shell can hand one over. */
  acceptPort(channel: Channel): void {
    this.#inputs.accept(channel, null);
  }

  receive(message: Exclude<ToEncoder, { type: 'start' | 'stop' }>): void {
    if (this.#ended) return;
    switch (message.type) {
      case 'admit':
        return this.#listener?.admit(message.token, message.validMs);
      case 'demand':
        return this.#demand(message);
      case 'sounds':
        return this.#audio.setTwins(message.sounds);
      case 'open':
        return this.#video.open(message.rendition);
      case 'close':
        return this.#video.close(message.renditionId);
      case 'bitrate':
        return this.#video.setBitrate(message.renditionId, message.bitrateKbps);
      case 'idr':
        return this.#video.requestIdr(message.renditionIds);
      case 'thumbnail':
        return void this.#thumbnail(message.widthPx).then((jpeg) => this.#send({ type: 'thumbnail', requestId: message.requestId, jpeg }));
      default:
        message satisfies never;
    }
  }

  /** Flushes all, then says `stopped`. */
  async stop(): Promise<void> {
    if (this.#ended) return;
    this.#ended = true;
    if (this.#timer) clearTimeout(this.#timer);
    if (this.#statsTimer) clearInterval(this.#statsTimer);
    this.#inputs.closeAll();
    await this.#listener?.close();
    this.#audio.setSettings(null);
    await Promise.all([this.#video.end(), this.#audio.drained]);
    this.#sendStats();
    this.#send({ type: 'stopped' });
  }

  #demand({ demand, audio, soundFromUs }: Extract<ToEncoder, { type: 'demand' }>): void {
    this.#inputs.size.set(demand);
    this.#listener?.sizeChanged();
    this.#video.setDemand(demand);
    this.#audio.setSettings(demand ? audio : null, soundFromUs);
    this.#watchDeadlines();
  }

  /** Sleeps until a tick or a frame of sound is overdue; what came in time has moved the deadline on meanwhile. */
  #watchDeadlines(): void {
    if (this.#timer) clearTimeout(this.#timer);
    const deadlineUs = Math.min(this.#video.deadlineUs, this.#audio.deadlineUs + SILENCE_SLACK_US);
    if (!Number.isFinite(deadlineUs) || this.#ended) return;
    this.#timer = setTimeout(
      () => {
        this.#video.advance();
        this.#audio.advance();
        this.#watchDeadlines();
      },
      Math.max(1, Math.ceil((deadlineUs - this.#clock.nowUs()) / 1_000)),
    );
  }

  async #thumbnail(widthPx: number): Promise<Uint8Array | null> {
    const { latest, demand } = this.#video;
    if (!latest || !demand) return null;
    latest.hold();
    try {
      return await this.#tools.thumbnail(latest, demand, widthPx);
    } catch (error) {
      // not `failed`: whoever waits for an encode would take that for its end
      process.stderr.write(`encoder: no thumbnail: ${toFailure(error).message}\n`);
      return null;
    } finally {
      latest.letGo();
    }
  }

  #sendStats(): void {
    this.#send({
      type: 'stats',
      stats: this.#stats.read({ ...this.#video.counts, ...this.#audio.counts, loads: this.#video.takeLoads() }),
    });
  }

  #fail(error: unknown, renditionId: RenditionId | null, sound?: SoundId): void {
    const { code, message }: { code: ErrorCode; message: string } = toFailure(error);
    this.#send({ type: 'failed', code, message, renditionId, ...(sound && { sound }) });
  }
}
