/**
 * The stream's encodes while a show runs. All destinations begin on the first; those whose servers do not take its codec
 * share one in H.264; one may get an encode of its own and come back, and each encode may have a smaller picture than the
 * profile's. One change at a time, without a break for anybody.
 */
import { RenditionId } from '../../../src-shared/domain/index.ts';
import type { Log } from '../log.ts';
import type { PictureFormat } from '../rate-control/ladder.ts';
import { ORDINARY_RENDITION, type ShowWants, STREAM_RENDITION } from '../rendition/plan.ts';
import type { Program } from './program.ts';
import type { Connection, PublisherSet } from './publisher-set.ts';

export interface StreamEncodesOptions {
  program: Program;
  publishers: PublisherSet;
  log: Log;
}

export class StreamEncodes {
  readonly #options: StreamEncodesOptions;
  /** null: the profile's own format */
  #formats = new Map<RenditionId, PictureFormat | null>();
  /** those in H.264, whatever the profile says */
  #ordinary = new Set<RenditionId>();
  /** nobody takes the first */
  #idle = false;
  #busy = false;
  /** which show: what a show began must not reach into the next */
  #show = 0;

  constructor(options: StreamEncodesOptions) {
    this.#options = options;
  }

  /** a change is under way: others are not accepted */
  get busy(): boolean {
    return this.#busy;
  }

  /** null: the profile's own */
  format(id: RenditionId): PictureFormat | null {
    return this.#formats.get(id) ?? null;
  }

  /** For a new show, which has the first encode only. */
  reset(): void {
    this.#show += 1;
    this.#formats = new Map();
    this.#ordinary = new Set();
    this.#idle = false;
    this.#busy = false;
  }

  /** The destination gets an encode of its own. @returns false when it could not, and stays where it was: `prune` clears up */
  split(connection: Connection, bitrateKbps: number): Promise<boolean> {
    return this.#alone(async (isOver) => {
      const { program, publishers } = this.#options;
      const id = this.#freeId();
      this.#formats.set(id, this.format(connection.renditionId));
      if (connection.base === ORDINARY_RENDITION) this.#ordinary.add(id);
      await this.#apply();
      program.setBitrate(id, bitrateKbps);
      await program.headers(id);
      if (isOver()) return false;
      return publishers.move(connection, id);
    });
  }

  /** The destination comes back to the encode that it shared. @returns false when it stays on its own */
  join(connection: Connection): Promise<boolean> {
    return this.#alone(() => this.#options.publishers.move(connection, connection.base));
  }

  /** The destinations share an encode in H.264 from now on. @returns false when one of them has to wait for it still */
  fallBack(connections: readonly Connection[]): Promise<boolean> {
    return this.#alone(async (isOver) => {
      const { program, publishers } = this.#options;
      if (!this.#formats.has(ORDINARY_RENDITION)) {
        this.#formats.set(ORDINARY_RENDITION, this.format(STREAM_RENDITION));
        this.#ordinary.add(ORDINARY_RENDITION);
        await this.#apply();
      }
      await program.headers(ORDINARY_RENDITION);
      if (isOver()) return false;
      const moved = await Promise.all(connections.map((one) => publishers.move(one, ORDINARY_RENDITION, ORDINARY_RENDITION)));
      return moved.every(Boolean);
    });
  }

  /** Another size or frame rate from the next IDR on. The program sees to it that a recording's encode keeps its size. */
  setFormat(id: RenditionId, format: PictureFormat | null): Promise<boolean> {
    return this.#alone(async () => {
      this.#formats.set(id, format);
      await this.#apply();
      return true;
    });
  }

  /** What all encodes give up from the next IDR on; null: nothing. */
  setRelief(relief: ShowWants['relief']): Promise<boolean> {
    return this.#alone(async () => {
      await this.#options.program.change({ relief: relief ?? null });
      return true;
    });
  }

  /** Closes the encodes that no destination takes any more; the first comes back when one does. */
  prune(): void {
    const { connections } = this.#options.publishers;
    const used = new Set(connections.flatMap(({ renditionId, base }) => [renditionId, base]));
    const unused = [...this.#formats.keys()].find((id) => id !== STREAM_RENDITION && !used.has(id));
    const idle = used.size > 0 && !used.has(STREAM_RENDITION);
    if (!unused && idle === this.#idle) return;
    void this.#alone(async () => {
      if (unused) {
        this.#formats.delete(unused);
        this.#ordinary.delete(unused);
      }
      this.#idle = idle;
      await this.#apply();
      return true;
    });
  }

  #apply(): Promise<void> {
    return this.#options.program.change({ streams: new Map(this.#formats), ordinary: new Set(this.#ordinary), idle: this.#idle });
  }

  #freeId(): RenditionId {
    let number = 2;
    while (this.#formats.has(RenditionId.parse(`stream-${number}`))) number += 1;
    return RenditionId.parse(`stream-${number}`);
  }

  /** @returns false when it failed, or something else is under way */
  async #alone(change: (isOver: () => boolean) => Promise<boolean>): Promise<boolean> {
    if (this.#busy) return false;
    const show = this.#show;
    const isOver = () => show !== this.#show;
    this.#busy = true;
    try {
      return await change(isOver);
    } catch (error) {
      if (!isOver()) this.#options.log.warn(`encodes: a change failed: ${String(error)}`);
      return false;
    } finally {
      if (!isOver()) this.#busy = false;
    }
  }
}
