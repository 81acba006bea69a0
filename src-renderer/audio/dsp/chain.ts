/** A strip's filters, in the order that the user has given them. */
import type { AudioFilter, AudioFilterOf } from '../../../src-shared/domain/audio-filter.ts';
import { Compressor, Expander } from './dynamics.ts';
import { Equaliser } from './equaliser.ts';
import { Gain } from './gain.ts';
import { Limiter } from './limiter.ts';
import { NoiseGate } from './noise-gate.ts';
import { type Denoiser, NoiseSuppression } from './noise-suppression.ts';
import type { Processor, StereoBlock } from './processor.ts';

interface Step {
  settings: AudioFilter;
  processor: Processor<never>;
}

export class FilterChain {
  readonly #openDenoiser: (() => Denoiser) | null;
  #steps: Step[] = [];

  /** @param openDenoiser null: noise suppression lets everything pass, as where WebAssembly could not be loaded */
  constructor(openDenoiser: (() => Denoiser) | null) {
    this.#openDenoiser = openDenoiser;
  }

  /** Those that stay go on with what they have heard, also in another place. */
  set(filters: readonly AudioFilter[]): void {
    const before = new Map(this.#steps.map((step) => [step.settings.id, step]));
    this.#steps = filters.flatMap((settings) => {
      if (!settings.enabled) return [];
      const kept = before.get(settings.id);
      if (kept?.settings.kind === settings.kind) {
        before.delete(settings.id);
        kept.processor.set(settings as never);
        return [{ settings, processor: kept.processor }];
      }
      const processor = this.#create(settings);
      return processor ? [{ settings, processor }] : [];
    });
    for (const { processor } of before.values()) if (processor instanceof NoiseSuppression) processor.close();
  }

  get latencyFrames(): number {
    return this.#steps.reduce((sum, { processor }) => sum + processor.latencyFrames, 0);
  }

  /** @param keyOf what a strip gives; silence where there is none of that name */
  process(left: Float32Array, right: Float32Array, keyOf: (sideChainId: string | null) => StereoBlock): void {
    for (let index = 0; index < this.#steps.length; index++) {
      const { settings, processor } = this.#steps[index]!;
      processor.process(left, right, keyOf(settings.kind === 'compressor' ? settings.sideChainId : null));
    }
  }

  close(): void {
    this.set([]);
  }

  #create(settings: AudioFilter): Processor<never> | null {
    switch (settings.kind) {
      case 'gain':
        return new Gain(settings);
      case 'noiseSuppression':
        return this.#openDenoiser && new NoiseSuppression(this.#openDenoiser);
      case 'noiseGate':
        return new NoiseGate(settings);
      case 'expander':
        return new Expander(settings);
      case 'equaliser':
        return new Equaliser(settings);
      case 'compressor':
        return new Compressor(settings);
      case 'limiter':
        return new Limiter(settings);
      default:
        return settings satisfies never;
    }
  }
}

/** The strips whose level a chain listens to. */
export function keysOf(filters: readonly AudioFilter[]): string[] {
  const compressors = filters.filter((filter): filter is AudioFilterOf<'compressor'> => filter.kind === 'compressor' && filter.enabled);
  return compressors.flatMap(({ sideChainId }) => sideChainId ?? []);
}
