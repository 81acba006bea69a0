import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SERVER_LIMITS } from '../../limits.ts';
import { type CutPart, type CutRules, type MediaSample, Segmenter } from './segmenter.ts';
import { ShowPlan } from './show-plan.ts';

const RULES: CutRules = { segmentMs: 2_000, targetDurationS: 2, partTargetMs: 336, segmentBytesMax: 1_000_000 };

const plan = () => new ShowPlan(SERVER_LIMITS, { msn: 1, discontinuitiesAhead: 0 }, () => null);

class Cuts {
  readonly segments: { startMs: number; parts: CutPart[]; whole: boolean }[] = [];
  openSegment({ startMs }: { startMs: number }): void {
    this.segments.push({ startMs, parts: [], whole: false });
  }
  addPart(part: CutPart): void {
    this.segments.at(-1)?.parts.push(part);
  }
  closeSegment(): void {
    const last = this.segments.at(-1);
    if (last) last.whole = true;
  }
  get lengthsMs(): number[] {
    return this.segments.map(({ parts }) => parts.reduce((sum, { durationMs }) => sum + durationMs, 0));
  }
  get partsMs(): number[][] {
    return this.segments.map(({ parts }) => parts.map(({ durationMs }) => Math.round(durationMs)));
  }
}

const picture = (dtsMs: number, key: boolean, sizeBytes = 100): MediaSample => ({
  kind: 'video',
  dtsMs,
  ptsMs: dtsMs,
  durationMs: 0,
  key,
  aligned: key,
  epoch: 0,
  data: new Uint8Array(sizeBytes),
  arrivedAtMs: dtsMs,
});
const SOUND_MS = 1_024 / 48;
const sound = (dtsMs: number, sizeBytes = 10): MediaSample => ({ ...picture(dtsMs, true, sizeBytes), kind: 'audio', durationMs: SOUND_MS });

/** Pictures at a rate with whole milliseconds, as RTMP has them, and sounds between them. */
function show(frames: number, gopFrames: number, { rate = 30, withSound = true, fromMs = 0 } = {}): MediaSample[] {
  const samples = Array.from({ length: frames }, (_, i) => picture(fromMs + Math.round((i * 1_000) / rate), i % gopFrames === 0));
  if (withSound) for (let ms = 0; ms < (frames * 1_000) / rate; ms += SOUND_MS) samples.push(sound(fromMs + ms));
  return samples.sort((a, b) => a.dtsMs - b.dtsMs || (a.kind === 'video' ? -1 : 1));
}

function cut(samples: readonly MediaSample[], { rules = RULES, hasVideo = true } = {}): Cuts {
  const cuts = new Cuts();
  const segmenter = new Segmenter(rules, cuts, hasVideo, plan());
  for (const sample of samples) segmenter.push(sample);
  return cuts;
}

describe('segments', () => {
  test('begin with IDRs, and last as long as GOPs that fill two seconds', () => {
    const cuts = cut(show(30 * 12, 30));
    expect(cuts.lengthsMs.slice(0, 5)).toEqual([1_000, 2_000, 2_000, 2_000, 2_000]); // the first may be shorter
    for (const { parts } of cuts.segments) expect(parts[0]?.samples.find(({ kind }) => kind === 'video')?.key).toBe(true);
  });

  test('follow one another without gap or overlap', () => {
    const cuts = cut(show(30 * 12, 47));
    let endMs = 0;
    for (const { startMs, parts } of cuts.segments) {
      expect(startMs).toBeCloseTo(endMs);
      for (const part of parts) {
        expect(part.startMs).toBeCloseTo(endMs);
        endMs += part.durationMs;
      }
    }
  });

  test('lose and double nothing', () => {
    const samples = show(400, 60);
    const cuts = new Cuts();
    const segmenter = new Segmenter(RULES, cuts, true, plan());
    for (const sample of samples) segmenter.push(sample);
    segmenter.flush();
    const out = cuts.segments.flatMap(({ parts }) => parts.flatMap((part) => part.samples));
    expect(out.length).toBe(samples.length);
    expect(new Set(out).size).toBe(samples.length);
    expect(cuts.segments.every(({ whole }) => whole)).toBe(true);
  });

  test('a GOP longer than the target is cut without an IDR, so that the target holds', () => {
    const cuts = cut(show(30 * 12, 30 * 10));
    expect(cuts.segments.length).toBeGreaterThan(4);
    for (const lengthMs of cuts.lengthsMs) expect(Math.round(lengthMs / 1_000)).toBeLessThanOrEqual(2);
    expect(cuts.segments[1]?.parts[0]?.independent).toBe(false);
  });

  test('a flood of bytes ends one early', () => {
    const cuts = cut(
      Array.from({ length: 90 }, (_, i) => picture(i * 33, i % 60 === 0, 100_000)),
      { rules: { ...RULES, segmentBytesMax: 1_000_000 } },
    );
    for (const { parts } of cuts.segments) {
      const bytes = parts.flatMap(({ samples }) => samples).reduce((sum, { data }) => sum + data.length, 0);
      expect(bytes).toBeLessThan(1_400_000);
    }
  });

  test('what is left goes out, and the next publisher begins anew', () => {
    const cuts = new Cuts();
    const segmenter = new Segmenter(RULES, cuts, true, plan());
    for (const sample of show(20, 60)) segmenter.push(sample);
    segmenter.flush();
    expect(cuts.segments.length).toBe(1);
    expect(cuts.lengthsMs[0]).toBeCloseTo(20 * 33.3, -1);
    for (const sample of show(3, 60, { fromMs: 5_000 })) segmenter.push(sample);
    expect(cuts.segments[1]?.startMs).toBe(5_000);
  });
});

describe('parts', () => {
  test.each([24, 25, 29.97, 30, 48, 50, 59.94, 60, 15, 12, 10])('at %f pictures a second none is too long or too short', (rate) => {
    const cuts = cut(show(rate * 8, Math.round(rate * 2), { rate }));
    for (const [n, parts] of cuts.partsMs.entries()) {
      for (const [i, partMs] of parts.entries()) {
        expect(partMs).toBeLessThanOrEqual(336);
        const isLast = i === parts.length - 1;
        if (!isLast) expect(partMs, `part ${i} of segment ${n}`).toBeGreaterThanOrEqual(0.85 * 336);
      }
    }
  });

  test('one is out when its last picture’s length is known', () => {
    const cuts = new Cuts();
    const segmenter = new Segmenter(RULES, cuts, true, plan());
    show(10, 60, { withSound: false }).forEach((sample) => segmenter.push(sample));
    expect(cuts.segments[0]?.parts.length).toBe(0);
    segmenter.push(picture(333, false));
    expect(cuts.segments[0]?.parts.length).toBe(1);
  });

  test('only the first of a segment is a place to begin at, unless all is sound', () => {
    const cuts = cut(show(240, 60));
    expect(cuts.segments[1]?.parts.map(({ independent }) => independent)).toEqual([true, false, false, false, false, false]);
    const radio = cut(
      Array.from({ length: 300 }, (_, i) => sound(i * SOUND_MS)),
      { hasVideo: false },
    );
    expect(radio.segments.flatMap(({ parts }) => parts).every(({ independent }) => independent)).toBe(true);
    for (const lengthMs of radio.lengthsMs.slice(1, -1)) expect(Math.round(lengthMs / 1_000)).toBe(2);
  });

  test('sound goes on while pictures stand still', () => {
    const samples = [...show(40, 60), ...Array.from({ length: 200 }, (_, i) => sound(1_340 + i * SOUND_MS))];
    const cuts = cut(samples);
    const lastMs = cuts.segments.flatMap(({ parts }) => parts).at(-1);
    expect((lastMs?.startMs ?? 0) + (lastMs?.durationMs ?? 0)).toBeGreaterThan(5_000);
  });
});

test('property: whatever comes, nothing is lost or doubled, parts follow one another, and the target duration holds', () => {
  const step = fc.record({
    afterMs: fc.integer({ min: 1, max: 400 }),
    key: fc.boolean(),
    isSound: fc.boolean(),
    sizeBytes: fc.integer({ min: 1, max: 60_000 }),
  });
  fc.assert(
    fc.property(fc.array(step, { minLength: 1, maxLength: 200 }), fc.constantFrom(1, 2, 4), (steps, targetDurationS) => {
      let [pictureMs, soundMs] = [0, 0];
      const samples = [
        picture(0, true),
        ...steps.map(({ afterMs, key, isSound, sizeBytes }) => {
          if (isSound) soundMs += SOUND_MS;
          else pictureMs += afterMs;
          return isSound ? sound(soundMs, sizeBytes) : picture(pictureMs, key, sizeBytes);
        }),
      ];
      const cuts = new Cuts();
      const segmenter = new Segmenter({ ...RULES, targetDurationS, segmentBytesMax: 200_000 }, cuts, true, plan());
      for (const sample of samples) segmenter.push(sample);
      segmenter.flush();
      const parts = cuts.segments.flatMap((segment) => segment.parts);
      expect(new Set(parts.flatMap((part) => part.samples)).size).toBe(samples.length);
      expect(parts.flatMap((part) => part.samples).length).toBe(samples.length);
      for (const [i, part] of parts.entries()) {
        const before = parts[i - 1];
        expect(part.startMs).toBeCloseTo((before?.startMs ?? 0) + (before?.durationMs ?? 0), 3);
      }
      for (const lengthMs of cuts.lengthsMs) expect(Math.round(lengthMs / 1_000)).toBeLessThanOrEqual(targetDurationS);
    }),
  );
});
