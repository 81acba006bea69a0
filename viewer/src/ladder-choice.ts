/** Which rung is played: the visitor's, or the one that network and computer carry. Applies `quality.ts` to the show. */
import { canPlay } from './capability.ts';
import { newQuality, type QualitySample, type QualityState, stepQuality } from './quality.ts';
import { playableRungs, type Rung } from './rungs.ts';
import { measureBandwidthKbps } from './server-api.ts';

export class LadderChoice {
  rungs: Rung[] = [];
  /** the visitor's; null: chosen here */
  wanted: string | null;
  readonly #unplayable = new Set<string>();
  #state: QualityState | null = null;
  #probing = false;
  #probeKbps: number | null = null;

  constructor(wanted: string | null) {
    this.wanted = wanted;
  }

  /** @param all what the server offers now */
  offer(all: readonly Rung[]): void {
    this.rungs = playableRungs(
      all.filter(({ name }) => !this.#unplayable.has(name)),
      canPlay,
    );
  }

  /** The browser has no decoder for it, though its name said nothing of that. @returns whether there is another */
  ruleOut(name: string): boolean {
    this.#unplayable.add(name);
    this.rungs = this.rungs.filter((rung) => rung.name !== name);
    this.#state = null;
    return this.rungs.length > 0;
  }

  /** The rung to open; null: nothing that the server has can be played here. */
  get current(): string | null {
    const names = this.rungs.map(({ name }) => name);
    if (this.wanted !== null && names.includes(this.wanted)) return this.wanted;
    return names[this.#state?.index ?? names.length - 1] ?? names.at(-1) ?? null;
  }

  get bitrateKbps(): number {
    return this.rungs.find(({ name }) => name === this.current)?.bitrateKbps ?? 0;
  }

  /** A connection began. */
  restart(nowMs: number): void {
    const index = this.rungs.findIndex(({ name }) => name === this.current);
    this.#state = this.#state
      ? { ...this.#state, sinceMs: nowMs, counted: { ...this.#state.counted, atMs: nowMs } }
      : newQuality(nowMs, index);
  }

  /** @returns whether another rung is to be opened */
  step(sample: Omit<QualitySample, 'bitratesKbps' | 'probeKbps'>): boolean {
    if (this.wanted !== null || this.rungs.length < 2 || !this.#state) return false;
    const before = this.current;
    const bitratesKbps = this.rungs.map(({ bitrateKbps }) => bitrateKbps);
    const { state, probe } = stepQuality(this.#state, { ...sample, bitratesKbps, probeKbps: this.#probeKbps });
    this.#state = state;
    this.#probeKbps = null;
    if (probe && !this.#probing) void this.#measure();
    return this.current !== before;
  }

  async #measure(): Promise<void> {
    this.#probing = true;
    this.#probeKbps = await measureBandwidthKbps();
    this.#probing = false;
  }
}
