/** The connections of a show that runs: one publisher an outlet, none able to hurt another. */

import type { Unsubscribe } from '../../../src-shared/disposable.ts';
import {
  DEFAULT_PROFILE,
  type Destination,
  type DestinationId,
  type PublisherState,
  type PublisherStatus,
} from '../../../src-shared/domain/index.ts';
import type { Clock } from '../../process/clock.ts';
import type { VideoPacket } from '../../process/packet.ts';
import type { Log } from '../log.ts';
import { createPublisher } from '../publish/create-publisher.ts';
import type { Publisher, PublishTarget } from '../publish/publisher.ts';
import { STREAM_RENDITION } from '../rendition/plan.ts';
import type { Outlet } from './outlets.ts';
import type { Program } from './program.ts';

interface Open {
  outlet: Outlet;
  publisher: Publisher;
  unsubscribe: Unsubscribe;
}

export interface PublisherSetOptions {
  program: Program;
  clock: Clock;
  log: Log;
  onPublished: (packet: VideoPacket) => void;
  onChange: (destination: Destination, before: PublisherState, after: PublisherState) => void;
}

export class PublisherSet {
  readonly #options: PublisherSetOptions;
  readonly #open = new Map<string, Open>();

  constructor(options: PublisherSetOptions) {
    this.#options = options;
  }

  statuses(): PublisherStatus[] {
    const { program } = this.#options;
    const video = (program.profile ?? DEFAULT_PROFILE).video;
    const { bitrateKbps: targetKbps, widthPx, heightPx, frameRate } = video;
    return [...this.#open.values()].map(({ outlet, publisher }) => ({
      destinationId: outlet.destination.id,
      ingest: outlet.ingest,
      state: publisher.state,
      stats: publisher.stats,
      rate: {
        targetKbps,
        floorKbps: targetKbps,
        ceilingKbps: targetKbps,
        reason: 'fixed',
        renditionId: STREAM_RENDITION,
        widthPx,
        heightPx,
        frameRate,
      },
    }));
  }

  /** Closes and opens connections so that exactly these are open; a changed address or key means a new one. */
  reconcile(outlets: readonly Outlet[]): void {
    const wanted = new Map(outlets.map((outlet) => [keyOf(outlet), outlet]));
    for (const [key, open] of this.#open) {
      const outlet = wanted.get(key);
      if (outlet && isSameConnection(outlet, open.outlet)) open.outlet = outlet;
      else void this.#close(key);
    }
    for (const [key, outlet] of wanted) if (!this.#open.has(key)) this.#start(key, outlet);
  }

  /** Tries a destination that waits or has given up again, at once. */
  retry(id: DestinationId): boolean {
    const found = [...this.#open].filter(([, { outlet }]) => outlet.destination.id === id);
    for (const [key, { publisher, outlet }] of found) {
      if (publisher.state.phase === 'stopped') {
        void this.#close(key);
        this.#start(key, outlet);
      } else publisher.retryNow();
    }
    return found.length > 0;
  }

  /** The system says that the network is back: nobody waits any longer. */
  retryWaiting(): void {
    for (const { publisher } of this.#open.values()) if (publisher.state.phase === 'waiting') publisher.retryNow();
  }

  async closeAll(): Promise<void> {
    await Promise.all([...this.#open.keys()].map((key) => this.#close(key)));
  }

  #start(key: string, outlet: Outlet): void {
    const { program, clock, log, onPublished, onChange } = this.#options;
    const { destination, ingest, target } = outlet;
    let last: PublisherState = { phase: 'idle' };
    const publisher = createPublisher({
      target,
      clock,
      graceMs: destination.graceS * 1_000,
      requestIdr: () => program.requestIdr(STREAM_RENDITION),
      onChange: (state) => {
        const before = last;
        last = state;
        onChange(this.#open.get(key)?.outlet.destination ?? destination, before, state);
      },
      onPublished,
      log: (line) => log.info(`${destination.name}${ingest === 'backup' ? ' (backup)' : ''}: ${line}`),
    });
    this.#open.set(key, { outlet, publisher, unsubscribe: program.subscribe(STREAM_RENDITION, publisher) });
    publisher.start();
  }

  async #close(key: string): Promise<void> {
    const open = this.#open.get(key);
    if (!open) return;
    this.#open.delete(key);
    open.unsubscribe();
    await open.publisher.stop();
  }
}

const keyOf = ({ destination, ingest }: Outlet) => `${destination.id}/${ingest}`;

function isSameConnection(a: Outlet, b: Outlet): boolean {
  return isSameTarget(a.target, b.target) && a.destination.graceS === b.destination.graceS;
}

function isSameTarget(a: PublishTarget, b: PublishTarget): boolean {
  return a.url === b.url && a.backupUrl === b.backupUrl && a.streamKey === b.streamKey;
}
