import { describe, expect, test } from 'vitest';
import { OwnVideo, renditionOf } from '../../../src-shared/domain/index.ts';
import { FORMAT, Line, Show } from '../../../tests/support/governed-show.ts';
import { STREAM_RENDITION } from '../rendition/plan.ts';

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
