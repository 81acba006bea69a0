/** The engine in a utilityProcess, as it is shipped: calls, pictures and sound travel over MessagePorts. */
import type { UtilityProcess, WebContents } from 'electron';
import { Emitter, type Unsubscribe } from '../../src-shared/disposable.ts';
import { StudioError } from '../../src-shared/errors.ts';
import type { FromEngine, ToEngine } from '../engine/main.ts';
import { defaultDataDirectory } from '../process/data-directory.ts';
import { APP_ORIGIN } from './app-scheme.ts';
import type { MortalEngine } from './kept-engine.ts';
import { joinPage } from './ports.ts';
import { forkService, UtilityServices } from './utility-services.ts';

type Asset = { bytes: Uint8Array; mimeType: string } | null;
const START_LIMIT_MS = 30_000;
const STOP_LIMIT_MS = 8_000;

export class UtilityEngine implements MortalEngine {
  readonly #child: UtilityProcess;
  readonly #services: UtilityServices;
  readonly #assets = new Map<number, (asset: Asset) => void>();
  #nextRequest = 1;
  readonly #exits = new Emitter<null>();
  #exited = false;

  private constructor(child: UtilityProcess, mainDirectory: string) {
    this.#child = child;
    this.#services = new UtilityServices(mainDirectory, child);
    child.on('exit', () => {
      this.#exited = true;
      for (const answer of this.#assets.values()) answer(null);
      this.#assets.clear();
      this.#services.killAll();
      this.#exits.emit(null);
    });
  }

  /** @throws StudioError the engine's own reason, when it did not come up */
  static async start(mainDirectory: string, version: string): Promise<UtilityEngine> {
    const child = forkService(mainDirectory, 'engine');
    const engine = new UtilityEngine(child, mainDirectory);
    const ready = new Promise<void>((resolve, reject) => {
      child.on('message', (message: FromEngine) => engine.#receive(message, resolve, reject));
      child.once('exit', (code) => reject(new StudioError('internal', `The studio engine ended while it was starting (${code}).`)));
      setTimeout(() => reject(new StudioError('internal', 'The studio engine did not start in time.')), START_LIMIT_MS).unref();
    });
    engine.#send({
      type: 'engine.start',
      options: { dataDirectory: defaultDataDirectory(), version, media: 'port', allowedOrigins: [APP_ORIGIN], logLevel: 'info' },
    });
    await ready.catch(async (error: unknown) => {
      await engine.stop(); // it may hold the data folder, and the next one needs it
      throw error;
    });
    return engine;
  }

  onExit(listener: () => void): Unsubscribe {
    return this.#exits.on(listener);
  }

  connectRenderer(contents: WebContents): Promise<{ kind: 'port' }> {
    joinPage(contents, { tidecast: 'engine-port' }, this.#child, 'renderer');
    return Promise.resolve({ kind: 'port' });
  }

  openMediaPort(contents: WebContents, requestId: string): void {
    const encoder = this.#services.find('encoder');
    if (!encoder) throw new StudioError('media.not-connected', 'The encoder is not running yet; it is being started.');
    joinPage(contents, { tidecast: 'media-port', requestId }, encoder, 'media');
  }

  asset(id: string): Promise<Asset> {
    if (this.#exited) return Promise.resolve(null);
    return new Promise((resolve) => {
      const requestId = this.#nextRequest++;
      this.#assets.set(requestId, resolve);
      this.#send({ type: 'engine.asset', requestId, id });
    });
  }

  networkBack(): void {
    if (!this.#exited) this.#send({ type: 'engine.networkBack' });
  }

  async stop(): Promise<void> {
    if (this.#exited) return;
    const ended = new Promise<void>((resolve) => this.#child.once('exit', () => resolve()));
    this.#send({ type: 'engine.stop' });
    const late = setTimeout(() => this.#killHard(), STOP_LIMIT_MS);
    await ended;
    clearTimeout(late);
  }

  /** `UtilityProcess.kill` asks politely: one that hangs does not hear it. */
  #killHard(): void {
    if (this.#child.pid !== undefined) process.kill(this.#child.pid, 'SIGKILL');
  }

  #receive(message: FromEngine, ready: () => void, failed: (error: StudioError) => void): void {
    switch (message.type) {
      case 'engine.ready':
        return ready();
      case 'engine.failed':
        return failed(new StudioError(message.code, message.message));
      case 'engine.asset':
        this.#assets.get(message.requestId)?.(message.asset);
        return void this.#assets.delete(message.requestId);
      default:
        return this.#services.request(message);
    }
  }

  #send(message: ToEngine): void {
    this.#child.postMessage(message);
  }
}
