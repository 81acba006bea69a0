/** Follows pictures from their capture over the engine to the sockets of the destinations. */
import type { PipelineLatency } from '../../../src-shared/domain/index.ts';
import { Samples } from '../../../src-shared/samples.ts';
import { US_PER_MS } from '../../../src-shared/units.ts';
import type { Clock } from '../../process/clock.ts';
import type { MediaPacket, VideoPacket } from '../../process/packet.ts';

export class LatencyMeter {
  readonly #clock: Clock;
  readonly #arrivedUs = new WeakMap<VideoPacket, number>();
  readonly #packetMs = new Samples();
  readonly #publishMs = new Samples();
  readonly #totalMs = new Samples();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The encoder has sent a packet. A repeat shows an old picture again: its age says nothing of the way. */
  arrived(packet: MediaPacket): void {
    if (packet.kind !== 'video' || packet.repeated) return;
    const nowUs = this.#clock.nowUs();
    this.#arrivedUs.set(packet, nowUs);
    this.#packetMs.add((nowUs - packet.captureTimeUs) / US_PER_MS);
  }

  /** One destination's socket has given the last byte of a packet to the system. */
  published(packet: VideoPacket): void {
    const arrivedUs = this.#arrivedUs.get(packet);
    if (arrivedUs === undefined) return;
    const nowUs = this.#clock.nowUs();
    this.#publishMs.add((nowUs - arrivedUs) / US_PER_MS);
    this.#totalMs.add((nowUs - packet.captureTimeUs) / US_PER_MS);
  }

  get latency(): PipelineLatency {
    const [packetP50Ms, packetP95Ms] = this.#packetMs.percentiles(0.5, 0.95);
    const [publishP50Ms, publishP95Ms] = this.#publishMs.percentiles(0.5, 0.95);
    const [totalP95Ms] = this.#totalMs.percentiles(0.95);
    return { packetP50Ms, packetP95Ms, publishP50Ms, publishP95Ms, totalP95Ms };
  }
}
