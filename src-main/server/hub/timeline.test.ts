import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { StreamTimeline } from './timeline.ts';

describe('StreamTimeline', () => {
  test('starts at zero, whatever the publisher starts at', () => {
    const line = new StreamTimeline();
    expect([line.place('video', 7_000_000), line.place('audio', 7_000_010), line.place('video', 7_000_033)]).toEqual([0, 10, 33]);
  });

  test('goes on just after the last frame when another publisher starts at zero', () => {
    const line = new StreamTimeline();
    line.place('video', 5_000);
    line.place('video', 6_000);
    line.restart();
    expect(line.place('video', 0)).toBe(1_040);
    expect(line.place('audio', 5)).toBe(1_045);
  });

  test('crosses the wrap at 2^32 ms', () => {
    const line = new StreamTimeline();
    line.place('video', 2 ** 32 - 20);
    expect(line.place('video', 13)).toBe(33);
  });

  test('bridges a leap and a fall, keeps a pause', () => {
    const line = new StreamTimeline();
    line.place('video', 0);
    expect(line.place('video', 4_000)).toBe(4_000);
    expect(line.place('video', 900_000)).toBe(4_040);
    expect(line.place('video', 3)).toBe(4_080);
  });

  test('lets the tracks interleave out of order, but no track go back', () => {
    const line = new StreamTimeline();
    line.place('video', 100);
    line.place('video', 200);
    expect(line.place('audio', 150)).toBe(50);
    expect(line.place('video', 199)).toBe(101);
  });

  test('property: every track only rises, for any timestamps and any restarts', () => {
    const step = fc.record({
      kind: fc.constantFrom('video' as const, 'audio' as const),
      rawMs: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
      restart: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 100 }), (steps) => {
        const line = new StreamTimeline();
        const lastMs = { video: -1, audio: -1 };
        for (const { kind, rawMs, restart } of steps) {
          if (restart) line.restart();
          const placed = line.place(kind, rawMs);
          expect(placed).toBeGreaterThan(lastMs[kind]);
          lastMs[kind] = placed;
        }
      }),
    );
  });
});

test('a track that lags seconds behind the other is no break', () => {
  const timeline = new StreamTimeline();
  const placed = [];
  for (let frame = 0; frame < 50; frame += 1) {
    timeline.place('audio', 5_000 + frame * 40);
    placed.push(timeline.place('video', 2_000 + frame * 40));
  }
  expect(timeline.place('audio', 7_000)).toBe(2_000);
  expect(Math.max(...placed)).toBeLessThan(100);
});
