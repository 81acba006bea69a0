import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { RenditionId } from '../../../src-shared/domain/index.ts';
import type { AudioPacket, MediaPacket, VideoPacket } from '../../process/packet.ts';
import { ClockCorrector } from './clock-corrector.ts';
import { timeUs } from './media-queue.ts';
import { Timeline } from './timeline.ts';

const FRAME_US = 33_333;
const SOUND_US = 21_333;
const MS = 1_000;
const rendition = (name = 'r') => RenditionId.parse(name);
const video = (dtsUs: number, renditionId = rendition()): VideoPacket => ({
  kind: 'video',
  renditionId,
  ptsUs: dtsUs,
  dtsUs,
  durationUs: FRAME_US,
  key: false,
  data: new Uint8Array(0),
  tick: 0,
  captureTimeUs: 0,
  repeated: false,
});
const audio = (ptsUs: number): AudioPacket => ({ kind: 'audio', ptsUs, durationUs: SOUND_US, data: new Uint8Array(0) });

/** One packet of a source whose clock is `jumpedUs` ahead of the true one. */
interface Shot {
  packet: MediaPacket;
  arrivedUs: number;
  trueUs: number;
}
const shotOf = (kind: 'video' | 'audio', trueUs: number, jumpedUs: number, latencyUs: number): Shot => ({
  packet: kind === 'video' ? video(trueUs + jumpedUs) : audio(trueUs + jumpedUs),
  arrivedUs: trueUs + latencyUs,
  trueUs,
});

/** Sound and picture from `fromS` to `toS`. */
function scene(fromS: number, toS: number, jumpUs: { video: number; audio: number }, latencyUs = 50 * MS): Shot[] {
  const shots: Shot[] = [];
  for (let t = Math.ceil((fromS * 1e6) / FRAME_US) * FRAME_US; t < toS * 1e6; t += FRAME_US)
    shots.push(shotOf('video', t, jumpUs.video, latencyUs));
  for (let t = Math.ceil((fromS * 1e6) / SOUND_US) * SOUND_US; t < toS * 1e6; t += SOUND_US)
    shots.push(shotOf('audio', t, jumpUs.audio, latencyUs));
  return shots.sort((a, b) => a.arrivedUs - b.arrivedUs);
}

function run(shots: Shot[]) {
  const corrector = new ClockCorrector();
  const jumps: number[] = [];
  const errors = shots.map(({ packet, arrivedUs, trueUs }) => {
    const { packet: corrected, jumpUs } = corrector.correct(packet, arrivedUs);
    if (jumpUs !== 0) jumps.push(jumpUs);
    return { kind: packet.kind, atUs: arrivedUs, errorUs: timeUs(corrected) - trueUs };
  });
  return { jumps, errors, worstUs: Math.max(...errors.map(({ errorUs }) => Math.abs(errorUs))) };
}
const none = { video: 0, audio: 0 };

describe('what is no jump', () => {
  test.each<[string, Shot[]]>([
    ['an even show', scene(0, 10, none)],
    ['a gap of three seconds in both clocks, as with a new encoder', [...scene(0, 5, none), ...scene(8, 12, none)]],
    ['a show that begins late and catches up with a gap', [...scene(0, 0.5, none, 700 * MS), ...scene(1.1, 5, none, 40 * MS)]],
    [
      'an encoder that falls behind, and leaves pictures out to catch up',
      [...scene(0, 4, none, 30 * MS), ...scene(4, 5, none, 600 * MS), ...scene(5.6, 9, none, 30 * MS)],
    ],
    ['another encoder, a gap, and a quarter of a second more latency', [...scene(0, 5, none), ...scene(6, 12, none, 300 * MS)]],
  ])('%s', (_what, shots) => {
    const { jumps, worstUs } = run(shots);
    expect(jumps).toEqual([]);
    expect(worstUs).toBe(0);
  });

  test('another rendition with more latency of its own', () => {
    const corrector = new ClockCorrector();
    for (let i = 0; i < 100; i += 1) corrector.correct(video(i * FRAME_US), i * FRAME_US + 30 * MS);
    const other = video(95 * FRAME_US, rendition('other'));
    expect(corrector.correct(other, 100 * FRAME_US)).toEqual({ packet: other, jumpUs: 0 });
  });
});

describe('what is one', () => {
  test.each([-7_200, -1, -0.1, 0.1, 1, 7_200])('both clocks jump by %d s: taken out of both, counted once', (byS) => {
    const by = byS * 1e6;
    const { jumps, errors, worstUs } = run([...scene(0, 5, none), ...scene(5, 10, { video: by, audio: by })]);
    expect(jumps).toHaveLength(1);
    expect(Math.abs((jumps[0] ?? 0) - by)).toBeLessThanOrEqual(FRAME_US);
    expect(worstUs).toBeLessThanOrEqual(FRAME_US);
    const last = (kind: string) => errors.findLast((item) => item.kind === kind)?.errorUs ?? Number.NaN;
    expect(last('video')).toBeCloseTo(last('audio'), 0);
  });

  test.each([-500, 500])('the picture alone jumps by %d ms: it stays with the sound', (byMs) => {
    const { jumps, worstUs } = run([...scene(0, 5, none), ...scene(5, 10, { video: byMs * MS, audio: 0 })]);
    expect(jumps).toHaveLength(1);
    expect(worstUs).toBeLessThanOrEqual(FRAME_US);
  });

  test('a jump back within a gap is known once the packets stay late', () => {
    const by = { video: -2_000 * MS, audio: -2_000 * MS };
    const { jumps, errors } = run([...scene(0, 5, none), ...scene(8, 12, by)]);
    expect(jumps).toHaveLength(1);
    for (const { atUs, errorUs } of errors) if (atUs > 9.3e6) expect(Math.abs(errorUs)).toBeLessThanOrEqual(FRAME_US);
  });

  test('a step of two frames or less is left as it is', () => {
    expect(run([...scene(0, 5, none), ...scene(5, 10, { video: 2 * FRAME_US, audio: 0 })]).jumps).toEqual([]);
  });
});

const jump = fc.oneof(fc.integer({ min: 101, max: 3_600_000 }), fc.integer({ min: -3_600_000, max: -134 })).map((ms) => ms * MS);

test('property: whatever jumps, times rise strictly, and picture and sound stay together within a frame', () => {
  const part = fc.record({
    lengthS: fc.integer({ min: 3, max: 6 }),
    byUs: jump,
    who: fc.constantFrom('video', 'audio', 'both'),
    seed: fc.nat(1_000),
  });
  fc.assert(
    fc.property(fc.array(part, { minLength: 1, maxLength: 4 }), (parts) => {
      const clocks = { ...none };
      const shots: Shot[] = scene(0, 4, clocks);
      let atS = 4;
      for (const { lengthS, byUs, who, seed } of parts) {
        if (who !== 'audio') clocks.video += byUs;
        if (who !== 'video') clocks.audio += byUs;
        // a latency that varies by a third of a frame
        shots.push(
          ...scene(atS, atS + lengthS, clocks).map((shot, i) => ({
            ...shot,
            arrivedUs: shot.arrivedUs + (((i + seed) * 7_919) % 11) * MS,
          })),
        );
        atS += lengthS;
      }
      const corrector = new ClockCorrector();
      const timeline = new Timeline();
      const offset = { video: 0, audio: 0 };
      const last = { video: -1, audio: -1 };
      for (const { packet, arrivedUs, trueUs } of shots) {
        const corrected = corrector.correct(packet, arrivedUs).packet;
        const placed = timeline.place(corrected);
        if (!placed) continue;
        expect(placed.dtsMs).toBeGreaterThan(last[packet.kind]);
        last[packet.kind] = placed.dtsMs;
        offset[packet.kind] = timeUs(corrected) - trueUs;
      }
      expect(Math.abs(offset.video - offset.audio)).toBeLessThanOrEqual(FRAME_US);
    }),
    { numRuns: 30 },
  );
});
