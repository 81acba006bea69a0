/** The one clock: the operating system's monotonic time since an epoch that the engine chose. */

export interface Clock {
  /** microseconds since the epoch */
  nowUs(): number;
  readonly epochNs: bigint;
}

/** @param epochNs process.hrtime.bigint() at engine time 0; monotonic time is shared by all processes of a machine */
export function monotonicClock(epochNs: bigint = process.hrtime.bigint()): Clock {
  return { epochNs, nowUs: () => Number((process.hrtime.bigint() - epochNs) / 1_000n) };
}
