/**
 * Finds out each second whether a silent server answers again: TCP alone, no TLS, no RTMP, no key. The connection that
 * is answered is handed on: there are servers that take only one.
 */
import { connect, type Socket } from 'node:net';
import type { Ingest } from '../../../src-shared/domain/index.ts';
import { names } from './names.ts';

export interface Door {
  host: string;
  port: number;
}

export interface KnockerOptions {
  doors: Record<Ingest, Door | null>;
  everyMs: number;
  /** how long a knock may take; new ones follow meanwhile, since each begins with a SYN of its own */
  patienceMs: number;
  /** 0 to 1, for the jitter */
  random: () => number;
  /** the socket is the receiver's to use or to destroy */
  onAnswer: (ingest: Ingest, socket: Socket) => void;
}

/** With several addresses of one name, how long each has before the next is tried beside it: Node's 250 ms is too short for a far server. */
const NEXT_ADDRESS_MS = 1_000;

export class Knocker {
  readonly #options: KnockerOptions;
  readonly #sockets = new Set<Socket>();
  #ingests: readonly Ingest[] = [];
  #timer: NodeJS.Timeout | null = null;
  #lastMs = Number.NEGATIVE_INFINITY;

  constructor(options: KnockerOptions) {
    this.#options = options;
  }

  /** Where to knock from now on, at once and then each second; never more often, whoever asks. Nowhere: it falls silent. */
  set(ingests: readonly Ingest[]): void {
    this.#ingests = ingests;
    if (ingests.length === 0) return this.#rest();
    if (this.#timer) return;
    this.#timer = setTimeout(() => this.#knock(), Math.max(0, this.#lastMs + this.#options.everyMs - performance.now()));
  }

  #knock(): void {
    const { everyMs, random, doors } = this.#options;
    this.#lastMs = performance.now();
    this.#timer = setTimeout(() => this.#knock(), everyMs * (0.8 + 0.4 * random()));
    for (const ingest of this.#ingests) {
      const door = doors[ingest];
      if (door) this.#knockAt(ingest, door);
    }
  }

  #knockAt(ingest: Ingest, { host, port }: Door): void {
    const socket = connect({ host, port, lookup: names.known, autoSelectFamilyAttemptTimeout: NEXT_ADDRESS_MS });
    this.#sockets.add(socket);
    const timer = setTimeout(() => socket.destroy(), this.#options.patienceMs);
    const forget = () => {
      clearTimeout(timer);
      this.#sockets.delete(socket);
    };
    socket.on('error', () => {}); // silence is what was expected
    socket.on('close', forget);
    socket.on('connect', () => {
      forget();
      socket.off('close', forget);
      this.#options.onAnswer(ingest, socket);
    });
  }

  #rest(): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    for (const socket of this.#sockets) socket.destroy();
  }
}
