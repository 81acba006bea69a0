import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { samplesToUs } from '../../src-shared/units.ts';
import { type AudioFrame, AudioTimeline, SOUND_WAIT_MAX_US, SOUND_WAIT_US } from './audio-timeline.ts';

const FRAME = 1024;
const BLOCK = 480;

/** A stereo block whose left sample n has the value of `wave(n)` at the engine position it was captured at. */
function block(sampleIndex: number, position: number, wave: (position: number) => number, count = BLOCK, step = 1) {
  const samples = new Float32Array(count * 2);
  for (let n = 0; n < count; n++) {
    samples[n * 2] = wave(position + n * step);
    samples[n * 2 + 1] = -samples[n * 2]!;
  }
  return { kind: 'audio' as const, sampleIndex, captureTimeUs: (position * 1e6) / 48_000, samples };
}

const ramp = (position: number) => (position % 1000) / 1000 + 0.0005;
const tone = (position: number) => 0.5 * Math.sin((2 * Math.PI * 440 * position) / 48_000);

function takeAll(timeline: AudioTimeline, nowUs: number) {
  const frames = [];
  for (let frame = timeline.take(nowUs); frame; frame = timeline.take(nowUs)) frames.push(frame);
  return frames;
}

describe('audio timeline', () => {
  test('frames of another codec go on where the ones before ended', () => {
    const timeline = new AudioTimeline(FRAME, 0);
    for (let n = 0; n < 10; n++) timeline.offer(block(n * BLOCK, n * BLOCK, ramp));
    const before = timeline.take(0);
    timeline.setFrameSamples(960);
    const [after, next] = takeAll(timeline, 0);
    expect([before?.position, after?.position, next?.position]).toEqual([0, 1_024, 1_984]);
    expect(after?.planes).toHaveLength(1_920);
    expect(after?.planes[0]).toBe(Math.fround(ramp(1_024)));
  });

  test('sound without drift goes through unchanged, at its position', () => {
    const timeline = new AudioTimeline(FRAME, 96_000);
    const frames: AudioFrame[] = [];
    for (let n = 0; n < 100; n++) {
      timeline.offer(block(n * BLOCK, 96_000 + n * BLOCK, ramp));
      frames.push(...takeAll(timeline, samplesToUs(96_000 + (n + 1) * BLOCK)));
    }
    expect(frames.length).toBe(46);
    frames.forEach((frame, n) => {
      expect(frame.position).toBe(96_000 + n * FRAME);
      expect(frame.planes[5]).toBe(Math.fround(ramp(frame.position + 5)));
      expect(frame.planes[FRAME + 5]).toBe(-Math.fround(ramp(frame.position + 5)));
    });
    expect(timeline.counts).toEqual({ silenceSamples: 0, rebases: 0, skippedSamples: 0 });
  });

  test('without input there is silence, after the wait', () => {
    const timeline = new AudioTimeline(FRAME, 0);
    expect(timeline.take(timeline.deadlineUs - 1)).toBeNull();
    const frame = timeline.take(timeline.deadlineUs)!;
    expect(frame.planes.every((sample) => sample === 0)).toBe(true);
    expect(timeline.counts.silenceSamples).toBe(FRAME);
  });

  test('sound that comes too late is waited for longer: one hole, and no more', () => {
    const timeline = new AudioTimeline(FRAME, 0);
    const lateSamples = 0.3 * 48_000;
    let silentAfterASecond = 0;
    for (let n = 0; n < 1_000; n++) {
      const arrivesAt = (n + 1) * BLOCK + (n < 100 ? 0 : lateSamples);
      for (const frame of takeAll(timeline, samplesToUs(arrivesAt) - 1))
        if (n > 200) silentAfterASecond += frame.planes.filter((sample) => sample === 0).length;
      timeline.offer(block(n * BLOCK, n * BLOCK, ramp));
      for (const frame of takeAll(timeline, samplesToUs(arrivesAt)))
        if (n > 200) silentAfterASecond += frame.planes.filter((sample) => sample === 0).length;
    }
    expect(silentAfterASecond).toBe(0);
    expect(timeline.counts.silenceSamples).toBeLessThan(0.5 * 48_000);
    expect(timeline.counts.silenceSamples).toBeGreaterThan(0);
  });

  test('when sound comes early again the wait shrinks back', () => {
    const timeline = new AudioTimeline(FRAME, 0);
    const wait = () => {
      const { length } = takeAll(timeline, 0);
      expect(length).toBe(0);
      return timeline.deadlineUs;
    };
    expect(wait()).toBe(samplesToUs(FRAME) + SOUND_WAIT_US);
    for (let n = 0; n < 100; n++) {
      const nowUs = samplesToUs((n + 1) * BLOCK) + 400_000;
      takeAll(timeline, nowUs - 1);
      timeline.offer(block(n * BLOCK, n * BLOCK, ramp));
      takeAll(timeline, nowUs);
    }
    let read = 0;
    for (let n = 100; n < 5_000; n++) {
      timeline.offer(block(n * BLOCK, n * BLOCK, ramp));
      for (const frame of takeAll(timeline, samplesToUs((n + 1) * BLOCK))) read = frame.position + FRAME;
    }
    expect(timeline.deadlineUs - samplesToUs(read + FRAME)).toBe(SOUND_WAIT_US);
    expect(SOUND_WAIT_MAX_US).toBeGreaterThan(SOUND_WAIT_US);
  });

  test('a hole in the indices becomes silence and what follows keeps its place', () => {
    const timeline = new AudioTimeline(FRAME, 0);
    const frames: AudioFrame[] = [];
    for (let n = 0; n < 100; n++) {
      if (n < 30 || n >= 50) timeline.offer(block(n * BLOCK, n * BLOCK, ramp));
      frames.push(...takeAll(timeline, samplesToUs((n + 1) * BLOCK)));
    }
    const at = (position: number) => frames[Math.floor(position / FRAME)]!.planes[position % FRAME];
    expect(at(30 * BLOCK - 20)).toBe(Math.fround(ramp(30 * BLOCK - 20)));
    expect(at(40 * BLOCK)).toBe(0);
    expect(at(60 * BLOCK)).toBe(Math.fround(ramp(60 * BLOCK)));
    expect(timeline.counts).toMatchObject({ rebases: 0, silenceSamples: 20 * BLOCK });
  });

  test('sound that comes after its silence went out is dropped, not played late', () => {
    const timeline = new AudioTimeline(FRAME, 0);
    timeline.offer(block(0, 0, ramp));
    const frames = takeAll(timeline, samplesToUs(20 * FRAME) + SOUND_WAIT_US);
    expect(frames.length).toBe(20);
    for (let n = 1; n < 60; n++) timeline.offer(block(n * BLOCK, n * BLOCK, ramp));
    const next = takeAll(timeline, samplesToUs(60 * BLOCK));
    expect(next[0]!.position).toBe(20 * FRAME);
    expect(next[0]!.planes[7]).toBe(Math.fround(ramp(20 * FRAME + 7)));
  });

  test('one wrong stamp changes nothing; a lasting shift is re-based and counted', () => {
    const timeline = new AudioTimeline(FRAME, 0);
    for (let n = 0; n < 20; n++) timeline.offer(block(n * BLOCK, n * BLOCK + (n === 10 ? 9_000 : 0), ramp));
    expect(timeline.counts.rebases).toBe(0);
    takeAll(timeline, samplesToUs(20 * BLOCK));
    for (let n = 20; n < 80; n++) timeline.offer(block(n * BLOCK, n * BLOCK + 24_000, ramp));
    expect(timeline.counts.rebases).toBe(1);
    const frames = takeAll(timeline, samplesToUs(80 * BLOCK + 24_000));
    const last = frames.at(-1)!;
    expect(last.planes[3]).toBe(Math.fround(ramp(last.position + 3)));
  });

  test('sound that moves by 70 ms, as a pause of the audio context does, is back in step within a second', () => {
    const timeline = new AudioTimeline(FRAME, 0);
    const shifted = (n: number) => n * BLOCK + (n < 200 ? 0 : 0.07 * 48_000);
    let last: AudioFrame | undefined;
    for (let n = 0; n < 300; n++) {
      timeline.offer(block(n * BLOCK, shifted(n), ramp));
      last = takeAll(timeline, samplesToUs(shifted(n) + BLOCK)).at(-1) ?? last;
    }
    expect(timeline.counts.rebases).toBe(1);
    expect(last!.planes[3]).toBe(Math.fround(ramp(last!.position + 3)));
  });

  test('a long stall leaves a gap in the positions', () => {
    const timeline = new AudioTimeline(FRAME, 0);
    const frame = timeline.take(60_000_000);
    expect(frame).toBeNull();
    expect(timeline.counts.skippedSamples % FRAME).toBe(0);
    expect(timeline.counts.skippedSamples).toBeGreaterThan(59 * 48_000);
  });

  test.each([
    { ppm: -1_500, withinMs: 7 },
    { ppm: -400, withinMs: 3 },
    { ppm: -100, withinMs: 3 },
    { ppm: 50, withinMs: 3 },
    { ppm: 300, withinMs: 3 },
  ])('a sound card off by $ppm ppm is followed within $withinMs ms, without a re-base, and stays a clean tone', ({ ppm, withinMs }) => {
    const timeline = new AudioTimeline(FRAME, 0);
    const step = 1 + ppm / 1e6; // engine samples that pass while the card takes one
    let worst = 0;
    let before = 0;
    let roughest = 0;
    for (let n = 0; n < 100 * 60; n++) {
      const position = n * BLOCK * step;
      timeline.offer(block(n * BLOCK, position, tone, BLOCK, step));
      for (const frame of takeAll(timeline, (position * 1e6) / 48_000)) {
        if (frame.position > 48_000)
          for (let s = 1; s < FRAME; s++) roughest = Math.max(roughest, Math.abs(frame.planes[s]! - frame.planes[s - 1]!));
        before = frame.position;
      }
      if (n > 3_000) worst = Math.max(worst, Math.abs(timeline.errorSamples));
    }
    expect(worst / 48).toBeLessThan(withinMs);
    expect(before).toBeGreaterThan(48_000 * 59);
    expect(roughest).toBeLessThan((0.5 * (2 * Math.PI * 440)) / 48_000 + 0.002); // the steepest slope of the tone itself
    expect(timeline.counts).toEqual({ silenceSamples: 0, rebases: 0, skippedSamples: 0 });
  });

  test('property: whatever comes, frames follow each other without a hole while the process is not stalled', () => {
    const event = fc.record({
      afterUs: fc.integer({ min: 0, max: 300_000 }),
      count: fc.integer({ min: 1, max: 4_800 }),
      skip: fc.integer({ min: -500, max: 60_000 }),
      jitterUs: fc.integer({ min: -400_000, max: 400_000 }),
      present: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(event, { maxLength: 60 }), (events) => {
        const timeline = new AudioTimeline(FRAME, 4_800);
        let nowUs = 100_000;
        let index = 0;
        let expected = 4_800;
        for (const { afterUs, count, skip, jitterUs, present } of events) {
          nowUs += afterUs;
          if (present) {
            index = Math.max(0, index + skip);
            timeline.offer({
              kind: 'audio',
              sampleIndex: index,
              captureTimeUs: Math.max(0, nowUs + jitterUs),
              samples: new Float32Array(count * 2).fill(0.5),
            });
            index += count;
          }
          for (const frame of takeAll(timeline, nowUs)) {
            expect(frame.position).toBe(expected);
            expect(frame.planes.length).toBe(FRAME * 2);
            expect(frame.planes.every((sample) => Math.abs(sample) < 1)).toBe(true);
            expected += FRAME;
          }
          expect(timeline.deadlineUs).toBeGreaterThan(nowUs);
        }
      }),
    );
  });
});
