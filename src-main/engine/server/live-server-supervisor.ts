/** Keeps the live server process running, with the rehearsal's stream name and key. */
import { randomBytes } from 'node:crypto';
import { Emitter } from '../../../src-shared/disposable.ts';
import { type Failure, StudioError } from '../../../src-shared/errors.ts';
import type { Clock } from '../../process/clock.ts';
import type { FromServer, LadderSettings, RecordOptions, ServerFigures, ToServer } from '../../process/server-contract.ts';
import type { Service, ServiceHost } from '../../process/service.ts';
import { restartDelayMs } from '../encoder/restart-delay.ts';
import type { Log } from '../log.ts';

const LOOPBACK = '127.0.0.1';
const EVERYWHERE = '0.0.0.0';
const STOP_TIMEOUT_MS = 2_000;
/** what waits for a slow disk is still written; the server itself gives up a little earlier */
const RECORDING_STOP_TIMEOUT_MS = 10_000;
const START_TIMEOUT_MS = 5_000;
const CHECK_EVERY_MS = 1_000;
/** 10 s: it sends its figures every second. In checks, not by the clock: words wait while the engine is busy or asleep. */
const SILENT_CHECKS_MAX = 10;
export const REHEARSAL_STREAM = 'rehearsal';
/** used when nothing else is asked for and nobody has them */
export const USUAL_SERVER_PORTS = { rtmp: 1935, http: 7421 };

/** Null: the usual port, or a free one when it is taken. */
export interface ServerPorts {
  rtmp: number | null;
  http: number | null;
}

export interface RunningServer {
  rtmpUrl: string;
  httpUrl: string;
}

export interface LiveServerOptions {
  services: ServiceHost;
  clock: Clock;
  ports: ServerPorts;
  log: Log;
  /** whether viewers on this machine's network may watch; left out: no */
  lan?: boolean;
  /** where rehearsals are kept when they are, and whether they are; left out: nowhere */
  shows?: { record: RecordOptions; on: boolean };
  /** which other qualities the rehearsal has; left out: none */
  ladder?: LadderSettings | null;
}

export class LiveServerSupervisor {
  /** up at a new or the same address, or null while it is down */
  readonly changed = new Emitter<RunningServer | null>();
  readonly incidents = new Emitter<Failure>();
  readonly idrWanted = new Emitter<null>();

  readonly #options: LiveServerOptions;
  /** of this run only: it never leaves the engine but for the server and the rehearsal's publisher */
  readonly #key = randomBytes(18).toString('base64url');
  readonly #crashesUs: number[] = [];
  #ports: { rtmp: number; http: number };
  #service: Service<ToServer, FromServer> | null = null;
  #running: RunningServer | null = null;
  #figures: ServerFigures | null = null;
  #timer: NodeJS.Timeout | null = null;
  #disposed = false;
  #lan: boolean;
  #keepsShows: boolean;
  /** what to wait for the one that runs */
  #stopTimeoutMs = STOP_TIMEOUT_MS;
  #ladder: LadderSettings | null;
  /** it ends because it is to listen elsewhere */
  #moving = false;

  constructor(options: LiveServerOptions) {
    this.#options = options;
    this.#ports = { rtmp: options.ports.rtmp ?? USUAL_SERVER_PORTS.rtmp, http: options.ports.http ?? USUAL_SERVER_PORTS.http };
    this.#lan = options.lan ?? false;
    this.#keepsShows = options.shows?.on ?? false;
    this.#ladder = options.ladder ?? null;
  }

  get running(): RunningServer | null {
    return this.#running;
  }

  /** what it said last; null while it is down */
  get figures(): ServerFigures | null {
    return this.#figures;
  }

  get lan(): boolean {
    return this.#lan;
  }

  /**
   * Lets viewers on this machine's network watch, or no longer. It starts anew at the same ports: who watches comes
   * back by itself.
   */
  setLan(on: boolean): void {
    if (on === this.#lan) return;
    this.#lan = on;
    this.#options.log.info(`live server: for ${on ? 'the network' : 'this computer alone'} from now on`);
    this.#startAnew();
  }

  get keepsShows(): boolean {
    return this.#keepsShows;
  }

  /** Keeps rehearsals, to be watched again, or no longer; as `setLan` does it. What was kept stays. */
  setKeepsShows(on: boolean): void {
    if (on === this.#keepsShows) return;
    this.#keepsShows = on;
    this.#options.log.info(`live server: rehearsals are ${on ? '' : 'not '}kept from now on`);
    this.#startAnew();
  }

  #startAnew(): void {
    const service = this.#service;
    if (!service) return; // it is about to be started again anyway
    this.#moving = true;
    service.send({ type: 'stop' });
    setTimeout(() => this.#service === service && service.kill('SIGKILL'), this.#stopTimeoutMs).unref();
  }

  /** From now on: nobody's connection ends but those to qualities that are gone. */
  setLadder(ladder: LadderSettings | null): void {
    this.#ladder = ladder;
    this.#service?.send({ type: 'ladder', ladder });
  }

  get rehearsal(): { streamName: string; key: string } {
    return { streamName: REHEARSAL_STREAM, key: this.#key };
  }

  start(): void {
    const service = this.#options.services.start<ToServer, FromServer>('server');
    this.#service = service;
    const record = this.#keepsShows ? (this.#options.shows?.record ?? null) : null;
    this.#stopTimeoutMs = record ? RECORDING_STOP_TIMEOUT_MS : STOP_TIMEOUT_MS;
    let portTaken = false;
    let silentChecks = 0;
    const watch = setInterval(() => {
      silentChecks += 1;
      if (silentChecks !== SILENT_CHECKS_MAX) return;
      this.#options.log.warn(`live server: no word in ${silentChecks} checks`);
      service.kill('SIGKILL');
    }, CHECK_EVERY_MS);
    service.onMessage((message) => {
      silentChecks = 0;
      if (message.type === 'failed' && message.code === 'server.port-in-use') portTaken = true;
      this.#receive(message);
    });
    service.onExit(({ code, signal }) => {
      clearInterval(watch);
      this.#onEnd(signal ?? `code ${code}`, portTaken);
    });
    service.send({
      type: 'start',
      options: {
        host: this.#lan ? EVERYWHERE : LOOPBACK,
        rtmpPort: this.#ports.rtmp,
        httpPort: this.#ports.http,
        streams: [{ name: REHEARSAL_STREAM, key: this.#key }],
        ladder: this.#ladder,
        record,
      },
    });
  }

  /** @throws StudioError server.unavailable when it does not come up in time */
  whenRunning(): Promise<RunningServer> {
    if (this.#running) return Promise.resolve(this.#running);
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        off();
        reject(
          new StudioError(
            'server.unavailable',
            'The live server is not running, so there is no rehearsal now. Try again in a moment, or restart Tidecast.',
          ),
        );
      }, START_TIMEOUT_MS);
      const off = this.changed.on((running) => {
        if (!running) return;
        clearTimeout(timer);
        off();
        resolve(running);
      });
    });
  }

  /** From now on an end is no incident: Ctrl+C in a terminal reaches the server as well as us. */
  expectEnd(): void {
    this.#disposed = true;
  }

  async dispose(): Promise<void> {
    this.expectEnd();
    if (this.#timer) clearTimeout(this.#timer);
    const service = this.#service;
    if (!service) return;
    const ended = new Promise<void>((resolve) => service.onExit(() => resolve()));
    service.send({ type: 'stop' });
    const timer = setTimeout(() => service.kill('SIGKILL'), this.#stopTimeoutMs);
    await ended;
    clearTimeout(timer);
  }

  #receive(message: FromServer): void {
    switch (message.type) {
      case 'ready':
        this.#running = { rtmpUrl: message.rtmpUrl, httpUrl: message.httpUrl };
        // The same ports after a restart, so that publisher and viewers find their way back.
        this.#ports = { rtmp: Number(new URL(message.rtmpUrl).port), http: Number(new URL(message.httpUrl).port) };
        this.#options.log.info(`live server: ${message.rtmpUrl} and ${message.httpUrl}`);
        return this.changed.emit(this.#running);
      case 'failed':
        return this.#onFailed({ code: message.code, message: message.message });
      case 'stats':
        this.#figures = message.figures;
        return;
      case 'idr-wanted':
        return this.idrWanted.emit(null);
      case 'incident':
        this.#options.log.warn(`live server: ${message.message}`);
        return this.incidents.emit({ code: message.code, message: message.message });
    }
  }

  /** A taken port is no reason to do without rehearsal: the next start asks the system for free ones. */
  #onFailed(failure: Failure): void {
    this.#options.log.warn(`live server: ${failure.message}`);
    if (failure.code === 'server.port-in-use') {
      this.#ports = { rtmp: 0, http: 0 };
      this.incidents.emit({ code: failure.code, message: `${failure.message} Free ports are used instead.` });
    } else this.incidents.emit(failure);
    this.#service?.kill();
  }

  #onEnd(how: string, portTaken: boolean): void {
    this.#service = null;
    this.#figures = null;
    const wasRunning = this.#running !== null;
    this.#running = null;
    if (this.#disposed) return;
    if (this.#moving) {
      this.#moving = false;
      if (wasRunning) this.changed.emit(null);
      return this.start();
    }
    const nowUs = this.#options.clock.nowUs();
    if (!portTaken) this.#crashesUs.push(nowUs);
    this.#options.log.warn(`live server: ended (${how})`);
    if (wasRunning) {
      this.changed.emit(null);
      this.incidents.emit({
        code: 'server.unavailable',
        message: 'The live server stopped and is being started again. Viewers reconnect by themselves.',
      });
    }
    this.#timer = setTimeout(() => this.start(), restartDelayMs(this.#crashesUs, nowUs));
  }
}
