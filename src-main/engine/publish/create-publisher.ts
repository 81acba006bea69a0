/** The one place that knows which protocols there are. */
import type { Publisher, PublisherOptions } from './publisher.ts';
import { RtmpPublisher } from './rtmp/rtmp-publisher.ts';
import { DEFAULT_TUNING, type PublisherTuning } from './tuning.ts';

/**
 * A publisher for a destination's address. RTMP takes every address for now, wrong ones included:
 * `start` then leads to `stopped` with rtmp.bad-url or rtmp.no-key, so that a bad address is shown like any other failure.
 * @param tuning time limits and trust that differ from the defaults
 */
export function createPublisher(options: PublisherOptions, tuning: Partial<PublisherTuning> = {}): Publisher {
  return new RtmpPublisher(options, { ...DEFAULT_TUNING, ...tuning });
}
