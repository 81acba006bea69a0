/** The connection that sends, the one that takes over from it at the next IDR, and those that are going. */
import type { Ingest } from '../../../../src-shared/domain/index.ts';
import type { RtmpConnection } from './connection.ts';
import type { RtmpSender } from './rtmp-sender.ts';
import { StalledConnection } from './stalled-connection.ts';

/** of a server that has taken us */
export interface Address {
  ingest: Ingest;
  url: string;
  /** when the server before sent us here */
  redirectUrl: string | null;
  ip: string;
}

/** Which of the two has been lost; `next` is to begin in its place, null: nobody is left. */
export type Lost = { was: 'successor' } | { was: 'current'; next: RtmpSender | null };

export class Senders {
  readonly #stopMs: number;
  #current: RtmpSender | null = null;
  #successor: RtmpSender | null = null;
  readonly #stalled = new StalledConnection();
  /** connections that are saying goodbye */
  readonly #leaving = new Set<Promise<void>>();
  #address: Address = { ingest: 'primary', url: '', redirectUrl: null, ip: '' };
  #currentAddress = this.#address;

  /** @param stopMs a goodbye takes no longer */
  constructor(stopMs: number) {
    this.#stopMs = stopMs;
  }

  get current(): RtmpSender | null {
    return this.#current;
  }

  get successor(): RtmpSender | null {
    return this.#successor;
  }

  /** of the newest connection */
  get address(): Address {
    return this.#address;
  }

  /** Beside one that sends it is the successor, in the place of another that has sent nothing yet; else it is to `begin`. */
  add(sender: RtmpSender, address: Address): void {
    this.#address = address;
    if (this.#successor) this.#leave(this.#successor, this.#stopMs);
    this.#successor = this.#current ? sender : null;
  }

  begin(sender: RtmpSender): void {
    this.#current = sender;
    this.#currentAddress = this.#address;
  }

  /** The successor's time has come: it is to `begin`. @param flush sends what still goes the old way */
  goOver(flush: (old: RtmpSender) => void): void {
    this.#successor = null;
    if (!this.#current) return;
    flush(this.#current);
    this.#leave(this.#current, this.#stopMs);
  }

  /** @returns null when it was neither */
  lose(connection: RtmpConnection): Lost | null {
    const [current, successor] = [this.#current, this.#successor];
    if (connection.isHeld) {
      if (connection === current?.connection && !successor) this.#stalled.keep(connection, this.#currentAddress.ingest);
      else connection.reset();
    }
    if (connection === successor?.connection) {
      this.#successor = null;
      this.#address = this.#currentAddress;
      this.#leave(successor, 0);
      return { was: 'successor' };
    }
    if (connection !== current?.connection) return null;
    this.#leave(current, 0);
    this.#successor = null;
    if (!successor) this.#current = null;
    return { was: 'current', next: successor };
  }

  /** One that nobody wants, or that could not be used. */
  giveUp(connection: RtmpConnection): void {
    if (this.#successor?.connection === connection) this.#successor = null;
    if (this.#current?.connection === connection) this.#current = null;
    this.#address = this.#currentAddress;
    void connection.close(0);
  }

  /** A server's port has answered. */
  answered(ingest: Ingest): void {
    this.#stalled.answered(ingest);
  }

  /** All say goodbye. */
  async close(): Promise<void> {
    for (const sender of [this.#current, this.#successor]) if (sender) this.#leave(sender, this.#stopMs);
    this.#current = null;
    this.#successor = null;
    this.#stalled.reset();
    await Promise.all(this.#leaving);
  }

  #leave({ connection }: RtmpSender, timeoutMs: number): void {
    const goodbye = connection.close(timeoutMs).finally(() => this.#leaving.delete(goodbye));
    this.#leaving.add(goodbye);
  }
}
