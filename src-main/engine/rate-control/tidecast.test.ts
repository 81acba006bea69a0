import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { RateLimits } from './controller.ts';
import { changes, FLUID, type FluidSetup, percentile, runFluid } from './fluid-link.ts';
import type { Pressure } from './pressure.ts';
import { type TidecastState, tidecast } from './tidecast.ts';

const { otherKbps, ceilingKbps } = FLUID.limits;
const S = 1_000_000;

/** 20 s each at 6, 1.5 and 6 Mbps. */
const stepLink = (atS: number) => (atS < 20 || atS >= 40 ? 6_000 : 1_500);

/** What is known of delivery: on Linux; of a server that does not acknowledge; of our own; and on Windows of any that acknowledges. */
const EVIDENCE: [string, Partial<FluidSetup>][] = [
  ['acknowledgements and the socket', { evidence: 'ack', tcp: true }],
  ['the socket', { evidence: 'tcp', tcp: true }],
  ['the server’s reports', { evidence: 'report', tcp: false }],
  ['acknowledgements', { evidence: 'ack', tcp: false }],
];

type SteadyLink = Pick<FluidSetup, 'startKbps' | 'rttMs' | 'bufferBytes' | 'idrWeight'> & {
  linkKbps: number;
  evidence: Partial<FluidSetup>;
};

/** 25 shows of a minute or two, on a machine that has much else to do */
const PLAYS_MS = 60_000;

const within = (rates: { atS: number; videoKbps: number }[], atS: number) => rates.find((rate) => rate.atS >= atS)?.videoKbps ?? Number.NaN;

describe.each(EVIDENCE)('tidecast with %s', (_name, evidence) => {
  test('a fall of the link to a quarter: at or under it in a second, delay bounded, back in 15 s', () => {
    const { frames, rates, framesDropped, framesOffered } = runFluid(tidecast, { ...evidence, linkKbps: stepLink });
    const after = frames.filter(({ atS }) => atS >= 20).map(({ delayMs }) => delayMs);
    expect(within(rates, 21)).toBeLessThanOrEqual(1_500 - otherKbps);
    expect(percentile(after, 0.95)).toBeLessThanOrEqual(700);
    expect(percentile(after, 1)).toBeLessThanOrEqual(1_500);
    expect(framesDropped / framesOffered).toBeLessThanOrEqual(0.02);
    expect(within(rates, 55)).toBeGreaterThanOrEqual(0.9 * ceilingKbps);
  });

  test('a link of 3 Mbps: used, with little delay and few changes', () => {
    const { frames, rates, deliveredBytes } = runFluid(tidecast, { ...evidence, linkKbps: () => 3_000, seconds: 120 });
    expect((deliveredBytes * 8) / 120).toBeGreaterThanOrEqual(0.95 * 3_000 * 1_000);
    expect(
      percentile(
        frames.map(({ delayMs }) => delayMs),
        0.95,
      ),
    ).toBeLessThanOrEqual(700);
    expect(changes(rates) / 2).toBeLessThanOrEqual(2);
  });

  test('a link with room for all of it: nothing is ever changed', () => {
    const { rates, drops } = runFluid(tidecast, evidence);
    expect(changes(rates)).toBe(0);
    expect(drops).toBe(0);
    expect(rates.at(-1)?.reason).toBe('ceiling');
  });
});

test('a plain socket, which hides what waits in it: falls with the link, and comes back', () => {
  const { rates } = runFluid(tidecast, { evidence: 'socket', tcp: false, linkKbps: stepLink, seconds: 80, bufferBytes: 100_000 });
  expect(within(rates, 24)).toBeLessThanOrEqual(1_500 - otherKbps);
  expect(within(rates, 79)).toBeGreaterThanOrEqual(1_500);
});

test('two seconds of buffer in the network: kept nearly empty', () => {
  const { frames } = runFluid(tidecast, { linkKbps: (atS) => 2_700 + ((Math.floor(atS * 4) * 7_919) % 601), bufferBytes: 750_000 });
  const delays = frames.map(({ delayMs }) => delayMs);
  expect(percentile(delays, 0.95)).toBeLessThanOrEqual(700);
});

test('a link that is gone for three seconds: what is old is dropped, and the rate comes back', () => {
  const { frames, rates, drops } = runFluid(tidecast, { linkKbps: (atS) => (atS > 20 && atS < 23 ? 0 : 5_000) });
  expect(drops).toBeGreaterThan(0);
  const late = frames.filter(({ atS }) => atS > 24.5).map(({ delayMs }) => delayMs);
  expect(percentile(late, 1)).toBeLessThanOrEqual(1_500);
  expect(within(rates, 35)).toBeGreaterThanOrEqual(0.9 * 4_500);
});

test('the ceiling and the floor are read anew at each step', () => {
  const sample = sampleAt(0);
  let { state } = tidecast.step(tidecast.initial(FLUID.limits, 0), sample, FLUID.limits);
  const lower = tidecast.step(state, sampleAt(0.1), { ...FLUID.limits, ceilingKbps: 2_000 });
  expect(lower.decision.videoKbps).toBe(2_000);
  ({ state } = lower);
  const floor = tidecast.step(state, sampleAt(0.2), { ...FLUID.limits, floorKbps: 3_000 });
  expect(floor.decision.videoKbps).toBe(3_000);
});

test('after a reconnect it goes on from where it stood', () => {
  expect(tidecast.initial(FLUID.limits, 0, 1_234).videoKbps).toBe(1_234);
  expect(tidecast.initial(FLUID.limits, 0, 9_999).videoKbps).toBe(ceilingKbps);
});

test('a suspended machine: the gap is not taken for a stall', () => {
  let state = tidecast.initial(FLUID.limits, 0);
  let decision = { videoKbps: Number.NaN };
  for (const atS of [0, 0.1, 0.2, 0.3, 3_600, 3_600.1, 3_600.2]) {
    ({ state, decision } = tidecast.step(state, sampleAt(atS), FLUID.limits));
  }
  expect(decision.videoKbps).toBe(ceilingKbps);
});

describe('properties', () => {
  const count = fc.oneof(
    fc.integer({ min: -1_000, max: 10_000_000 }),
    fc.constantFrom(0, Number.NaN, Number.POSITIVE_INFINITY, -1, 2 ** 53),
  );
  const tcp = fc.record({
    rttMs: count,
    minRttMs: count,
    deliveryRateKbps: count,
    appLimited: fc.boolean(),
    inFlightBytes: count,
    retransmittedPackets: count,
  });
  const anySample = fc.record({
    stepUs: fc.oneof(fc.constantFrom(0, 100_000, -100_000, 1), fc.integer({ min: -5 * S, max: 3_600 * S })),
    offeredBytes: count,
    deliveredBytes: count,
    evidence: fc.constantFrom('report' as const, 'ack' as const, 'tcp' as const, 'socket' as const),
    delayMs: count,
    queueMs: count,
    queueBytes: count,
    unackedBytes: fc.option(count),
    unsentBytes: fc.option(count),
    tcp: fc.option(tcp),
    way: fc.option(fc.record({ queueBytes: count, burstKbps: count })),
  });
  const anyLimits = fc
    .record({
      floorKbps: fc.integer({ min: 50, max: 5_000 }),
      roomKbps: fc.integer({ min: 0, max: 20_000 }),
      otherKbps: fc.integer({ min: 0, max: 500 }),
    })
    .map(({ floorKbps, roomKbps, otherKbps }): RateLimits => ({ floorKbps, ceilingKbps: floorKbps + roomKbps, otherKbps }));

  test('any samples, absurd ones too, with limits that change: never below the floor, never above the ceiling, never NaN', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(anySample, anyLimits), { maxLength: 60 }), ([...steps]) => {
        let atUs = 0;
        let state: TidecastState = tidecast.initial(FLUID.limits, 0);
        for (const [{ stepUs, ...rest }, limits] of steps) {
          atUs += stepUs;
          const stepped = tidecast.step(state, { ...rest, atUs }, limits);
          state = stepped.state;
          const { videoKbps } = stepped.decision;
          expect(videoKbps).toBeGreaterThanOrEqual(limits.floorKbps);
          expect(videoKbps).toBeLessThanOrEqual(limits.ceilingKbps);
        }
      }),
      { numRuns: 300 },
    );
  });

  test('pure: the same samples give the same decisions, and a state is never changed', () => {
    fc.assert(
      fc.property(fc.array(anySample, { maxLength: 30 }), (samples) => {
        let state = freeze(tidecast.initial(FLUID.limits, 0));
        let atUs = 0;
        for (const { stepUs, ...rest } of samples) {
          atUs += stepUs;
          const first = tidecast.step(state, { ...rest, atUs }, FLUID.limits);
          expect(tidecast.step(state, { ...rest, atUs }, FLUID.limits)).toEqual(first);
          state = freeze(first.state);
        }
      }),
      { numRuns: 100 },
    );
  });

  const steady: fc.Arbitrary<SteadyLink> = fc.record({
    linkKbps: fc.integer({ min: 600, max: 8_000 }),
    startKbps: fc.integer({ min: 300, max: 4_500 }),
    rttMs: fc.integer({ min: 5, max: 200 }),
    bufferBytes: fc.integer({ min: 20_000, max: 750_000 }),
    idrWeight: fc.integer({ min: 2, max: 12 }),
    evidence: fc.constantFrom(...EVIDENCE.map(([, evidence]) => evidence)),
  });

  const play = ({ linkKbps, evidence, ...rest }: SteadyLink) =>
    runFluid(tidecast, { ...rest, ...evidence, linkKbps: () => linkKbps, seconds: 120 });

  test(
    'any steady link at or above the floor: delay is bounded',
    () => {
      fc.assert(
        fc.property(steady, (link) => {
          const settled = play(link).frames.flatMap(({ atS, delayMs }) => (atS >= 10 ? [delayMs] : []));
          expect(percentile(settled, 0.95)).toBeLessThanOrEqual(1_000 + link.rttMs);
          expect(percentile(settled, 1)).toBeLessThanOrEqual(1_600 + link.rttMs);
        }),
        { numRuns: 25 },
      );
    },
    PLAYS_MS,
  );

  test(
    'steady links at or above the floor: the rate settles within reach of the link',
    () => {
      fc.assert(
        fc.property(steady, (link) => {
          const last = play(link).rates.flatMap(({ atS, videoKbps }) => (atS >= 90 ? [videoKbps] : []));
          const meanKbps = last.reduce((sum, kbps) => sum + kbps, 0) / last.length + otherKbps;
          const wantedKbps = Math.min(link.linkKbps, ceilingKbps + otherKbps);
          expect(meanKbps).toBeGreaterThanOrEqual(0.7 * wantedKbps);
          expect(meanKbps).toBeLessThanOrEqual(1.05 * link.linkKbps);
        }),
        { numRuns: 25 },
      );
    },
    PLAYS_MS,
  );

  test(
    'any link that changes every few seconds, never below the floor: what arrives is never later than what cannot be helped',
    () => {
      const change = fc.record({ kbps: fc.integer({ min: 600, max: 8_000 }), seconds: fc.integer({ min: 2, max: 15 }) });
      // the network holds 169 kB of before the fall, 2.3 s at the least of links; what waits behind it is dropped when more
      // than 1.2 s would wait; and the IDR that follows takes its own 0.4 s
      const mostMs = 4_000;
      fc.assert(
        fc.property(fc.array(change, { minLength: 2, maxLength: 6 }), (parts) => {
          const linkKbps = (atS: number) => {
            let left = atS;
            return parts.find(({ seconds }) => (left -= seconds) < 0)?.kbps ?? 3_000;
          };
          const { frames } = runFluid(tidecast, { linkKbps, seconds: 60 });
          expect(
            percentile(
              frames.map(({ delayMs }) => delayMs),
              1,
            ),
          ).toBeLessThanOrEqual(mostMs);
        }),
        { numRuns: 25 },
      );
    },
    PLAYS_MS,
  );
});

function sampleAt(atS: number): Pressure {
  const offeredBytes = Math.round(atS * 500_000);
  return {
    atUs: atS * S,
    offeredBytes,
    deliveredBytes: Math.max(0, offeredBytes - 10_000),
    evidence: 'tcp',
    delayMs: 30,
    queueMs: 0,
    queueBytes: 0,
    unackedBytes: null,
    unsentBytes: null,
    tcp: null,
    way: null,
  };
}

function freeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    Object.values(value).forEach(freeze);
  }
  return value;
}
