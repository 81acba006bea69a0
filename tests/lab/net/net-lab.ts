/** Two network namespaces joined by links, with a show in one and receivers in the other. */
import type { Profile } from '../../../src-shared/domain/index.ts';
import { type Lab, type LabDestination, LabReceiver, LabShow } from './lab.ts';
import { LabProcess } from './lab-process.ts';
import type { LinkDirection } from './link-queue.ts';
import { Namespace } from './namespaces.ts';
import type { ReceiverOptions } from './protocol.ts';
import { TunLink } from './tun-link-handle.ts';

/** what desktops use: Windows, macOS and Linux as they come */
const CONGESTION_CONTROL = 'cubic';

export class NetLab implements Lab {
  readonly madeOf: string;
  readonly links: readonly TunLink[];
  readonly #near: Namespace;
  readonly #congestionControl: string;
  readonly #receivers: LabProcess;
  readonly #disposables = new AsyncDisposableStack();

  /**
   * @param directions one for each link from the show's namespace to the receivers'
   * @param congestionControl of the show's connections
   */
  static async open(directions: readonly LinkDirection[], congestionControl = CONGESTION_CONTROL): Promise<NetLab> {
    await using undo = new AsyncDisposableStack();
    const namespaces = ['near', 'far'].map((label) => undo.use(new Namespace(label)));
    const [near, far] = namespaces as [Namespace, Namespace];
    const links: TunLink[] = [];
    for (const [index, direction] of directions.entries()) links.push(undo.use(await TunLink.open(near, far, index, direction)));
    const receivers = undo.use(new LabProcess('receiver-process', far));
    return new NetLab({ near, links, receivers, congestionControl, undo: undo.move() });
  }

  private constructor(parts: {
    near: Namespace;
    links: TunLink[];
    receivers: LabProcess;
    congestionControl: string;
    undo: AsyncDisposableStack;
  }) {
    this.madeOf = `network namespaces, TCP ${parts.congestionControl}`;
    this.#near = parts.near;
    this.#congestionControl = parts.congestionControl;
    this.links = parts.links;
    this.#receivers = parts.receivers;
    this.#disposables = parts.undo;
  }

  async receiver(link = 0, options: Partial<Omit<ReceiverOptions, 'host'>> = {}): Promise<LabReceiver> {
    const host = this.links[link]?.farAddress ?? '';
    const { index, port } = await this.#receivers.ask<{ index: number; port: number }>('listen', { port: 0, ...options, host });
    return new LabReceiver(this.#receivers, index, `rtmp://${host}:${port}/live`);
  }

  async show(profile: Profile, destinations: readonly LabDestination[]): Promise<LabShow> {
    return this.#disposables.use(await LabShow.start(this.#near, { profile, destinations, congestionControl: this.#congestionControl }));
  }

  async connections(): Promise<number> {
    return this.#near.run('ss', '-Htn', 'state', 'established', 'dst', '10.78.0.0/16').split('\n').filter(Boolean).length;
  }

  refusingUrl(): string {
    return `rtmp://${this.links[0]?.farAddress}:1/live`;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#disposables.disposeAsync();
  }
}
