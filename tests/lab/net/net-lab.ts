/** Two network namespaces joined by links, with a show in one and receivers in the other. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Destination, type Profile } from '../../../src-shared/domain/index.ts';
import type { CallInput, CallName, CallOutput } from '../../../src-shared/ipc/contract.ts';
import { LabProcess } from './lab-process.ts';
import { TunLink } from './link.ts';
import type { LinkDirection } from './link-queue.ts';
import { Namespace } from './namespaces.ts';
import type { ReceiverLog, ReceiverOptions, Resources, ShowLog } from './protocol.ts';

/** The first is what desktops use; a system may keep one from namespaces (tcp_allowed_congestion_control), so the next best is taken. */
const CONGESTION_CONTROLS = ['cubic', 'bbr', 'reno'];

export interface LabDestination {
  url: string;
  /** beside its address: at a fixed rate, say */
  settings?: Partial<Destination>;
}

export class NetLab implements AsyncDisposable {
  readonly links: readonly TunLink[];
  /** of every TCP connection in the lab */
  readonly congestionControl: string;
  readonly #near: Namespace;
  readonly #receivers: LabProcess;
  readonly #disposables = new AsyncDisposableStack();

  /** @param directions one for each link from the show's namespace to the receivers' */
  static async open(directions: readonly LinkDirection[]): Promise<NetLab> {
    await using undo = new AsyncDisposableStack();
    const namespaces = ['near', 'far'].map((label) => undo.use(new Namespace(label)));
    const [near, far] = namespaces as [Namespace, Namespace];
    const congestionControl = pinCongestionControl(namespaces);
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
    this.congestionControl = parts.congestionControl;
    this.#near = parts.near;
    this.links = parts.links;
    this.#receivers = parts.receivers;
    this.#disposables = parts.undo;
  }

  /** @param link which the show reaches it over */
  async receiver(link = 0, options: Partial<Omit<ReceiverOptions, 'host'>> = {}): Promise<LabReceiver> {
    const host = this.links[link]?.farAddress ?? '';
    const { index, port } = await this.#receivers.ask<{ index: number; port: number }>('listen', { port: 0, ...options, host });
    return new LabReceiver(this.#receivers, index, `rtmp://${host}:${port}/live`);
  }

  async show(profile: Profile, destinations: readonly LabDestination[]): Promise<LabShow> {
    return this.#disposables.use(await LabShow.start(this.#near, profile, destinations));
  }

  /** TCP connections that the show's namespace holds towards the receivers, as `ss` lists them. */
  connections(): string[] {
    return this.#near.run('ss', '-Htn', 'state', 'established', 'dst', '10.78.0.0/16').split('\n').filter(Boolean);
  }

  /** Nothing listens there: whoever connects is refused. */
  refusingUrl(link = 0): string {
    return `rtmp://${this.links[link]?.farAddress}:1/live`;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#disposables.disposeAsync();
  }
}

export class LabReceiver {
  readonly url: string;
  readonly #process: LabProcess;
  readonly #index: number;

  constructor(process: LabProcess, index: number, url: string) {
    this.#process = process;
    this.#index = index;
    this.url = url;
  }

  log(): Promise<ReceiverLog> {
    return this.#process.ask('log', this.#index);
  }

  /** Resets every connection. */
  reset(): Promise<void> {
    return this.#process.ask('reset', this.#index);
  }
}

/** The engine in the show's namespace. */
export class LabShow implements AsyncDisposable {
  readonly dataDirectory: string;
  readonly #process: LabProcess;

  static async start(namespace: Namespace | null, profile: Profile, destinations: readonly LabDestination[]): Promise<LabShow> {
    const show = new LabShow(namespace);
    try {
      await show.#process.ask('start', {
        dataDirectory: show.dataDirectory,
        profile,
        destinations: destinations.map(({ url, settings }, index) => ({
          destination: Destination.parse({
            id: `d${index}`,
            name: `Destination ${index}`,
            kind: 'rtmp',
            enabled: true,
            url,
            ...settings,
          }),
          streamKey: `key-${index}`,
        })),
      });
      return show;
    } catch (error) {
      await show[Symbol.asyncDispose]();
      throw error;
    }
  }

  private constructor(namespace: Namespace | null) {
    this.dataDirectory = mkdtempSync(join(tmpdir(), 'tidecast-lab-'));
    this.#process = new LabProcess('show-process', namespace, ['--expose-gc']);
  }

  invoke<N extends CallName>(name: N, ...[input]: CallInput<N> extends void ? [] : [CallInput<N>]): Promise<CallOutput<N>> {
    return this.#process.ask('call', { name, input });
  }

  log(): Promise<ShowLog> {
    return this.#process.ask('log');
  }

  resources(): Promise<Resources> {
    return this.#process.ask('resources');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#process.ask('end').catch(() => {}); // it may have ended before
    await this.#process[Symbol.asyncDispose]();
    rmSync(this.dataDirectory, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** @throws when the namespaces allow none of ours */
function pinCongestionControl(namespaces: readonly Namespace[]): string {
  const [first] = namespaces;
  const allowed = new Set(first?.run('sysctl', '-n', 'net.ipv4.tcp_allowed_congestion_control').trim().split(' '));
  const chosen = CONGESTION_CONTROLS.find((name) => allowed.has(name));
  if (!chosen) throw new Error(`none of ${CONGESTION_CONTROLS.join(', ')} is allowed here: ${[...allowed].join(', ')}`);
  for (const namespace of namespaces) namespace.run('sysctl', '-qw', `net.ipv4.tcp_congestion_control=${chosen}`);
  return chosen;
}
