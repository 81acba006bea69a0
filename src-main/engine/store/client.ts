import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { type Failure, StudioError } from '../../../src-shared/errors.ts';
import { storeMethods } from './methods.ts';
import { type FromWorker, type StoreCall, type StoreInput, type StoreOutput, storeCalls, type ToWorker } from './protocol.ts';
import type { Store, StoreOptions } from './store.ts';

/** A worker that ends this often within a minute is not started again. */
const RESTARTS_MAX = 3;
const RESTARTS_WINDOW_MS = 60_000;

/**
 * Opens the store of a data folder, making what is missing: the folder, the file, the first profile, scenes and destination.
 * @throws store.folder, store.in-use, store.newer-version, store.corrupt
 */
export async function openStore(dataDirectory: string, options: StoreOptions = {}): Promise<Store> {
  const client = new StoreClient(dataDirectory, options.log ?? (() => {}));
  const { incidents } = await client.opened;
  const call = client.call.bind(client);
  const close = () => client.close();
  return { incidents, ...storeMethods(call), close, [Symbol.asyncDispose]: close };
}

interface PendingCall {
  name: StoreCall;
  resolve: (value: unknown) => void;
  reject: (error: StudioError) => void;
}

/** Speaks to the worker, and starts it again when it dies. */
class StoreClient {
  readonly #directory: string;
  readonly #log: (line: string) => void;
  readonly #pending = new Map<number, PendingCall>();
  #worker: Worker | null = null;
  #opened: Promise<{ incidents: Failure[] }>;
  #lastId = 0;
  #restartsMs: number[] = [];
  #closed: Promise<void> | null = null;

  constructor(directory: string, log: (line: string) => void) {
    this.#directory = directory;
    this.#log = log;
    this.#opened = this.#start();
  }

  get opened(): Promise<{ incidents: Failure[] }> {
    return this.#opened;
  }

  async call<N extends StoreCall>(name: N, input: StoreInput<N>): Promise<StoreOutput<N>> {
    if (this.#closed && name !== 'close') throw new StudioError('store.unavailable', 'The store is closed: Tidecast is ending.');
    await this.#opened;
    const worker = this.#worker;
    if (!worker)
      throw new StudioError(
        'store.unavailable',
        'The store keeps failing and was not started again. Start Tidecast again; what was saved is safe.',
      );
    const id = ++this.#lastId;
    const value = await new Promise<unknown>((resolve, reject) => {
      this.#pending.set(id, { name, resolve, reject });
      worker.postMessage({ id, name, input } satisfies ToWorker);
    });
    const parsed = storeCalls[name].output.safeParse(value);
    if (!parsed.success)
      throw new StudioError('ipc.bad-output', `${name}: ${parsed.error.issues[0]?.message ?? 'does not fit its schema'}`);
    return parsed.data as StoreOutput<N>;
  }

  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    const worker = this.#worker;
    if (!worker) return;
    const ended = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
    await this.call('close', undefined).catch((error: unknown) => this.#log(`store: closing failed: ${String(error)}`));
    await ended;
  }

  #start(): Promise<{ incidents: Failure[] }> {
    const worker = new Worker(workerFile(), { workerData: { directory: this.#directory }, execArgv: [] });
    this.#worker = worker;
    return new Promise((resolve, reject) => {
      worker.on('message', (message: FromWorker) => {
        if (message.type === 'log') this.#log(message.line);
        else if (message.type === 'reply') this.#settle(message);
        else if (message.opened.ok) resolve(message.opened.value);
        else reject(new StudioError(message.opened.code, message.opened.message));
      });
      worker.on('error', (error) => this.#log(`store: the worker failed: ${String(error)}`));
      worker.on('exit', (code) => {
        const failed = gone();
        reject(failed);
        this.#onExit(worker, code, failed);
      });
    });
  }

  #settle({ id, result }: Extract<FromWorker, { type: 'reply' }>): void {
    const pending = this.#pending.get(id);
    this.#pending.delete(id);
    if (result.ok) pending?.resolve(result.value);
    else pending?.reject(new StudioError(result.code, result.message));
  }

  /** What was being asked may or may not have been committed: the caller is told, and decides. */
  #onExit(worker: Worker, code: number, failed: StudioError): void {
    if (this.#worker !== worker) return;
    this.#worker = null;
    for (const pending of this.#pending.values()) pending.reject(failed);
    this.#pending.clear();
    if (this.#closed) return;
    void this.#opened.then(
      () => this.#restart(code),
      () => {},
    ); // a store that never opened has told its reason
  }

  #restart(code: number): void {
    const nowMs = performance.now();
    this.#restartsMs = [...this.#restartsMs.filter((atMs) => atMs > nowMs - RESTARTS_WINDOW_MS), nowMs];
    if (this.#restartsMs.length > RESTARTS_MAX) {
      this.#log(`store: the worker ended ${this.#restartsMs.length} times in a minute (exit ${code}); not started again`);
      return;
    }
    this.#log(`store: the worker ended (exit ${code}); starting it again`);
    this.#opened = this.#start();
    this.#opened.catch((error: unknown) => this.#log(`store: ${String(error)}`));
  }
}

function gone(): StudioError {
  return new StudioError(
    'store.unavailable',
    'The store stopped in mid-call and is started again. What was saved is safe; repeat the last change.',
  );
}

/** TypeScript when run from the sources, the bundle beside us otherwise. */
function workerFile(): string {
  const source = fileURLToPath(new URL('./worker.ts', import.meta.url));
  if (import.meta.url.endsWith('.ts') && existsSync(source)) return source;
  return fileURLToPath(new URL('./store-worker.js', import.meta.url));
}
