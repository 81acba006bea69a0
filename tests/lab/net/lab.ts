/** What a test sees of the lab, whatever it is made of. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LinkTrace } from '../../../src-main/engine/link/trace.ts';
import { Destination, type Profile } from '../../../src-shared/domain/index.ts';
import type { CallInput, CallName, CallOutput } from '../../../src-shared/ipc/contract.ts';
import { LabProcess } from './lab-process.ts';
import type { Namespace } from './namespaces.ts';
import type { ReceiverLog, ReceiverOptions, Resources, ShowLog, ShowOptions } from './protocol.ts';

export interface LinkHandle {
  /** From now on the trace decides what gets through; null lifts the limit. @returns when it began */
  follow(trace: LinkTrace | null): Promise<number>;
  /** Both ways. While cut, nothing arrives, and nobody is told. @returns when it happened */
  cut(isCut: boolean): Promise<number>;
}

export interface LabDestination {
  url: string;
  /** beside its address: at a fixed rate, say */
  settings?: Partial<Destination>;
}

export interface Lab extends AsyncDisposable {
  /** what it is made of, for people */
  readonly madeOf: string;
  readonly links: readonly LinkHandle[];
  /** @param link which the show reaches it over */
  receiver(link?: number, options?: Partial<Omit<ReceiverOptions, 'host'>>): Promise<LabReceiver>;
  show(profile: Profile, destinations: readonly LabDestination[]): Promise<LabShow>;
  /** TCP connections that are open from the show towards the receivers */
  connections(): Promise<number>;
  /** Nothing listens there: whoever connects is refused. */
  refusingUrl(): string;
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

  static async start(
    namespace: Namespace | null,
    {
      profile,
      destinations,
      congestionControl,
    }: Pick<ShowOptions, 'profile' | 'congestionControl'> & { destinations: readonly LabDestination[] },
  ): Promise<LabShow> {
    const show = new LabShow(namespace);
    try {
      await show.#process.ask('start', {
        dataDirectory: show.dataDirectory,
        profile,
        congestionControl,
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
      } satisfies ShowOptions);
      return show;
    } catch (error) {
      await show[Symbol.asyncDispose]();
      throw error;
    }
  }

  private constructor(namespace: Namespace | null) {
    this.dataDirectory = mkdtempSync(join(tmpdir(), 'tidecast-lab-'));
    this.#process = new LabProcess('show-process', namespace);
  }

  invoke<N extends CallName>(name: N, ...[input]: CallInput<N> extends void ? [] : [CallInput<N>]): Promise<CallOutput<N>> {
    return this.#process.ask('call', { name, input });
  }

  log(): Promise<ShowLog> {
    return this.#process.ask('log');
  }

  /** Forgets the log. */
  resources(): Promise<Resources> {
    return this.#process.ask('resources');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#process.ask('end').catch(() => {}); // it may have ended before
    await this.#process[Symbol.asyncDispose]();
    rmSync(this.dataDirectory, { recursive: true, force: true, maxRetries: 5 });
  }
}
