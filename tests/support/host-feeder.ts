/** The renderer's part against a running host: feeds the encoder whenever the engine wants media, as the page does. */
import type { MediaDemand } from '../../src-shared/ipc/contract.ts';
import type { Client } from '../../src-shared/ipc/rpc.ts';
import { type FeederOptions, MediaFeeder } from './media-feeder.ts';

export type HostFeederOptions = Pick<FeederOptions, 'draw' | 'sends' | 'toneHz'>;

export class HostFeeder {
  readonly #client: Client;
  readonly #origin: string;
  readonly #options: HostFeederOptions;
  readonly #offs: (() => void)[];
  #feeder: MediaFeeder | null = null;
  #demand: MediaDemand | null = null;
  #changing: Promise<void> = Promise.resolve();
  /** how often the media connections were opened */
  opened = 0;

  private constructor(client: Client, origin: string, options: HostFeederOptions) {
    this.#client = client;
    this.#origin = origin;
    this.#options = options;
    this.#offs = [
      client.on('media.demand', (demand) => {
        this.#demand = demand;
        this.#change();
      }),
      client.on('media.reopen', () => this.#change()),
    ];
  }

  static async attach({ client, origin }: { client: Client; origin: string }, options: HostFeederOptions = {}): Promise<HostFeeder> {
    const feeder = new HostFeeder(client, origin, options);
    feeder.#demand = await client.invoke('media.demand');
    feeder.#change();
    return feeder;
  }

  async close(): Promise<void> {
    for (const off of this.#offs) off();
    this.#demand = null;
    this.#change();
    await this.#changing;
  }

  #change(): void {
    this.#changing = this.#changing.then(() => this.#reopen()).catch(() => {}); // the encoder may die while it is being opened; `media.reopen` follows
  }

  async #reopen(): Promise<void> {
    const old = this.#feeder;
    this.#feeder = null;
    old?.stop();
    await old?.close();
    const demand = this.#demand;
    if (!demand) return;
    const endpoints = [await this.#endpoint(), await this.#endpoint()];
    const url = endpoints[0]?.url ?? '';
    const feeder = await MediaFeeder.connect({
      ...this.#options,
      ...demand,
      url,
      origin: this.#origin,
      token: () => endpoints.shift()?.token ?? '',
    });
    this.opened += 1;
    this.#feeder = feeder;
    feeder.start();
  }

  async #endpoint(): Promise<{ url: string; token: string }> {
    const endpoint = await this.#client.invoke('media.open');
    if (endpoint.kind !== 'webSocket') throw new Error('the host gave no WebSocket');
    return endpoint;
  }
}
