/** Which encoder each rendition has now, and why: the policy of fallback.ts with the show's renditions. */
import { Emitter } from '../../../src-shared/disposable.ts';
import {
  describeEncoder,
  type EncoderChoice,
  type Rendition,
  type RenditionId,
  type VideoCodec,
  type VideoEncoderName,
} from '../../../src-shared/domain/index.ts';
import { US_PER_S } from '../../../src-shared/units.ts';
import type { ActivityInput } from '../monitor/activity-log.ts';
import { isSameEncode, RECORDING_RENDITION, type RenditionPlan } from '../rendition/plan.ts';
import {
  type Chosen,
  chooseEncoder,
  codecOf,
  type FallbackState,
  fallbackChain,
  keyOf,
  NO_TROUBLE,
  noteFailure,
  retryAtUs,
  settingsFor,
} from './fallback.ts';

/** A better encoder is tried where an IDR is due anyway, so that the trial costs none. */
const IDR_EARLY_US = 100_000;

export interface EncoderChanged {
  from: EncoderChoice;
  to: EncoderChoice;
  /** it failed; or it is tried again */
  why: 'failed' | 'again';
  /** when the better one is tried again */
  inMinutes: number | null;
}

interface Kept extends Chosen {
  wanted: Rendition;
  keyUs: number;
}

/** What was asked for when the file of a rendition began, and what was in use instead; null: it began with the rendition. */
type Began = { asked: VideoCodec; used: VideoCodec } | null;

export class EncoderChoices {
  readonly changed = new Emitter<EncoderChanged>();
  readonly #works: () => readonly VideoEncoderName[];
  readonly #chosen = new Map<RenditionId, Kept>();
  #list: readonly VideoEncoderName[] = [];
  /** the renditions that go into a file, or are to in a moment */
  #recorded: ReadonlyMap<RenditionId, Began> = new Map();
  /** those whose destinations take H.264 only */
  #ordinary: ReadonlySet<RenditionId> = new Set();
  #state: FallbackState = NO_TROUBLE;

  /** @param works what a probe has found to work */
  constructor(works: () => readonly VideoEncoderName[]) {
    this.#works = works;
  }

  /** What the show wants from now on. */
  plan({ renditions, fallback, recorded, ordinary }: Pick<RenditionPlan, 'renditions' | 'fallback' | 'recorded' | 'ordinary'>): void {
    this.#list = fallback;
    this.#ordinary = ordinary;
    for (const [id, kept] of this.#chosen) {
      const wanted = renditions.find((rendition) => rendition.id === id);
      if (!wanted) this.#chosen.delete(id);
      else if (isSameEncode(wanted.video, kept.wanted.video)) kept.wanted = wanted; // the others are opened anew: `apply`
    }
    // one of its own goes into a file, also while that file moves over to another
    const own = renditions.flatMap(({ id }) => (id === RECORDING_RENDITION ? [id] : []));
    const files = new Set([...own, ...(recorded === null ? [] : [recorded])]);
    if (files.size === this.#recorded.size && [...files].every((id) => this.#recorded.has(id))) return;
    this.#recorded = new Map([...files].map((id) => [id, this.#recorded.get(id) ?? this.#began(id)]));
    // what is better is another one while there is a file, and when it has ended
    for (const one of this.#chosen.values()) one.retryAtUs = retryAtUs(this.#state, this.#chain(one.wanted), one.choice);
  }

  /** The rendition as it is to be opened now. */
  apply(wanted: Rendition, atUs: number): Rendition {
    const chain = this.#chain(wanted);
    const chosen = chooseEncoder(this.#state, chain, atUs);
    const before = this.#chosen.get(wanted.id);
    this.#chosen.set(wanted.id, { ...chosen, wanted, keyUs: Number.POSITIVE_INFINITY });
    const isAsked = before?.wanted.video.encoder !== wanted.video.encoder; // the user's own wish is no news
    if (before && !isAsked && keyOf(before.choice) !== keyOf(chosen.choice)) this.#tell(before.choice, chosen, chain, atUs);
    return { id: wanted.id, video: settingsFor(wanted.video, chosen.choice) };
  }

  /** It did not come up. @returns whether there is another one to try */
  openFailed(id: RenditionId, atUs: number): boolean {
    const chosen = this.#chosen.get(id);
    if (!chosen) return false;
    this.#state = noteFailure(this.#state, chosen.choice, 'open', atUs);
    return keyOf(chooseEncoder(this.#state, this.#chain(chosen.wanted), atUs).choice) !== keyOf(chosen.choice);
  }

  /** It worked and failed. @param id null: the whole process, which a driver is likelier to end than software */
  workFailed(id: RenditionId | null, atUs: number): void {
    const concerned = id === null ? this.#suspects() : [this.#chosen.get(id)].flatMap((chosen) => (chosen ? [chosen.choice] : []));
    const once = new Map(concerned.map((choice) => [keyOf(choice), choice]));
    for (const choice of once.values()) this.#state = noteFailure(this.#state, choice, 'work', atUs);
  }

  /** A picture of the rendition has come. @returns true where a better encoder is to be tried with the next one */
  isDue(id: RenditionId, key: boolean, atUs: number): boolean {
    const chosen = this.#chosen.get(id);
    if (!chosen) return false;
    if (key) chosen.keyUs = atUs;
    const { retryAtUs, wanted, keyUs } = chosen;
    return retryAtUs !== null && atUs >= retryAtUs && atUs - keyUs >= wanted.video.keyframeIntervalS * US_PER_S - IDR_EARLY_US;
  }

  wanted(id: RenditionId): Rendition | null {
    return this.#chosen.get(id)?.wanted ?? null;
  }

  /** what each rendition has */
  states(): { wanted: Rendition; used: Rendition; retryAtUs: number | null }[] {
    return [...this.#chosen.values()].map(({ wanted, choice, retryAtUs }) => ({
      wanted,
      used: { id: wanted.id, video: settingsFor(wanted.video, choice) },
      retryAtUs,
    }));
  }

  #chain({ id, video }: Rendition): EncoderChoice[] {
    return fallbackChain(video, { list: this.#list, works: this.#works(), onlyCodec: this.#onlyCodec(id, video.codec) });
  }

  #onlyCodec(id: RenditionId, asked: VideoCodec): VideoCodec | null {
    if (this.#ordinary.has(id)) return 'h264';
    const began = this.#recorded.get(id);
    return began === undefined ? null : fileCodecOf(began, asked);
  }

  #began(id: RenditionId): Began {
    const kept = this.#chosen.get(id);
    return kept ? { asked: kept.wanted.video.codec, used: codecOf(kept.choice.encoder) } : null;
  }

  #suspects(): EncoderChoice[] {
    const choices = [...this.#chosen.values()].map(({ choice }) => choice);
    const hardware = choices.filter(({ encoder }) => describeEncoder(encoder).hardware);
    return hardware.length > 0 ? hardware : choices;
  }

  #tell(from: EncoderChoice, { choice, retryAtUs }: Chosen, chain: readonly EncoderChoice[], atUs: number): void {
    const rank = (one: EncoderChoice) => chain.findIndex((other) => keyOf(other) === keyOf(one));
    if (rank(from) === -1) return; // it is not the one for this codec any more
    const inMinutes = retryAtUs === null ? null : Math.max(1, Math.round((retryAtUs - atUs) / 60 / US_PER_S));
    this.changed.emit({ from, to: choice, why: rank(choice) > rank(from) ? 'failed' : 'again', inMinutes });
  }
}

/** A file has the codec that was in use when it began, until the user asks for another one. */
const fileCodecOf = (began: Began, asked: VideoCodec): VideoCodec => (began?.asked === asked ? began.used : asked);

/** A line for the user. */
export function changeActivity({ from, to, why, inMinutes }: EncoderChanged): ActivityInput {
  const name = ({ encoder, fast }: EncoderChoice) => (fast ? `${encoder} at a fast preset` : encoder);
  if (why === 'again') {
    const message = `${name(to)} is tried again in the place of ${name(from)}.`;
    return { level: 'info', subject: 'Encoder', message, event: { kind: 'encoder-again', from, to } };
  }
  const later = inMinutes === null ? '' : ` It is tried again in ${inMinutes} ${inMinutes === 1 ? 'minute' : 'minutes'}.`;
  const message = `${name(from)} keeps failing, so ${name(to)} takes its place and the show goes on.${later}`;
  return { level: 'warning', subject: 'Encoder', message, event: { kind: 'encoder-fallback', from, to, inMinutes } };
}
