/** Which streams are being made into HLS: each begins with the first request for it, and ends a while after the last. */
import type { LiveStream } from '../../hub/live-stream.ts';
import type { ServerLimits } from '../../limits.ts';
import type { HlsFormat } from './muxers.ts';
import { HlsOutput } from './output.ts';
import { ShowPlan } from './show-plan.ts';
import type { SegmentNumbers } from './window.ts';

/** Lives as long as anything is made of the show. */
class SharedPlan extends ShowPlan {
  readonly users = new Set<HlsOutput>();
}

const PART_MS = 100;

export class HlsOutputs {
  readonly #limits: ServerLimits;
  readonly #running = new Map<LiveStream, Map<HlsFormat, HlsOutput>>();
  readonly #plans = new Map<LiveStream, SharedPlan>();
  readonly #next = new Map<string, SegmentNumbers>();
  /** the highest that any playlist of a show had, by its name */
  readonly #discontinuities = new Map<string, number>();

  constructor(limits: ServerLimits) {
    this.#limits = limits;
  }

  running(stream: LiveStream, format: HlsFormat): HlsOutput | null {
    return this.#running.get(stream)?.get(format) ?? null;
  }

  /** In place of one that is over. @param source of the show that the stream belongs to */
  start(stream: LiveStream, format: HlsFormat, source: LiveStream): HlsOutput {
    this.running(stream, format)?.end();
    const key = `${stream.name} ${format}`;
    const outputs = this.#running.get(stream) ?? new Map<HlsFormat, HlsOutput>();
    const first = this.#first(key);
    const plan = this.#plan(source, first.msn);
    const output = new HlsOutput({
      stream,
      format,
      limits: this.#limits,
      plan,
      isRung: stream !== source,
      first: { ...first, msn: plan.users.size === 0 ? first.msn : (this.#next.get(key)?.msn ?? 0) },
      onEnd: (next) => {
        plan.users.delete(output);
        if (plan.users.size === 0) this.#plans.delete(source);
        this.#next.set(key, next);
        this.#discontinuities.set(source.name, Math.max(next.discontinuity, this.#discontinuities.get(source.name) ?? 0));
        outputs.delete(format);
        if (outputs.size === 0) this.#running.delete(stream);
      },
    });
    plan.users.add(output);
    outputs.set(format, output);
    this.#running.set(stream, outputs);
    return output;
  }

  #plan(source: LiveStream, firstMsn: number): SharedPlan {
    const known = this.#plans.get(source);
    if (known) return known;
    const discontinuitiesAhead = Math.max(0, (this.#discontinuities.get(source.name) ?? 0) - Math.max(0, source.epoch)); // -1: no publisher yet
    const plan = new SharedPlan(this.#limits, { msn: firstMsn, discontinuitiesAhead }, () => source.longestGopMs);
    this.#plans.set(source, plan);
    return plan;
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
