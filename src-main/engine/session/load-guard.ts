/** Lets a show's encodes give up quality while encoding cannot keep up: the policy of overload.ts on what the encoder measures. */
import type { EncoderStats, VideoSettings } from '../../../src-shared/domain/index.ts';
import type { ActivityInput } from '../monitor/activity-log.ts';
import type { PictureFormat } from '../rate-control/ladder.ts';
import type { ShowWants } from '../rendition/plan.ts';
import { type Load, NO_OVERLOAD, type ReliefStep, reliefSteps, stepOverload } from './overload.ts';

export interface LoadGuardOptions {
  /** of the show */
  video: VideoSettings;
  stats: () => Pick<EncoderStats, 'encodes'>;
  /** somebody's size and frame rate may change */
  mayChangeFormat: () => boolean;
  /** a change is under way, and none can begin */
  busy: () => boolean;
  setRelief: (relief: ShowWants['relief']) => Promise<unknown>;
  tell: (activity: ActivityInput) => void;
}

export class LoadGuard {
  readonly #options: LoadGuardOptions;
  #state = NO_OVERLOAD;
  #step: ReliefStep;
  #preset: VideoSettings['preset'];

  constructor(options: LoadGuardOptions) {
    this.#options = options;
    this.#preset = options.video.preset;
    this.#step = reliefSteps(options.video, false)[0] as ReliefStep;
  }

  /** no encode has a larger one; null: the show's own */
  get format(): PictureFormat | null {
    return this.#step.format;
  }

  /** Encodes are opened anew by others: the load is not judged before that has settled. */
  settle(atUs: number): void {
    this.#state = { ...this.#state, changedUs: atUs };
  }

  /** Once a second. */
  tick(atUs: number): void {
    const { video, stats, mayChangeFormat, busy, setRelief, tell } = this.#options;
    const { encodes } = stats();
    if (encodes.length === 0 || busy()) return; // what is being opened anew is measured when it works
    const steps = reliefSteps(video, mayChangeFormat());
    const before = this.#step;
    this.#state = stepOverload(this.#state, steps, busiest(encodes), atUs);
    this.#step = steps[this.#state.index] ?? before;
    if (this.#step.kind === before.kind && this.#step.preset === before.preset && same(this.#step.format, before.format)) return;
    const { kind, preset } = this.#step;
    tell(activityOf(this.#step, this.#step.cost < before.cost));
    if (preset === this.#preset && kind === before.kind) return; // the format follows by itself
    this.#preset = preset;
    void setRelief(kind === null ? null : { kind, preset });
  }
}

/** The one with the least time left. */
function busiest(encodes: EncoderStats['encodes']): Load {
  const [first] = encodes.toSorted((a, b) => b.queued - a.queued || b.busyPct - a.busyPct);
  const busyPct = Math.max(...encodes.map((encode) => encode.busyPct));
  return { busyPct, queued: first?.queued ?? 0, frameRate: first?.frameRate ?? 1 };
}

const same = (a: PictureFormat | null, b: PictureFormat | null) =>
  a?.widthPx === b?.widthPx && a?.heightPx === b?.heightPx && a?.frameRate === b?.frameRate;

function activityOf({ kind, preset, format: most }: ReliefStep, isDown: boolean): ActivityInput {
  const size = most ? `, ${most.widthPx}×${most.heightPx} at ${most.frameRate} a second at most` : '';
  const now = kind === null ? 'as the profile says' : `preset ${preset}${size}`;
  const event = { kind: 'relief', isDown, relief: kind, preset, most } as const;
  return isDown
    ? {
        level: 'warning',
        subject: 'Encoder',
        message: `Encoding cannot keep up on this machine, so it does less: ${now}. Close other programs, or choose a smaller picture.`,
        event,
      }
    : { level: 'info', subject: 'Encoder', message: `Encoding has room again: ${now}.`, event };
}
