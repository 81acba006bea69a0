import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { OPPORTUNITY_BYTES, opportunitiesUntil, traceOfRate } from '../../../src-main/engine/link/trace.ts';
import { contender } from '../controllers/contenders.ts';
import { fixed } from '../controllers/fixed.ts';
import { judge } from '../judge.ts';
import { constantLink } from '../links.ts';
import { OTHER_KBPS } from './encoder.ts';
import type { SimLinkOptions } from './link.ts';
import { OUR_PROGRAM, type ProgramOptions, SOCKET_PROGRAM } from './program.ts';
import { showOf, simulate } from './simulate.ts';

const limits = (ceilingKbps: number) => ({ floorKbps: 300, ceilingKbps, otherKbps: OTHER_KBPS });
const play = (link: SimLinkOptions, kbps: number, options: { program?: ProgramOptions; durationMs?: number; seed?: number } = {}) =>
  simulate({ link, controller: fixed, limits: limits(kbps), durationMs: 10_000, ...options });
const judged = (run: ReturnType<typeof play>, link: SimLinkOptions, kbps: number) => judge(showOf(run, limits(kbps)), link.trace);
const delaysOf = ({ units }: ReturnType<typeof play>, fromMs: number, toMs: number) =>
  units.flatMap(({ encodedMs, arrivedMs }) =>
    encodedMs >= fromMs && encodedMs < toMs && arrivedMs !== null ? [arrivedMs - encodedMs] : [],
  );

const links = fc.record({
  trace: fc.integer({ min: 200, max: 8_000 }).map((kbps) => traceOfRate(1_000, () => kbps)),
  delayMs: fc.integer({ min: 1, max: 150 }),
  bufferBytes: fc.integer({ min: 20_000, max: 2_000_000 }),
  lossShare: fc.constantFrom(0, 0.002, 0.02),
});
const programs = fc.constantFrom(OUR_PROGRAM, SOCKET_PROGRAM, { ...SOCKET_PROGRAM, queueMaxMs: null });

test('property: what is written arrives once, in order, whole, and never before it could', () => {
  fc.assert(
    fc.property(links, programs, fc.integer({ min: 300, max: 6_000 }), fc.nat(), (link, program, kbps, seed) => {
      const { units } = play(link, kbps, { program, durationMs: 3_000, seed });
      const arrived = units.filter(({ arrivedMs }) => arrivedMs !== null).toSorted((a, b) => (a.endByte ?? 0) - (b.endByte ?? 0));
      let endByte = 0;
      let beforeMs = Number.NEGATIVE_INFINITY;
      const wrong = arrived.filter((unit) => {
        endByte += unit.bytes;
        const atMs = unit.arrivedMs ?? 0;
        const isRight = unit.endByte === endByte && atMs >= beforeMs && atMs >= unit.encodedMs + link.delayMs;
        beforeMs = atMs;
        return !isRight;
      });
      expect(wrong).toEqual([]);
    }),
    { numRuns: 30 },
  );
});

test('property: a link never carries more than its opportunities', () => {
  const times = fc.integer({ min: 100, max: 6_000 });
  fc.assert(
    fc.property(links, fc.integer({ min: 300, max: 6_000 }), times, fc.nat(), (link, kbps, untilMs, seed) => {
      const { units } = play(link, kbps, { durationMs: 4_000, seed });
      const arrived = units.filter(({ encodedMs, arrivedMs }) => encodedMs >= 0 && arrivedMs !== null && arrivedMs <= untilMs);
      const carriedBytes = arrived.reduce((sum, { bytes }) => sum + bytes, 0);
      expect(carriedBytes).toBeLessThanOrEqual(opportunitiesUntil(link.trace, untilMs - link.delayMs) * OPPORTUNITY_BYTES);
    }),
    { numRuns: 20 },
  );
});

test('the same seed gives the same show, another another', () => {
  const link = constantLink(3_000);
  expect(play(link, 4_500, { seed: 7 })).toEqual(play(link, 4_500, { seed: 7 }));
  expect(play(link, 4_500, { seed: 8 }).units).not.toEqual(play(link, 4_500, { seed: 7 }).units);
});

test('under the link a picture takes half of the round trip and its own time on the line', () => {
  const link = { ...constantLink(20_000), delayMs: 30 };
  const run = play(link, 2_000);
  const { delayP50Ms, utilisation, framesDroppedPct } = judged(run, link, 2_000);
  const typicalMs = 30 + (2_000 / 30 / 20_000) * 1_000;
  expect(delayP50Ms).toBeGreaterThanOrEqual(30);
  expect(delayP50Ms).toBeLessThanOrEqual(typicalMs + 5);
  expect(utilisation).toBeGreaterThan(0.93);
  expect(framesDroppedPct).toBe(0);
});

test('over the link the delay grows without end where nothing is dropped, and is bounded where it is', () => {
  const link = constantLink(2_000);
  const endless = play(link, 4_500, { program: { ...SOCKET_PROGRAM, queueMaxMs: null } });
  const [early, middle, late] = [0, 4_500, 9_000].map((atMs) => Math.min(...delaysOf(endless, atMs, atMs + 1_000)));
  expect(middle).toBeGreaterThan((early ?? 0) + 1_500);
  expect(late).toBeGreaterThan((middle ?? 0) + 1_500);

  const dropping = judged(play(link, 4_500), link, 4_500);
  expect(dropping.delayMaxMs).toBeLessThan(4_000);
  expect(dropping.framesDroppedPct).toBeGreaterThan(20);
  expect(dropping.audioLost).toBe(0);
});

test('a full buffer loses packets, and the connection keeps more than nine tenths of the link busy all the same', () => {
  const link = { ...constantLink(3_000), bufferBytes: 60_000 };
  const run = play(link, 4_500, { program: { ...SOCKET_PROGRAM, queueMaxMs: null }, durationMs: 20_000 });
  const received = run.units.filter(({ arrivedMs }) => arrivedMs !== null && arrivedMs >= 2_000 && arrivedMs < 20_000);
  expect(run.packetsLost).toBeGreaterThan(0);
  expect(run.packetsResent).toBeGreaterThanOrEqual(run.packetsLost);
  expect(received.reduce((sum, { bytes }) => sum + bytes * 8, 0) / 18_000).toBeGreaterThan(0.9 * 3_000 * (1_448 / 1_500));
});

describe('an outage', () => {
  /** 4 s of link, 3 s of none, in a period of 30 s */
  const trace = traceOfRate(30_000, (atMs) => (atMs > 4_000 && atMs <= 7_000 ? 0 : 6_000));

  test.each([
    ['whose buffer keeps what was on its way', 150_000],
    ['whose buffer has room for a few packets only', 10_000],
  ])('of a link %s ends with the flow going on', (_, bufferBytes) => {
    const link = { trace, delayMs: 20, bufferBytes };
    const run = play(link, 3_000, { durationMs: 16_000 });
    const during = run.units.filter(({ arrivedMs }) => arrivedMs !== null && arrivedMs > 4_100 && arrivedMs <= 7_000);
    const first = Math.min(...run.units.flatMap(({ arrivedMs }) => (arrivedMs !== null && arrivedMs > 7_000 ? [arrivedMs] : [])));
    expect(during).toEqual([]);
    expect(first - 7_000).toBeLessThan(5_000); // the next probe or time-out, after round trips of 3 s
    expect(Math.max(...delaysOf(run, 14_500, 16_000))).toBeLessThan(500);
    expect(judged(run, link, 3_000).audioLost).toBe(0);
  });
});

test('a connection on which TCP gets nowhere is given up, and the next begins with an IDR as soon as there is a way', () => {
  const trace = traceOfRate(30_000, (atMs) => (atMs > 4_000 && atMs <= 14_000 ? 0 : 6_000));
  const link = { trace, delayMs: 20, bufferBytes: 150_000 };
  const { units } = play(link, 3_000, { durationMs: 20_000 });
  const [first, ...later] = units.filter(({ arrivedMs }) => arrivedMs !== null && arrivedMs > 14_000);
  expect(first?.key).toBe(true);
  expect(first?.encodedMs).toBeGreaterThan(14_000); // what waited is lost with the connection
  expect(first?.arrivedMs).toBeLessThan(16_500);
  expect(later.every(({ encodedMs, arrivedMs }) => (arrivedMs ?? 0) - encodedMs < 1_000)).toBe(true);
  const lost = units.filter(({ kind, arrivedMs }) => kind === 'audio' && arrivedMs === null);
  expect(lost.length).toBeGreaterThan(300);
  const withoutEnd = play(link, 3_000, { durationMs: 20_000, program: { ...OUR_PROGRAM, stallMs: null } });
  expect(withoutEnd.units.filter(({ kind, arrivedMs }) => kind === 'audio' && arrivedMs === null)).toEqual([]);
});

describe('evidence', () => {
  const link = constantLink(3_000);
  const steps = (program: ProgramOptions) => play(link, 2_000, { program }).steps;

  test.each(['report', 'ack', 'tcp', 'socket'] as const)('of %s never says more than was offered, and never takes it back', (evidence) => {
    let before = 0;
    for (const { pressure } of steps({ ...OUR_PROGRAM, evidence })) {
      expect(pressure.deliveredBytes).toBeGreaterThanOrEqual(before);
      expect(pressure.deliveredBytes).toBeLessThanOrEqual(pressure.offeredBytes);
      expect(pressure.evidence).toBe(evidence);
      before = pressure.deliveredBytes;
    }
  });

  test.each(['ack', 'tcp'] as const)('of %s: what the system tells is never ahead of what has arrived', (evidence) => {
    const { units, steps } = play(constantLink(2_500), 2_000, { program: { ...OUR_PROGRAM, evidence }, durationMs: 30_000 });
    const written = units.toSorted((a, b) => (a.endByte ?? Number.POSITIVE_INFINITY) - (b.endByte ?? Number.POSITIVE_INFINITY));
    const wrong = steps.filter(({ atMs, pressure: { offeredBytes, queueBytes, unsentBytes, tcp } }) => {
      const saidBytes = offeredBytes - queueBytes - (unsentBytes ?? 0) - (tcp?.inFlightBytes ?? 0);
      const next = written.find(({ arrivedMs }) => arrivedMs === null || arrivedMs > atMs);
      return saidBytes > (next?.endByte ?? Number.POSITIVE_INFINITY);
    });
    expect(wrong).toEqual([]);
  });

  test('of the socket alone hides what the system holds', () => {
    const slow = (program: ProgramOptions) =>
      play(constantLink(1_000), 4_500, { program, durationMs: 3_000 }).steps.find(({ atMs }) => atMs >= 700);
    const seen = slow({ ...OUR_PROGRAM, holdsBack: false, evidence: 'ack' });
    const hidden = slow(SOCKET_PROGRAM);
    expect(seen?.pressure.delayMs).toBeGreaterThan(300);
    expect(hidden?.pressure.delayMs).toBeLessThan((seen?.pressure.delayMs ?? 0) / 2);
  });
});

test("OBS's dynamic bitrate does what the real one was seen to do from 6 to 1.5 Mbps and back, at 2,500 kbps", () => {
  const trace = traceOfRate(60_000, (atMs) => (atMs <= 20_000 || atMs > 40_000 ? 6_000 : 1_500));
  const link = { trace, delayMs: 20, bufferBytes: 72_000 }; // 300 ms at 1.5 Mbps and a burst, as tc tbf was told
  const { controller, program } = contender('obs-dbr');
  const run = simulate({ link, controller: controller(trace), program, limits: limits(2_500), durationMs: 70_000 });
  expect(run.units.filter(({ arrivedMs }) => arrivedMs === null)).toEqual([]); // nothing dropped
  const lowest = Math.min(...run.steps.filter(({ atMs }) => atMs > 20_000 && atMs < 40_000).map(({ decision }) => decision.videoKbps));
  expect(lowest).toBeGreaterThanOrEqual(700);
  expect(lowest).toBeLessThanOrEqual(1_300);
  const back = run.steps.find(({ atMs, decision }) => atMs > 40_000 && decision.videoKbps >= 2_350)?.atMs ?? 0;
  expect(back - 40_000).toBeGreaterThan(10_000);
  expect(back - 40_000).toBeLessThan(24_000);
});
