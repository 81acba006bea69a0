/** An engine that is started again when it dies: windows find the new one with their next `shell.engine`. */
import type { WebContents } from 'electron';
import type { Unsubscribe } from '../../src-shared/disposable.ts';
import { StudioError } from '../../src-shared/errors.ts';
import type { EngineLink } from './engine-link.ts';

export interface MortalEngine extends EngineLink {
  onExit(listener: () => void): Unsubscribe;
}

const AGAIN_AFTER_MS = 500;
/** An engine that dies this many times in a row without having lived long is not started again. */
const FAILURES_MAX = 5;
const LIVED_LONG_MS = 60_000;

export class KeptEngine implements EngineLink {
  readonly #start: () => Promise<MortalEngine>;
  #engine: Promise<MortalEngine>;
  #failures = 0;
  #stopping = false;

  private constructor(start: () => Promise<MortalEngine>, first: MortalEngine) {
    this.#start = start;
    this.#engine = Promise.resolve(first);
    this.#watch(first);
  }

  /** @throws what `start` throws the first time: there is no studio without an engine */
  static async start(start: () => Promise<MortalEngine>): Promise<KeptEngine> {
    return new KeptEngine(start, await start());
  }

  async connectRenderer(contents: WebContents): ReturnType<EngineLink['connectRenderer']> {
    return (await this.#engine).connectRenderer(contents);
  }

  async openMediaPort(contents: WebContents, requestId: string): Promise<void> {
    await (await this.#engine).openMediaPort(contents, requestId);
  }

  async asset(id: string): ReturnType<EngineLink['asset']> {
    return (await this.#engine).asset(id);
  }

  networkBack(): void {
    void this.#engine.then(
      (engine) => engine.networkBack(),
      () => {},
    );
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    await this.#engine.then(
      (engine) => engine.stop(),
      () => {},
    );
  }

  #watch(engine: MortalEngine): void {
    const bornMs = performance.now();
    engine.onExit(() => {
      if (this.#stopping) return;
      this.#failures = performance.now() - bornMs > LIVED_LONG_MS ? 1 : this.#failures + 1;
      this.#engine = this.#again();
      this.#engine.catch(() => {}); // whoever asks next is told
    });
  }

  async #again(): Promise<MortalEngine> {
    for (;;) {
      if (this.#failures > FAILURES_MAX)
        throw new StudioError('internal', 'The studio engine keeps ending. Quit Tidecast, start it again, and look at its log.');
      await new Promise((resolve) => setTimeout(resolve, AGAIN_AFTER_MS * this.#failures));
      if (this.#stopping) throw new StudioError('internal', 'Tidecast is quitting.');
      const engine = await this.#start().catch(() => null);
      if (engine) {
        this.#watch(engine);
        return engine;
      }
      this.#failures += 1;
    }
  }
}
