import { describe, expect, test } from 'vitest';
import { StallWatch } from './stall-watch.ts';

const GAP = 65_536;

describe('the socket', () => {
  test('that takes nothing for too long is stalled', () => {
    const watch = new StallWatch(8_000, 0);
    watch.progress(1_000);
    const at = (nowMs: number, pendingBytes: number) => watch.isStalled({ nowMs, pendingBytes, sentBytes: 100_000, ackGapBytes: 0 });
    expect([at(9_000, 1), at(9_001, 1), at(60_000, 0)]).toEqual([false, true, false]);
  });

  test('that is slow, but moves, is not', () => {
    const watch = new StallWatch(8_000, 0);
    for (let nowMs = 0; nowMs < 60_000; nowMs += 7_000) {
      watch.progress(nowMs);
      expect(watch.isStalled({ nowMs: nowMs + 6_999, pendingBytes: 1, sentBytes: nowMs, ackGapBytes: 0 })).toBe(false);
    }
  });
});

describe('the acknowledgements', () => {
  const watchWithAcks = (acks: number, gapBytes: number) => {
    const watch = new StallWatch(8_000, 0);
    for (let i = 1; i <= acks; i += 1) watch.acknowledged(i * gapBytes, i * 200);
    return watch;
  };

  test('that stop while the system still takes data betray a vanished peer', () => {
    const watch = watchWithAcks(4, GAP);
    const at = (nowMs: number, sentBytes: number) => watch.isStalled({ nowMs, sentBytes, pendingBytes: 0, ackGapBytes: GAP });
    expect(at(8_800, 9 * GAP)).toBe(false); // not long enough
    expect(at(8_801, 8 * GAP)).toBe(false); // not enough data
    expect(at(8_801, 9 * GAP)).toBe(true);
  });

  test('of a server with a large window are rare, and that is no stall', () => {
    const watch = watchWithAcks(4, 5_000_000);
    expect(watch.isStalled({ nowMs: 17_000, sentBytes: 25_000_000, pendingBytes: 0, ackGapBytes: 5_000_000 })).toBe(false);
  });

  test('that never were are not missed', () => {
    expect(watchWithAcks(0, 0).isStalled({ nowMs: 60_000, sentBytes: 50_000_000, pendingBytes: 0, ackGapBytes: 0 })).toBe(false);
  });
});
