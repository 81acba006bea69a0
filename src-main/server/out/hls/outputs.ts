/** Which streams are being made into HLS: each begins with the first request for it, and ends a while after the last. */
import type { LiveStream } from '../../hub/live-stream.ts';
import type { ServerLimits } from '../../limits.ts';
import type { HlsFormat } from './muxers.ts';
import { HlsOutput } from './output.ts';
import type { SegmentNumbers } from './window.ts';

/** One of the encodings of a show, under its own path. */
export interface Rung {
  name: string;
  stream: LiveStream;
}

const PART_MS = 100;

export class HlsOutputs {
  readonly #limits: ServerLimits;
  readonly #running = new Map<LiveStream, Map<HlsFormat, HlsOutput>>();
  readonly #next = new Map<string, SegmentNumbers>();

  constructor(limits: ServerLimits) {
    this.#limits = limits;
  }

  /** The best first. There is one: what the publisher sends. */
  rungsOf(stream: LiveStream): Rung[] {
    return [{ name: 'source', stream }];
  }

  running(stream: LiveStream, format: HlsFormat): HlsOutput | null {
    return this.#running.get(stream)?.get(format) ?? null;
  }

  /** In place of one that is over. */
  start(stream: LiveStream, format: HlsFormat): HlsOutput {
    this.running(stream, format)?.end();
    const key = `${stream.name} ${format}`;
    const outputs = this.#running.get(stream) ?? new Map<HlsFormat, HlsOutput>();
    const output = new HlsOutput({
      stream,
      format,
      limits: this.#limits,
      first: this.#first(key),
      onEnd: (next) => {
        this.#next.set(key, next);
        outputs.delete(format);
        if (outputs.size === 0) this.#running.delete(stream);
      },
    });
    outputs.set(format, output);
    this.#running.set(stream, outputs);
    return output;
  }

  /**
   * Numbers that nothing has had before, though nothing is kept of those before a restart of the server: caches keep
   * segments by their names, and a player that stayed is to see them rise. Segments last longer than a second, parts
   * longer than a tenth, so the wall clock is ahead of any count that began with it.
   */
  #first(key: string): SegmentNumbers {
    const before = this.#next.get(key) ?? { msn: 0, part: 0, init: 0, discontinuity: 0 };
    const nowMs = Date.now();
    return {
      msn: Math.max(before.msn, Math.floor(nowMs / 1_000)),
      part: Math.max(before.part, Math.floor(nowMs / PART_MS)),
      init: Math.max(before.init, Math.floor(nowMs / 1_000)),
      discontinuity: before.discontinuity,
    };
  }
}
