/** Which rung is played: the visitor's, or the one that network and computer carry. Applies `quality.ts` to the show. */
import { newQuality, type QualitySample, type QualityState, stepQuality } from './quality.ts';
import { pixels, playableRungs, type Rung } from './rungs.ts';
import { measureBandwidthKbps } from './server-api.ts';

export class LadderChoice {
  rungs: Rung[] = [];
  /** the visitor's; null: chosen here */
  wanted: string | null;
  readonly #canPlay: (codecs: string) => boolean;
  readonly #unplayable = new Set<string>();
  /** by indices into the list as it was: `#indexed` brings it to the one of now */
  #state: QualityState | null = null;
  /** the rung in use, and the largest that did not drop pictures: the server's list changes, so never by place in it */
  #used: Rung | null = null;
  #decodes: Rung | null = null;
  #probing = false;
  #probeKbps: number | null = null;

  /** @param canPlay whether this browser decodes a list of codecs as in RFC 6381 */
  constructor(wanted: string | null, canPlay: (codecs: string) => boolean) {
    this.wanted = wanted;
    this.#canPlay = canPlay;
  }

  /** @param all what the server offers now */
  offer(all: readonly Rung[]): void {
    this.rungs = playableRungs(
      all.filter(({ name }) => !this.#unplayable.has(name)),
      this.#canPlay,
    );
    const { rungs } = this;
    this.#used = rungs.find(({ name }) => name === this.#used?.name) ?? this.#used; // its size is known by now, perhaps
  }

  /** The browser has no decoder for it, though its name said nothing of that. @returns whether there is another */
  ruleOut(name: string): boolean {
    this.#unplayable.add(name);
    this.rungs = this.rungs.filter((rung) => rung.name !== name);
    this.#state = null;
    this.#used = null;
    return this.rungs.length > 0;
  }

  /** The rung to open; null: nothing that the server has can be played here. */
  get current(): string | null {
    const names = this.rungs.map(({ name }) => name);
    if (this.wanted !== null && names.includes(this.wanted)) return this.wanted;
    return names[this.#used ? this.#indexOf(this.#used) : names.length - 1] ?? null;
  }

  get bitrateKbps(): number {
    return this.rungs.find(({ name }) => name === this.current)?.bitrateKbps ?? 0;
  }

  /** A connection began. */
  restart(nowMs: number): void {
    const { current } = this;
    if (this.#state === null || this.wanted === null) this.#used = this.rungs.find(({ name }) => name === current) ?? this.#used;
    const state = this.#indexed() ?? newQuality(nowMs, 0);
    this.#state = { ...state, sinceMs: nowMs, counted: { ...state.counted, atMs: nowMs } };
  }

  /** @returns whether another rung is to be opened */
  step(sample: Omit<QualitySample, 'bitratesKbps' | 'probeKbps'>): boolean {
    const before = this.#indexed();
    if (this.wanted !== null || this.rungs.length < 2 || !before) return false;
    const bitratesKbps = this.rungs.map(({ bitrateKbps }) => bitrateKbps);
    const { state, probe } = stepQuality(before, { ...sample, bitratesKbps, probeKbps: this.#probeKbps });
    this.#state = state;
    this.#probeKbps = null;
    if (state.decodes !== before.decodes) this.#decodes = this.rungs[state.decodes.maxIndex] ?? null;
    const changed = state.index !== before.index;
    if (changed) this.#used = this.rungs[state.index] ?? this.#used;
    if (probe && !this.#probing) void this.#measure();
    return changed;
  }

  /** The state by the list of now. */
  #indexed(): QualityState | null {
    const [state, used, decodes] = [this.#state, this.#used, this.#decodes];
    if (!state || !used) return state;
    const maxIndex = decodes ? this.#indexOf(decodes) : Number.POSITIVE_INFINITY;
    return { ...state, index: this.#indexOf(used), decodes: { ...state.decodes, maxIndex } };
  }

  /** Where it is; of one that is not offered now, where the next smaller one is. */
  #indexOf(rung: Rung): number {
    const index = this.rungs.findIndex(({ name }) => name === rung.name);
    return index >= 0
      ? index
      : Math.max(
          0,
          this.rungs.findLastIndex((other) => pixels(other) <= pixels(rung)),
        );
  }

  async #measure(): Promise<void> {
    this.#probing = true;
    this.#probeKbps = await measureBandwidthKbps();
    this.#probing = false;
  }
}
