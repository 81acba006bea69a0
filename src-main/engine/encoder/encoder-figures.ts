/** What an encoder process counts, over the processes of one session. */
import type { EncoderStats, EncodeState } from '../../../src-shared/domain/index.ts';
import type { EncodeLoad, EncoderOwnStats } from '../../process/encoder-contract.ts';
import type { EncoderChoices } from './encoder-choices.ts';

type ChoiceState = ReturnType<EncoderChoices['states']>[number];

const NO_STATS: EncoderOwnStats = {
  framesNew: 0,
  framesRepeated: 0,
  framesLate: 0,
  silenceMs: 0,
  audioRebases: 0,
  encodeP50Ms: 0,
  encodeP95Ms: 0,
  cpuPct: 0,
  rssBytes: 0,
  loads: [],
};

const COUNTERS = ['framesNew', 'framesRepeated', 'framesLate', 'silenceMs', 'audioRebases'] as const;
type Counters = Record<(typeof COUNTERS)[number], number>;

export class EncoderFigures {
  /** of this process, which counts since it started */
  #stats: EncoderOwnStats = NO_STATS;
  /** what the process had counted when the session began, negative; and what those before it counted in the session */
  #carried: Counters = NO_STATS;
  #restarts = 0;

  /** A session begins, perhaps with a process that has been counting. */
  begin(): void {
    this.#carried = combine(NO_STATS, this.#stats, -1);
    this.#restarts = 0;
  }

  heard(stats: EncoderOwnStats): void {
    this.#stats = stats;
  }

  /** The process has; the next one counts from zero. */
  ended(): void {
    this.#carried = combine(this.#carried, this.#stats, 1);
    this.#stats = NO_STATS;
  }

  restarted(): void {
    this.#restarts += 1;
  }

  read(states: readonly ChoiceState[], relief: EncoderStats['relief']): EncoderStats {
    const { loads, ...own } = this.#stats;
    const encodes = states.map((state) => encodeState(state, loads));
    return { ...own, ...combine(own, this.#carried, 1), restarts: this.#restarts, encodes, relief };
  }
}

function combine(a: Counters, b: Counters, sign: 1 | -1): Counters {
  return Object.fromEntries(COUNTERS.map((name) => [name, a[name] + sign * b[name]])) as Counters;
}

function encodeState({ wanted, used, retryAtUs }: ChoiceState, loads: readonly EncodeLoad[]): EncodeState {
  const { encoder, preset, widthPx, heightPx, frameRate } = used.video;
  const load = loads.find(({ renditionId }) => renditionId === used.id);
  return {
    renditionId: used.id,
    encoder,
    preset,
    widthPx,
    heightPx,
    frameRate,
    insteadOf: encoder === wanted.video.encoder ? null : wanted.video.encoder,
    retryAtUs,
    busyPct: load?.busyPct ?? 0,
    queued: load?.queued ?? 0,
  };
}
