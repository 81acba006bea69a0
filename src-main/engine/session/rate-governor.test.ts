import { describe, expect, test } from 'vitest';
import {
  Destination,
  DestinationId,
  OwnVideo,
  type PublisherState,
  type RatePolicy,
  RenditionId,
  renditionOf,
} from '../../../src-shared/domain/index.ts';
import type { RateController } from '../rate-control/controller.ts';
import type { PictureFormat } from '../rate-control/ladder.ts';
import type { Pressure } from '../rate-control/pressure.ts';
import { ordinaryOf, STREAM_RENDITION } from '../rendition/plan.ts';
import type { Connection } from './publisher-set.ts';
import { RateGovernor } from './rate-governor.ts';

const ORDINARY_RENDITION = ordinaryOf(STREAM_RENDITION);
const S = 1_000_000;
const FORMAT: PictureFormat = { widthPx: 1_280, heightPx: 720, frameRate: 30 };

/** A link of a known rate behind a connection; what the governor tells the publisher is kept. */
class Line {
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

class Show {
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

describe('one destination', () => {
  test('the encode follows its way, within its limits, and the publisher knows the total', async () => {
    const line = new Line('a');
    const show = new Show(line);
    await show.hold(1);
    expect(show.bitrates.get(STREAM_RENDITION)).toBe(2_500);
    expect(show.rate(line)).toMatchObject({ targetKbps: 2_500, ceilingKbps: 2_500, floorKbps: 300, reason: 'ceiling', ...FORMAT });
    line.linkKbps = 1_000;
    await show.hold(0.1);
    expect(show.rate(line)).toMatchObject({ targetKbps: 1_000, reason: 'link' });
    expect(line.totals).toEqual([2_670, 1_170]);
    line.linkKbps = 100;
    await show.hold(0.1);
    expect(show.bitrates.get(STREAM_RENDITION)).toBe(300);
    expect(line.drops).toBe(1);
  });

  test('a ceiling that is edited counts at once, above the profile too', async () => {
    const line = new Line('a', { ceilingKbps: 4_000 });
    const show = new Show(line);
    await show.hold(0.1);
    expect(show.bitrates.get(STREAM_RENDITION)).toBe(4_000);
    line.edit({ ceilingKbps: 800 });
    await show.hold(0.1);
    expect(show.rate(line)).toMatchObject({ targetKbps: 800, ceilingKbps: 800 });
    line.edit({ ceilingKbps: 200 }); // below the floor
    await show.hold(0.1);
    expect(show.rate(line)).toMatchObject({ targetKbps: 200, floorKbps: 200 });
  });

  test('a fixed rate stays, whatever the way takes', async () => {
    const line = new Line('a', { mode: 'fixed' });
    const show = new Show(line);
    line.linkKbps = 500;
    await show.hold(2);
    expect(show.rate(line)).toMatchObject({ targetKbps: 2_500, reason: 'fixed' });
    expect(line.drops).toBe(0);
  });

  test('a drop keeps the rate for the next connection', async () => {
    const line = new Line('a');
    const show = new Show(line);
    line.linkKbps = 900;
    await show.hold(0.2);
    line.live = false;
    await show.hold(5);
    expect(show.rate(line)).toMatchObject({ targetKbps: 900 });
  });
});

describe('several on one encode', () => {
  test('a slow one, one that stalls and one that is not there leave the others their rate', async () => {
    const lines = ['fast', 'fast-2', 'slow', 'stalled', 'refused'].map((name) => new Line(name));
    const [, , slow, stalled, refused] = lines as [Line, Line, Line, Line, Line];
    const show = new Show(...lines);
    slow.linkKbps = 1_250;
    refused.live = false;
    await show.hold(1);
    Object.assign(stalled, { stalled: true, linkKbps: 0 });
    await show.hold(5);
    expect(show.bitrates.get(STREAM_RENDITION)).toBe(2_500);
    expect(slow.connection.sparing).toBe(true);
    expect(lines[0]?.connection.sparing).toBe(false);
    expect(show.rate(slow)).toMatchObject({ targetKbps: 2_500, reason: 'dropping', renditionId: STREAM_RENDITION });
    expect(show.said).toEqual([]);
  });

  test('those who get H.264 share a rate of their own, also when nobody is left on the other encode', async () => {
    const [modern, old, older] = [new Line('modern'), new Line('old'), new Line('older')];
    const show = new Show(modern, old, older);
    await show.hold(1);
    for (const { connection } of [old, older]) Object.assign(connection, { renditionId: ORDINARY_RENDITION, base: ORDINARY_RENDITION });
    for (const line of [old, older]) line.linkKbps = 900;
    await show.hold(1);
    expect([...show.bitrates]).toEqual([
      [STREAM_RENDITION, 2_500],
      [ORDINARY_RENDITION, 900],
    ]);
    expect(show.rate(modern)).toMatchObject({ targetKbps: 2_500, reason: 'ceiling' });
    expect(show.rate(old)).toMatchObject({ targetKbps: 900, reason: 'link', renditionId: ORDINARY_RENDITION });
    modern.linkKbps = 500;
    await show.hold(1);
    expect([show.bitrates.get(STREAM_RENDITION), show.bitrates.get(ORDINARY_RENDITION)]).toEqual([500, 900]);
    Object.assign(modern.connection, { renditionId: ORDINARY_RENDITION, base: ORDINARY_RENDITION });
    await show.hold(1);
    expect(show.bitrates.get(STREAM_RENDITION)).toBe(2_500); // of a recording, or of who comes
    expect(show.bitrates.get(ORDINARY_RENDITION)).toBe(900);
  });

  test('of those who get H.264 a slow one goes its own way and comes back to the others', async () => {
    const lines = [new Line('modern'), new Line('old'), new Line('slow')] as const;
    const [, old, slow] = lines;
    const show = new Show(...lines);
    for (const { connection } of [old, slow]) Object.assign(connection, { renditionId: ORDINARY_RENDITION, base: ORDINARY_RENDITION });
    show.headroom = true;
    slow.linkKbps = 800;
    await show.hold(8);
    expect(slow.connection.renditionId).toBe('stream-2');
    expect(show.rate(slow)).toMatchObject({ targetKbps: 800, reason: 'link' });
    expect(show.bitrates.get(ORDINARY_RENDITION)).toBe(2_500);
    slow.linkKbps = 10_000;
    await show.hold(25);
    expect(slow.connection.renditionId).toBe(ORDINARY_RENDITION);
  });

  test('with headroom the slow one gets its own encode, and comes back', async () => {
    const [fast, slow] = [new Line('fast'), new Line('slow')];
    const show = new Show(fast, slow);
    show.headroom = true;
    slow.linkKbps = 1_250;
    await show.hold(10);
    expect(show.rate(slow)).toMatchObject({ targetKbps: 1_250, reason: 'link', renditionId: 'stream-2' });
    expect(show.rate(fast)).toMatchObject({ targetKbps: 2_500, renditionId: STREAM_RENDITION });
    expect(slow.connection.sparing).toBe(false);
    slow.linkKbps = 9_000;
    await show.hold(25);
    expect(show.rate(slow)).toMatchObject({ targetKbps: 2_500, reason: 'ceiling', renditionId: STREAM_RENDITION });
    expect(show.said).toHaveLength(2);
  });

  test('a second encode of its own has the rate of now, not what the first one had', async () => {
    const [fast, slow] = [new Line('fast'), new Line('slow')];
    const show = new Show(fast, slow);
    show.headroom = true;
    const isApart = () => slow.connection.renditionId !== STREAM_RENDITION;
    for (const apart of [true, false, true]) {
      slow.linkKbps = apart ? 1_250 : 9_000;
      for (let tick = 0; tick < 250 && isApart() !== apart; tick += 1) await show.hold(0.1);
      expect(isApart()).toBe(apart);
    }
    slow.linkKbps = 9_000;
    await show.hold(0.1);
    expect(show.bitrates.get(slow.connection.renditionId)).toBe(2_500);
  });

  test('one that stays away gives its encode up', async () => {
    const [fast, slow] = [new Line('fast'), new Line('slow')];
    const show = new Show(fast, slow);
    show.headroom = true;
    slow.linkKbps = 1_250;
    await show.hold(10);
    slow.live = false;
    await show.hold(29);
    expect(show.rate(slow).renditionId).toBe('stream-2');
    await show.hold(2);
    expect(show.rate(slow).renditionId).toBe(STREAM_RENDITION);
  });

  test('one that stays away and cannot come back is asked ever more seldom', async () => {
    const [fast, slow] = [new Line('fast'), new Line('slow')];
    const show = new Show(fast, slow);
    show.headroom = true;
    slow.linkKbps = 1_250;
    await show.hold(10);
    Object.assign(show, { stuck: true, joins: 0 });
    slow.live = false;
    await show.hold(31 + 10 + 20 + 40);
    expect(show.joins).toBe(4);
    show.stuck = false;
    await show.hold(80);
    expect(show.rate(slow).renditionId).toBe(STREAM_RENDITION);
  });

  test('a machine that has become too busy takes an encode back, one at a time, and gives none for a while', async () => {
    const [fast, slow] = [new Line('fast'), new Line('slow')];
    const show = new Show(fast, slow);
    show.headroom = true;
    slow.linkKbps = 1_250;
    await show.hold(10);
    show.overloaded = true;
    await show.hold(0.2);
    expect(show.rate(slow)).toMatchObject({ renditionId: STREAM_RENDITION, reason: 'dropping' });
    expect(show.rate(fast)).toMatchObject({ targetKbps: 2_500 });
    expect(show.said.at(-1)).toMatch(/^slow: .*too busy/);
    show.overloaded = false;
    await show.hold(55);
    expect(show.rate(slow).renditionId).toBe(STREAM_RENDITION); // though there is headroom now
    await show.hold(10);
    expect(show.rate(slow).renditionId).toBe('stream-2');
    show.overloaded = true; // soon again: twice as long
    await show.hold(0.2);
    show.overloaded = false;
    await show.hold(110);
    expect(show.rate(slow).renditionId).toBe(STREAM_RENDITION);
    await show.hold(15);
    expect(show.rate(slow).renditionId).toBe('stream-2');
  });

  test('nobody gets more than its ceiling, until it has an encode of its own', async () => {
    const [high, low] = [new Line('high', { ceilingKbps: 6_000 }), new Line('low')];
    const show = new Show(high, low);
    await show.hold(8);
    expect(show.rate(high)).toMatchObject({ targetKbps: 2_500, reason: 'shared' });
    expect(show.rate(low)).toMatchObject({ targetKbps: 2_500, reason: 'ceiling' });
    show.headroom = true;
    await show.hold(0.3);
    expect(show.rate(high)).toMatchObject({ targetKbps: 6_000, reason: 'ceiling' });
    expect(show.rate(low)).toMatchObject({ targetKbps: 2_500, renditionId: 'stream-2' });
  });

  test('the ceiling of one that is not there limits nobody, and counts when it comes', async () => {
    const [there, away] = [new Line('there'), new Line('away', { ceilingKbps: 1_000 })];
    away.live = false;
    const show = new Show(there, away);
    await show.hold(5);
    expect(show.rate(there)).toMatchObject({ targetKbps: 2_500, reason: 'ceiling' });
    away.live = true;
    await show.hold(0.1);
    expect(show.rate(there)).toMatchObject({ targetKbps: 1_000, reason: 'shared' });
  });
});

describe('size', () => {
  test('encoding that cannot keep up makes the picture smaller for those who allow it, and the ladder smaller still', async () => {
    const [free, strict] = [new Line('free', { allowSizeChange: true }), new Line('strict')];
    const relief = { ...FORMAT, frameRate: 15 };
    const show = new Show(free);
    show.relief = relief;
    await show.hold(1);
    expect(show.formats.get(STREAM_RENDITION)).toEqual(relief);
    expect(show.governor.mayChangeFormat).toBe(true);
    const shared = new Show(free, strict);
    shared.relief = relief;
    await shared.hold(1);
    expect(shared.formats.get(STREAM_RENDITION) ?? null).toBeNull();
    expect(shared.governor.mayChangeFormat).toBe(false);
    const recorded = new Show(free);
    Object.assign(recorded, { relief, recorded: true });
    await recorded.hold(1);
    expect(recorded.formats.get(STREAM_RENDITION) ?? null).toBeNull();
  });

  test('falls where every destination allows it, and comes back', async () => {
    const line = new Line('free', { allowSizeChange: true });
    const show = new Show(line);
    line.linkKbps = 350;
    await show.hold(5);
    expect(show.rate(line)).toMatchObject({ widthPx: 640, heightPx: 360, frameRate: 30 });
    line.linkKbps = 9_000;
    await show.hold(12);
    expect(show.rate(line)).toMatchObject(FORMAT);
    expect(show.said).toHaveLength(2);
  });

  test('stays where one does not allow it, and where the recording takes the encode', async () => {
    const [free, strict] = [new Line('free', { allowSizeChange: true }), new Line('strict')];
    for (const line of [free, strict]) line.linkKbps = 350;
    const both = new Show(free, strict);
    await both.hold(6);
    expect(both.formats.size).toBe(0);
    const alone = new Show(free);
    await alone.hold(6);
    expect(alone.rate(free).widthPx).toBe(640);
    alone.recorded = true;
    await alone.hold(0.1);
    expect(alone.rate(free)).toMatchObject(FORMAT);
    expect([...alone.formats.values()]).toEqual([null]);
  });

  test('a profile of a large picture at a low rate is the user’s own choice', async () => {
    const line = new Line('a', { allowSizeChange: true, ceilingKbps: 500 });
    const show = new Show(line);
    await show.hold(10);
    expect(show.rate(line)).toMatchObject({ targetKbps: 500, ...FORMAT });
    line.linkKbps = 310;
    await show.hold(5);
    expect(show.rate(line).heightPx).toBeLessThan(720);
  });
});

describe('a video of its own', () => {
  const UPRIGHT = OwnVideo.parse({ widthPx: 1_080, heightPx: 1_920, frameRate: 30, bitrateKbps: 4_000 });

  test('has its own bitrate and picture, which the others’ ways do not touch, nor its way theirs', async () => {
    const [show, upright] = [new Line('show'), new Line('upright')];
    upright.set(UPRIGHT);
    const studio = new Show(show, upright);
    await studio.hold(1);
    const home = renditionOf(UPRIGHT);
    expect([...studio.bitrates]).toEqual([
      [STREAM_RENDITION, 2_500],
      [home, 4_000],
    ]);
    expect(studio.rate(upright)).toMatchObject({ ceilingKbps: 4_000, renditionId: home, widthPx: 1_080, heightPx: 1_920, frameRate: 30 });
    upright.linkKbps = 900;
    await studio.hold(1);
    expect([...studio.bitrates.values()]).toEqual([2_500, 900]);
    show.linkKbps = 500;
    await studio.hold(1);
    expect([...studio.bitrates.values()]).toEqual([500, 900]);
    expect(studio.rate(upright)).toMatchObject({ reason: 'link', targetKbps: 900 });
  });

  test('is shared by those who are set to get the same', async () => {
    const [a, b] = [new Line('a'), new Line('b')];
    for (const line of [a, b]) line.set(UPRIGHT);
    const studio = new Show(a, b);
    b.linkKbps = 1_000;
    await studio.hold(2);
    expect(studio.bitrates.get(renditionOf(UPRIGHT))).toBe(4_000);
    expect(b.connection.sparing).toBe(true);
  });

  test('keeps its shape when encoding gives up size', async () => {
    const upright = new Line('upright', { allowSizeChange: true });
    upright.set(UPRIGHT);
    const studio = new Show(upright);
    studio.relief = { widthPx: 640, heightPx: 360, frameRate: 15 }; // half of the show's, in every measure
    await studio.hold(0.2);
    expect(studio.formats.get(renditionOf(UPRIGHT))).toEqual({ widthPx: 540, heightPx: 960, frameRate: 15 });
  });

  test('set while the show runs is moved to, and until then counts for nobody', async () => {
    const [stays, moves] = [new Line('stays'), new Line('moves')];
    const studio = new Show(stays, moves);
    await studio.hold(1);
    moves.connection.outlet.destination.video = UPRIGHT;
    Object.assign(moves.connection, { home: renditionOf(UPRIGHT), misplaced: true });
    moves.linkKbps = 300;
    await studio.hold(0.1);
    expect(moves.connection).toMatchObject({ renditionId: renditionOf(UPRIGHT), base: renditionOf(UPRIGHT), misplaced: false });
    await studio.hold(1);
    expect([...studio.bitrates.values()]).toEqual([2_500, 300]);
    expect(studio.said).toEqual(['moves: Gets the video that is set for it now: 1080×1920 at 30.']);
  });

  test('set for the only one on an encode: that keeps its rate until the move has come about', async () => {
    const slow = new Line('slow');
    const studio = new Show(slow);
    slow.linkKbps = 600;
    await studio.hold(1);
    studio.stuck = true;
    slow.connection.outlet.destination.video = UPRIGHT;
    Object.assign(slow.connection, { home: renditionOf(UPRIGHT), misplaced: true });
    await studio.hold(1);
    expect(slow.connection.misplaced).toBe(true);
    expect([...studio.bitrates]).toEqual([[STREAM_RENDITION, 600]]);
  });
});
