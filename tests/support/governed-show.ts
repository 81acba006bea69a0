/** A show of which a governor rules the rates, over links that a test makes. */

import type { RateController } from '../../src-main/engine/rate-control/controller.ts';
import type { PictureFormat } from '../../src-main/engine/rate-control/ladder.ts';
import type { Pressure } from '../../src-main/engine/rate-control/pressure.ts';
import { ordinaryOf, STREAM_RENDITION } from '../../src-main/engine/rendition/plan.ts';
import type { Connection } from '../../src-main/engine/session/publisher-set.ts';
import { RateGovernor } from '../../src-main/engine/session/rate-governor.ts';
import {
  Destination,
  DestinationId,
  type OwnVideo,
  type PublisherState,
  type RatePolicy,
  RenditionId,
  renditionOf,
} from '../../src-shared/domain/index.ts';

export const ORDINARY_RENDITION = ordinaryOf(STREAM_RENDITION);
export const S = 1_000_000;
export const FORMAT: PictureFormat = { widthPx: 1_280, heightPx: 720, frameRate: 30 };

/** A link of a known rate behind a connection; what the governor tells the publisher is kept. */
export class Line {
  linkKbps = 10_000;
  live = true;
  stalled = false;
  totals: number[] = [];
  drops = 0;
  readonly connection: Connection & { renditionId: RenditionId; base: RenditionId };

  constructor(name: string, rate: Partial<RatePolicy> = {}) {
    const id = DestinationId.parse(name);
    const destination = Destination.parse({ id, name, kind: 'rtmp', url: 'rtmp://127.0.0.1/live', enabled: true, rate });
    const live: PublisherState = { phase: 'live', sinceUs: 0, reconnects: 0, ingest: 'primary' };
    const publisher = {
      state: live,
      setRate: (kbps: number) => this.totals.push(kbps),
      dropToIdr: () => void (this.drops += 1),
    } as unknown as Connection['publisher'];
    const target = { destinationId: id, url: destination.url, backupUrl: null, streamKey: 'key' };
    this.connection = {
      key: name,
      outlet: { destination, ingest: 'primary', target, relayed: false },
      publisher,
      renditionId: STREAM_RENDITION,
      home: STREAM_RENDITION,
      base: STREAM_RENDITION,
      misplaced: false,
      sound: 'show',
      tracks: { encodes: new Map(), sounds: new Map(), bitrateKbps: 0, status: null, pausable: false, isPaused: false },
      codecFallback: null,
      sparing: false,
    };
  }

  /** Is set to get a video of its own, and has its encode. */
  set(video: OwnVideo): void {
    this.connection.outlet.destination.video = video;
    const home = renditionOf(video);
    Object.assign(this.connection, { home, base: home, renditionId: home });
  }

  edit(rate: Partial<RatePolicy>): void {
    Object.assign(this.connection.outlet.destination.rate, rate);
  }
}

/** Asks for exactly what the line takes, which the samples of this test tell in `unsentBytes`. */
const oracle: RateController<{ steps: number }> = {
  initial: () => ({ steps: 0 }),
  step({ steps }, sample, { floorKbps, ceilingKbps }) {
    const linkKbps = sample.unsentBytes ?? 0;
    const videoKbps = Math.min(ceilingKbps, Math.max(floorKbps, linkKbps));
    const reason = videoKbps === ceilingKbps ? 'ceiling' : 'link';
    return { state: { steps: steps + 1 }, decision: { videoKbps, reason, dropToIdr: linkKbps < floorKbps } };
  },
};

export class Show {
  atUs = 0;
  headroom = false;
  overloaded = false;
  /** joins and moves to another video come to nothing */
  stuck = false;
  joins = 0;
  recorded = false;
  relief: PictureFormat | null = null;
  bitrates = new Map<RenditionId, number>();
  formats = new Map<RenditionId, PictureFormat | null>();
  readonly lines: Line[];
  readonly said: string[] = [];
  readonly governor: RateGovernor<{ steps: number }>;

  constructor(...lines: Line[]) {
    this.lines = lines;
    for (const line of lines) line.connection.publisher.pressure = () => this.#pressure(line);
    const formats = this.formats;
    this.governor = new RateGovernor({
      controller: oracle,
      encodes: {
        busy: false,
        format: (id) => formats.get(id) ?? null,
        setBitrate: (id, kbps) => void this.bitrates.set(id, kbps),
        split: async (connection, kbps) => {
          const id = RenditionId.parse('stream-2');
          this.bitrates.set(id, kbps); // of the new encode
          this.#line(connection).connection.renditionId = id;
          return true;
        },
        join: async (connection) => {
          this.joins += 1;
          if (this.stuck) return false;
          this.#line(connection).connection.renditionId = connection.base;
          return true;
        },
        place: async (connection) => {
          if (this.stuck) return false;
          const line = this.#line(connection).connection;
          Object.assign(line, { renditionId: line.home, base: line.home, misplaced: false });
          return true;
        },
        setFormat: async (id, format) => {
          formats.set(id, format);
          return true;
        },
        prune() {},
      },
      show: { videoKbps: 2_500, format: FORMAT, otherKbps: 170 },
      connections: () => lines.map(({ connection }) => connection),
      nowUs: () => this.atUs,
      headroom: () => this.headroom,
      overloaded: () => this.overloaded,
      reliefFormat: () => this.relief,
      isRecorded: () => this.recorded,
      tell: ({ key }, message) => void this.said.push(`${key}: ${message}`),
    });
  }

  async hold(seconds: number): Promise<void> {
    for (let tick = 0; tick < seconds * 10; tick += 1) {
      this.atUs += S / 10;
      this.governor.tick();
      await Promise.resolve();
    }
  }

  rate(line: Line) {
    return this.governor.rate(line.connection);
  }

  #line(connection: Connection): Line {
    return this.lines.find((line) => line.connection === connection) as Line;
  }

  #pressure(line: Line): Pressure | null {
    if (!line.live) return null;
    const slow = line.linkKbps < (this.bitrates.get(line.connection.renditionId) ?? 2_500);
    return {
      atUs: this.atUs,
      offeredBytes: this.atUs,
      deliveredBytes: line.stalled ? 0 : this.atUs,
      evidence: 'ack',
      delayMs: line.stalled || slow ? 800 : 20,
      queueMs: 0,
      queueBytes: 0,
      unackedBytes: 0,
      way: null,
      unsentBytes: line.linkKbps,
      tcp: null,
    };
  }
}
