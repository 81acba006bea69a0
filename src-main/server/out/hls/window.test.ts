import { expect, test } from 'vitest';
import { HlsWindow, type WindowLimits } from './window.ts';

const FIRST = { msn: 100, part: 1_000, init: 10, discontinuity: 0 };
const LIMITS: WindowLimits = { windowMs: 10_000, bytesMax: 1_000_000, targetDurationS: 2 };
const NAME = { segment: (msn: number) => `${msn}`, part: (id: number) => `p${id}`, init: (id: number) => `i${id}` };

function fill(window: HlsWindow, segments: number, { partBytes = 100, discontinuity = 0 } = {}): void {
  for (let i = 0; i < segments; i += 1) {
    window.openSegment({ discontinuity, initId: null, programDateTimeMs: 0 });
    for (let part = 0; part < 2; part += 1)
      window.addPart({ durationMs: 1_000, independent: part === 0, pictures: 30, pieces: [new Uint8Array(partBytes)] });
    window.closeSegment();
  }
}

test('slides: the oldest leave the playlist, and stay for a while for who has an older one', () => {
  const window = new HlsWindow(LIMITS, FIRST);
  fill(window, 12);
  expect(window.listed.map(({ msn }) => msn)).toEqual([107, 108, 109, 110, 111]);
  expect(window.segment(104)).not.toBeNull(); // three targets are kept
  expect(window.segment(103)).toBeNull();
  expect(window.part(1_006)).toBeNull();
  expect(window.part(1_008)).not.toBeNull();
});

test('is bounded in bytes, though the window then is shorter', () => {
  const window = new HlsWindow({ ...LIMITS, windowMs: 60_000 }, FIRST);
  fill(window, 100, { partBytes: 50_000 });
  expect(window.bytes).toBeLessThanOrEqual(1_000_000);
  expect(window.listed.length).toBe(5);
});

test('never shorter than three target durations, however short the window', () => {
  const window = new HlsWindow({ ...LIMITS, windowMs: 1_000, targetDurationS: 4 }, FIRST);
  fill(window, 20);
  expect(window.listed.length).toBe(6);
});

test('discontinuities that left are counted, and whoever goes on begins behind them', () => {
  const window = new HlsWindow(LIMITS, FIRST);
  fill(window, 3);
  fill(window, 8, { discontinuity: 1 });
  expect(window.discontinuitySequence).toBe(1);
  fill(window, 1, { discontinuity: 2 });
  expect(window.next).toEqual({ msn: 112, part: 1_024, init: 10, discontinuity: 2 });
});

test('a playlist in which nothing was made of an epoch counts it all the same, as those do that begin behind it', () => {
  const stayed = new HlsWindow(LIMITS, FIRST);
  stayed.begin({ msn: 0, discontinuity: 3 });
  fill(stayed, 2, { discontinuity: 3 });
  fill(stayed, 1, { discontinuity: 5 });
  expect(stayed.listed.map(({ discontinuity, discontinuities }) => [discontinuity, discontinuities])).toEqual([
    [3, 0],
    [3, 0],
    [5, 2],
  ]);
  const came = new HlsWindow(LIMITS, FIRST);
  came.begin({ msn: 0, discontinuity: 5 });
  fill(came, 1, { discontinuity: 5 });
  expect(came.discontinuitySequence).toBe(5);
  fill(stayed, 4, { discontinuity: 5 });
  expect(stayed.discontinuitySequence).toBe(3); // the tags are still there
  fill(stayed, 1, { discontinuity: 5 });
  expect(stayed.discontinuitySequence).toBe(5);
});

test('who goes on begins with the last number, and never falls', () => {
  const before = new HlsWindow(LIMITS, FIRST);
  before.begin({ msn: 0, discontinuity: 4 });
  fill(before, 1, { discontinuity: 4 });
  const after = new HlsWindow(LIMITS, before.next);
  after.begin({ msn: 0, discontinuity: 3 });
  fill(after, 1, { discontinuity: 3 });
  expect(after.discontinuitySequence).toBe(4);
  const later = new HlsWindow(LIMITS, before.next);
  later.begin({ msn: 0, discontinuity: 7 });
  expect(later.discontinuitySequence).toBe(7);
});

test('parts are listed near the end only, and those of the open segment', () => {
  const window = new HlsWindow({ ...LIMITS, windowMs: 20_000 }, FIRST);
  fill(window, 8);
  window.openSegment({ discontinuity: 0, initId: null, programDateTimeMs: 0 });
  expect(window.playlistSegments(NAME).length).toBe(8); // nothing of it is there
  window.addPart({ durationMs: 300, independent: true, pictures: 9, pieces: [] });
  const listed = window.playlistSegments(NAME);
  expect(listed.map(({ uri, parts }) => `${uri} ${parts.length}`)).toEqual([
    '100 0',
    '101 0',
    '102 0',
    '103 0',
    '104 0',
    '105 2',
    '106 2',
    '107 2',
    'null 1',
  ]);
});

test('initialization sections go with the last segment that needs them', () => {
  const window = new HlsWindow({ ...LIMITS, windowMs: 4_000, targetDurationS: 1 }, FIRST);
  const first = window.addInit(new Uint8Array(5));
  window.openSegment({ discontinuity: 0, initId: first, programDateTimeMs: 0 });
  window.addPart({ durationMs: 2_000, independent: true, pictures: 1, pieces: [] });
  window.closeSegment();
  const second = window.addInit(new Uint8Array(7));
  for (let i = 0; i < 10; i += 1) {
    window.openSegment({ discontinuity: 1, initId: second, programDateTimeMs: 0 });
    window.addPart({ durationMs: 2_000, independent: true, pictures: 1, pieces: [] });
    window.closeSegment();
  }
  expect(window.init(first)).toBeNull();
  expect(window.init(second)?.length).toBe(7);
  expect(window.bytes).toBe(7);
});
