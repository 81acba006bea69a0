/** One life of the encoder process. */

import { StudioError } from '../../../src-shared/errors.ts';
import type { Clock } from '../../process/clock.ts';
import type { FromEncoder, ToEncoder } from '../../process/encoder-contract.ts';
import type { Service, ServiceHost } from '../../process/service.ts';
import { readVitals, type Vitals } from './vitals.ts';

const READY_TIMEOUT_MS = 10_000;
const STOP_TIMEOUT_MS = 2_000;
const THUMBNAIL_TIMEOUT_MS = 2_000;

export interface EncoderProcessOptions {
  services: ServiceHost;
  clock: Clock;
  /** where the media listener listens, and for whom; null: media comes through ports of the shell */
  listen: { host: string; allowedOrigins: string[] } | null;
}

export interface EncoderProcessHooks {
  onMessage: (message: FromEncoder) => void;
  onEnd: (how: string) => void;
}

export class EncoderProcess {
  /** the media listener's address, once the process works */
  readonly ready: Promise<string | null>;
  readonly #service: Service<ToEncoder, FromEncoder>;
  readonly #thumbnails = new Map<number, (jpeg: Uint8Array | null) => void>();
  readonly #ended: Promise<void>;
  #hooks: EncoderProcessHooks | null;
  #pid: number | null = null;
  /** that work for it, and must not outlive it */
  #programs: readonly number[] = [];
  #gone = false;
  #nextRequestId = 1;

  constructor({ services, clock, listen }: EncoderProcessOptions, hooks: EncoderProcessHooks | null = null) {
    this.#hooks = hooks;
    const service = services.start<ToEncoder, FromEncoder>('encoder');
    this.#service = service;
    this.ready = new Promise((resolve, reject) => {
      const fail = (why: string) =>
        reject(
          new StudioError('encoder.open-failed', `The encoder did not start (${why}). Try again; if it fails again, restart Tidecast.`),
        );
      const timer = setTimeout(() => {
        fail('no answer');
        service.kill('SIGKILL');
      }, READY_TIMEOUT_MS);
      service.onMessage((message) => {
        if (message.type === 'ready') {
          clearTimeout(timer);
          this.#pid = message.pid;
          resolve(message.mediaUrl);
        } else if (message.type === 'programs') this.#setPrograms(message.pids);
        else if (message.type === 'thumbnail') this.#thumbnails.get(message.requestId)?.(message.jpeg);
        else this.#hooks?.onMessage(message);
      });
      service.onExit(() => {
        clearTimeout(timer);
        fail('it ended');
      });
    });
    this.ready.catch(() => {}); // whoever waits hears of it; nobody may be waiting
    this.#ended = new Promise((resolve) => {
      service.onExit(({ code, signal }) => {
        this.#leaveUnanswered();
        this.#killPrograms();
        resolve();
        this.#hooks?.onEnd(signal ?? `code ${code}`);
      });
    });
    this.send({ type: 'start', epochNs: clock.epochNs, listen });
  }

  /** Whether it is at work, or a program of its own; null where the system does not tell. */
  vitals(): Vitals | null {
    const own = this.#pid === null ? null : readVitals(this.#pid);
    return own && { atWork: own.atWork || this.#programs.some((pid) => readVitals(pid)?.atWork) };
  }

  send(message: ToEncoder): void {
    this.#service.send(message);
  }

  /** It is the one at work from now on: pages are joined to it, and what it says is heard. */
  lead(hooks: EncoderProcessHooks): void {
    this.#hooks = hooks;
    this.#service.lead();
  }

  /** Whatever it says or does from now on counts for nothing, and nobody waits for its end: a driver may keep it from ending. */
  abandon(): void {
    this.#hooks = null;
    this.#leaveUnanswered();
    this.#service.kill('SIGKILL');
    this.#killPrograms();
  }

  thumbnail(widthPx: number): Promise<Uint8Array | null> {
    const requestId = this.#nextRequestId++;
    this.send({ type: 'thumbnail', requestId, widthPx });
    return new Promise<Uint8Array | null>((resolve) => {
      const timer = setTimeout(resolve, THUMBNAIL_TIMEOUT_MS, null);
      this.#thumbnails.set(requestId, (jpeg) => {
        clearTimeout(timer);
        resolve(jpeg);
      });
    }).finally(() => this.#thumbnails.delete(requestId));
  }

  async stop(): Promise<void> {
    this.send({ type: 'stop' });
    const timer = setTimeout(() => this.#service.kill('SIGKILL'), STOP_TIMEOUT_MS);
    await this.#ended;
    clearTimeout(timer);
  }

  /** What it said last may be heard after its end. */
  #setPrograms(pids: readonly number[]): void {
    this.#programs = pids;
    if (this.#gone) this.#killPrograms();
  }

  /** They end with their input. One that has been stopped, or hangs in a driver, does not see that. */
  #killPrograms(): void {
    this.#gone = true;
    for (const pid of this.#programs) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // it has ended
      }
    }
    this.#programs = [];
  }

  #leaveUnanswered(): void {
    for (const answer of this.#thumbnails.values()) answer(null);
  }
}
