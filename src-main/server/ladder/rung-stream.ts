/** A rung as a stream of its own, which viewers watch like any other: pictures from the ladder, sound as the source has it. */
import type { LadderPicture } from '../../process/ladder-contract.ts';
import type { AmfObject } from '../../wire/amf0.ts';
import { buildAvcBody } from '../../wire/flv.ts';
import type { MediaFrame } from '../hub/frame.ts';
import { LiveStream } from '../hub/live-stream.ts';
import type { FrameOrigin, PublisherLease } from '../hub/publisher.ts';
import type { ServerLimits } from '../limits.ts';
import type { RungPlan } from './policy.ts';
import type { SourceFormat } from './source-picture.ts';

/** Sound waits for the pictures of its time, so that both come in the source's order; pictures that do not come hold it no longer. */
const SOUND_WAITS_MS = 3_000;
/** of onMetaData: AVC (Adobe, Video File Format Specification 10.1, E.4.3.1) */
const AVC_ID = 7;

/** The source's times, which rise already: a rung that invents others would no longer fit to the rest. */
class SourceTimeline {
  readonly #lastMs = { video: -1, audio: -1 };

  restart(): void {}

  place(kind: 'video' | 'audio', timeMs: number): number {
    this.#lastMs[kind] = Math.max(timeMs, this.#lastMs[kind] + 1);
    return this.#lastMs[kind];
  }
}

export class RungStream {
  plan: RungPlan;
  readonly stream: LiveStream;
  /** when somebody last watched or asked for it */
  usedAtMs = performance.now();
  /** of the source, when it began last */
  epoch: number | null = null;
  readonly #requestIdr: () => void;
  #lease: PublisherLease | null = null;
  #sounds: MediaFrame[] = [];
  #header: Uint8Array | null = null;
  #lastMs: number | null = null;

  constructor(source: LiveStream, plan: RungPlan, limits: ServerLimits, requestIdr: () => void) {
    this.plan = plan;
    this.#requestIdr = requestIdr;
    const part = { counters: source.counters, timeline: new SourceTimeline() };
    this.stream = new LiveStream(`${source.name}/${plan.name}`, limits, null, part);
  }

  /** pictures come */
  get running(): boolean {
    return this.#lease !== null && this.#lastMs !== null;
  }

  /** of its last picture; what a ladder that was started anew makes has to lie behind it */
  get lastMs(): number | null {
    return this.#lastMs;
  }

  /** The show begins, or goes on in another format. */
  begin(epoch: number, format: SourceFormat, audioHeader: Uint8Array | null): void {
    this.release();
    this.epoch = epoch;
    this.#lease = this.stream.publish({ dismiss: () => {}, requestIdr: this.#requestIdr });
    this.#lease?.metadata(rungMetadata(format.metadata, this.plan));
    if (this.#header) this.#lease?.media('video', 0, this.#header);
    if (audioHeader) this.#lease?.media('audio', 0, audioHeader);
  }

  /** The source has no publisher. */
  release(): void {
    this.epoch = null;
    this.#lease?.release();
    this.#lease = null;
    this.#sounds = [];
  }

  header(config: Uint8Array): void {
    this.#header = buildAvcBody({ key: true, packet: 'header', compositionMs: 0, data: config });
    this.#lease?.media('video', 0, this.#header);
  }

  picture({ dtsMs, ptsMs, key, data }: LadderPicture, origin: FrameOrigin): void {
    if (this.#lastMs === null) this.#sounds = this.#sounds.filter(({ timestampMs }) => timestampMs >= dtsMs);
    this.#giveSounds(dtsMs);
    const body = buildAvcBody({ key, packet: 'nalu', compositionMs: ptsMs - dtsMs, data });
    this.#lease?.media('video', dtsMs, body, origin);
    this.#lastMs = dtsMs;
  }

  sound(frame: MediaFrame): void {
    if (!this.#lease) return;
    this.#sounds.push(frame);
    const untilMs = frame.timestampMs - SOUND_WAITS_MS;
    if (this.#lastMs === null) this.#sounds = this.#sounds.filter(({ timestampMs }) => timestampMs > untilMs);
    else this.#giveSounds(untilMs);
  }

  close(): void {
    this.release();
    this.stream.close();
  }

  #giveSounds(untilMs: number): void {
    while (this.#sounds[0] && this.#sounds[0].timestampMs <= untilMs) {
      const { timestampMs, body, epoch, aligned, arrivedAtMs } = this.#sounds.shift() as MediaFrame;
      this.#lease?.media('audio', timestampMs, body, { epoch, aligned, arrivedAtMs });
    }
  }
}

function rungMetadata(source: AmfObject, { video }: RungPlan): AmfObject {
  return { ...source, width: video.widthPx, height: video.heightPx, videodatarate: video.bitrateKbps, videocodecid: AVC_ID };
}
