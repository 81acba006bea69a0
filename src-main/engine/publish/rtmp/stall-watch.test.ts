import { describe, expect, test } from 'vitest';
import { type Look, StallWatch, type Verdict } from './stall-watch.ts';

const GAP = 65_536;
const STALL_MS = 4_000;
const EVERY_MS = 250;
const QUIET: Omit<Look, 'nowMs'> = { sentBytes: 100_000, pendingBytes: 0, ackGapBytes: 0, tcp: null };

/** Looks every quarter of a second. @returns the first verdict but `well`, and when */
function watch(
  untilMs: number,
  see: (nowMs: number, watch: StallWatch) => Partial<Look>,
  stall = new StallWatch(STALL_MS, 0),
  fromMs = 0,
): [Verdict, number] {
  for (let nowMs = fromMs; nowMs <= untilMs; nowMs += EVERY_MS) {
    const seen = see(nowMs, stall);
    const verdict = stall.look({ ...QUIET, ...seen, nowMs });
    if (verdict !== 'well') return [verdict, nowMs];
  }
  return ['well', untilMs];
}

describe('where the system does not tell, the socket', () => {
  test('that takes nothing for too long is stalled', () => expect(watch(60_000, () => ({ pendingBytes: 1 }))).toEqual(['stalled', 4_250]));
  test('that stops as the machine wakes up is found as soon as any other', () => {
    const stall = new StallWatch(STALL_MS, 0);
    watch(1_000, () => ({}), stall);
    const awakeMs = 3_600_000;
    stall.progress(awakeMs);
    expect(watch(awakeMs + 60_000, () => ({ pendingBytes: 1 }), stall, awakeMs)).toEqual(['stalled', awakeMs + 4_250]);
  });
  test('that has nothing to take is not', () => expect(watch(600_000, () => ({}))[0]).toBe('well'));
  test('that is slow, but moves, is not', () => {
    const seen = watch(600_000, (nowMs, stall) => {
      if (nowMs % 3_500 === 0) stall.progress(nowMs);
      return { pendingBytes: 1 };
    });
    expect(seen[0]).toBe('well');
  });
});

describe('where the system tells, TCP', () => {
  const tcp = (deliveredBytes: number, outstandingBytes: number) => ({ tcp: { deliveredBytes, outstandingBytes } });
  test('that acknowledges nothing of what is out is stalled, though the socket takes more', () => {
    const seen = watch(60_000, (nowMs, stall) => {
      stall.progress(nowMs);
      return tcp(nowMs < 10_000 ? nowMs : 10_000, 5_000);
    });
    expect(seen).toEqual(['stalled', 14_250]);
  });
  test('that has nothing out is not', () => expect(watch(600_000, () => tcp(9_000, 0))[0]).toBe('well'));
  test('that is slow, but moves, is not, though one large picture waits all the while', () =>
    expect(watch(600_000, (nowMs) => ({ pendingBytes: 300_000, ...tcp(Math.floor(nowMs / 3_500), 5_000) }))[0]).toBe('well'));
  test('that is no more asked about counts from the last time the socket moved', () => {
    const seen = watch(60_000, (nowMs, stall) => {
      if (nowMs <= 10_000) stall.progress(nowMs);
      return { pendingBytes: 1, tcp: nowMs < 5_000 ? { deliveredBytes: nowMs, outstandingBytes: 1 } : null };
    });
    expect(seen).toEqual(['stalled', 14_250]);
  });
});

describe('a server that acknowledges', () => {
  /** Four acknowledgements in the first 800 ms; then we go on sending 65,536 bytes each 250 ms. */
  const steady = (gapBytes = GAP, acks = 4) => {
    const stall = new StallWatch(STALL_MS, 800);
    for (let i = 1; i <= acks; i += 1) stall.acknowledged(i * gapBytes, i * 200);
    return stall;
  };
  const sending = (nowMs: number, gapBytes = GAP) => ({
    sentBytes: 4 * gapBytes + ((nowMs - 800) / EVERY_MS) * GAP,
    ackGapBytes: gapBytes,
  });

  test('and stops is asked after half the time, and gone after all of it, though TCP goes on', () => {
    const stall = steady();
    const tcpGoesOn = (nowMs: number) => ({ ...sending(nowMs), tcp: { deliveredBytes: nowMs, outstandingBytes: 1 } });
    expect(watch(60_000, tcpGoesOn, stall, 1_000)).toEqual(['ask', 3_000]);
    expect(watch(60_000, tcpGoesOn, stall, 3_250)).toEqual(['stalled', 5_250]);
  });

  test('at last, after a long while with little to acknowledge, is asked first', () => {
    const late = (nowMs: number) => ({ sentBytes: 4 * GAP + (nowMs < 300_000 ? GAP : 3 * GAP), ackGapBytes: GAP });
    const stall = steady();
    expect(watch(600_000, late, stall, 1_000)).toEqual(['ask', 300_000]);
    expect(watch(600_000, late, stall, 300_250)).toEqual(['stalled', 302_250]);
  });

  test('and stops, but answers when asked, has changed its habit: asked once, and left alone', () => {
    const stall = steady();
    expect(watch(60_000, (nowMs) => sending(nowMs), stall, 1_000)).toEqual(['ask', 3_000]);
    stall.heard(3_100);
    expect(watch(60_000, (nowMs) => sending(nowMs), stall, 3_250)).toEqual(['lapsed', 3_250]);
    expect(watch(600_000, (nowMs) => sending(nowMs), stall, 3_500)[0]).toBe('well');
  });

  test('rarely, in large windows, is not asked', () => {
    const stall = steady(5_000_000);
    expect(watch(30_000, (nowMs) => sending(nowMs, 5_000_000), stall, 1_000)[0]).toBe('well');
  });

  test('has nothing to acknowledge on a quiet show', () => {
    const seen = watch(600_000, (nowMs) => ({ sentBytes: 4 * GAP + Math.min(nowMs, 2 * GAP), ackGapBytes: GAP }), steady(), 1_000);
    expect(seen[0]).toBe('well');
  });

  test('too seldom to know its habit, or never, is not missed', () => {
    expect(watch(600_000, (nowMs) => sending(nowMs), steady(GAP, 3), 1_000)[0]).toBe('well');
    expect(watch(600_000, (nowMs) => ({ sentBytes: nowMs * 1_000 }))[0]).toBe('well');
  });
});

test('a machine that was asleep for an hour has heard nothing meanwhile, and that is nobody’s fault', () => {
  const stall = new StallWatch(STALL_MS, 0);
  const stuck = () => ({ pendingBytes: 1, tcp: { deliveredBytes: 1, outstandingBytes: 1 } });
  expect(watch(2_000, stuck, stall)[0]).toBe('well');
  expect(watch(3_601_500, stuck, stall, 3_600_000)[0]).toBe('well');
  expect(watch(3_700_000, stuck, stall, 3_601_750)[0]).toBe('stalled');
});
