/** The connections of a show that runs: one publisher a destination, none able to hurt another. */

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
import type { Program } from './program.ts';

export interface Outlet {
  destination: Destination;
  target: PublishTarget;
}

interface Open extends Outlet {
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
  readonly #open = new Map<DestinationId, Open>();

  constructor(options: PublisherSetOptions) {
    this.#options = options;
  }

  statuses(): PublisherStatus[] {
    const { program } = this.#options;
    const video = (program.profile ?? DEFAULT_PROFILE).video;
    const { bitrateKbps: targetKbps, widthPx, heightPx, frameRate } = video;
    return [...this.#open].map(([destinationId, { publisher }]) => ({
      destinationId,
      ingest: 'primary',
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

  /** Opens, keeps and closes connections so that exactly these are open; a changed address or key means a new one. */
  reconcile(outlets: readonly Outlet[]): void {
    const wanted = new Map(outlets.map((outlet) => [outlet.destination.id, outlet]));
    for (const [id, open] of this.#open) {
      const outlet = wanted.get(id);
      if (outlet && sameTarget(outlet.target, open.target)) open.destination = outlet.destination;
      else void this.#close(id);
    }
    for (const outlet of outlets) if (!this.#open.has(outlet.destination.id)) this.#start(outlet);
  }

  /** Tries a destination that waits or has given up again, at once. */
  retry(id: DestinationId): boolean {
    const open = this.#open.get(id);
    if (!open) return false;
    if (open.publisher.state.phase === 'stopped') {
      void this.#close(id);
      this.#start(open);
    } else open.publisher.retryNow();
    return true;
  }

  async closeAll(): Promise<void> {
    await Promise.all([...this.#open.keys()].map((id) => this.#close(id)));
  }

  #start({ destination, target }: Outlet): void {
    const { program, clock, log, onPublished, onChange } = this.#options;
    let last: PublisherState = { phase: 'idle' };
    const publisher = createPublisher({
      target,
      clock,
      requestIdr: () => program.requestIdr(STREAM_RENDITION),
      onChange: (state) => {
        const before = last;
        last = state;
        onChange(this.#open.get(destination.id)?.destination ?? destination, before, state);
      },
      onPublished,
      log: (line) => log.info(`${destination.name}: ${line}`),
    });
    const open: Open = { destination, target, publisher, unsubscribe: program.subscribe(STREAM_RENDITION, publisher) };
    this.#open.set(destination.id, open);
    publisher.start();
  }

  async #close(id: DestinationId): Promise<void> {
    const open = this.#open.get(id);
    if (!open) return;
    this.#open.delete(id);
    open.unsubscribe();
    await open.publisher.stop();
  }
}

function sameTarget(a: PublishTarget, b: PublishTarget): boolean {
  return a.url === b.url && a.streamKey === b.streamKey;
}
