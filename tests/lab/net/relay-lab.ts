/**
 * The lab where namespaces cannot be had: everything on loopback, with a relay before each receiver. Its queue is real and
 * bounded, but it ends the sender's TCP: no loss, no retransmission, and receivers of one link do not share it.
 */
import type { LinkTrace } from '../../../src-main/engine/link/trace.ts';
import type { Profile } from '../../../src-shared/domain/index.ts';
import { type Lab, type LabDestination, LabReceiver, LabShow, type LinkHandle } from './lab.ts';
import { LabProcess } from './lab-process.ts';
import type { LinkDirection } from './link-queue.ts';
import type { ReceiverOptions } from './protocol.ts';

const HOST = '127.0.0.1';

class RelayLink implements LinkHandle {
  readonly process: LabProcess;

  constructor(process: LabProcess) {
    this.process = process;
  }

  follow(trace: LinkTrace | null): Promise<number> {
    return this.process.ask('follow', trace && [...trace.timesMs]);
  }

  cut(isCut: boolean): Promise<number> {
    return this.process.ask('cut', isCut);
  }
}

export class RelayLab implements Lab {
  readonly madeOf = 'a relay on loopback, without TCP on the slow way';
  readonly links: readonly RelayLink[];
  readonly #receivers: LabProcess;
  readonly #disposables: AsyncDisposableStack;

  static async open(directions: readonly LinkDirection[]): Promise<RelayLab> {
    await using undo = new AsyncDisposableStack();
    const links: RelayLink[] = [];
    for (const direction of directions) {
      const link = new RelayLink(undo.use(new LabProcess('relay-process', null)));
      await link.process.ask('configure', direction);
      links.push(link);
    }
    const receivers = undo.use(new LabProcess('receiver-process', null));
    return new RelayLab(links, receivers, undo.move());
  }

  private constructor(links: readonly RelayLink[], receivers: LabProcess, disposables: AsyncDisposableStack) {
    this.links = links;
    this.#receivers = receivers;
    this.#disposables = disposables;
  }

  async receiver(link = 0, options: Partial<Omit<ReceiverOptions, 'host'>> = {}): Promise<LabReceiver> {
    const { index, port } = await this.#receivers.ask<{ index: number; port: number }>('listen', { port: 0, ...options, host: HOST });
    const relayed = await this.links[link]?.process.ask<number>('open', port);
    return new LabReceiver(this.#receivers, index, `rtmp://${HOST}:${relayed}/live`);
  }

  async show(profile: Profile, destinations: readonly LabDestination[]): Promise<LabShow> {
    return this.#disposables.use(await LabShow.start(null, { profile, destinations, congestionControl: null }));
  }

  async connections(): Promise<number> {
    const counts = await Promise.all(this.links.map((link) => link.process.ask<number>('connections')));
    return counts.reduce((sum, count) => sum + count, 0);
  }

  refusingUrl(): string {
    return `rtmp://${HOST}:1/live`;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#disposables.disposeAsync();
  }
}
