/** How a process of ours is started and talked to. Implemented by plain Node (here), and by Electron's utilityProcess (shell). */
import { type ChildProcess, fork } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Emitter, type Unsubscribe } from '../../src-shared/disposable.ts';

export type ServiceName = 'engine' | 'encoder' | 'probe' | 'ladder' | 'server' | 'headless';

/** A running process. Messages are structured-cloned: Uint8Array and bigint pass as they are. */
export interface Service<Out, In> {
  readonly pid: number | undefined;
  send(message: Out): void;
  onMessage(listener: (message: In) => void): Unsubscribe;
  /** once, when the process has ended; at once if it already has */
  onExit(listener: (how: { code: number | null; signal: string | null }) => void): Unsubscribe;
  kill(signal?: NodeJS.Signals): void;
  /** Of all services of its name this is the one at work: pages are joined to it. Until one has said so, to the newest. */
  lead(): void;
}

export interface ServiceHost {
  start<Out, In>(name: ServiceName, options?: { args?: string[]; env?: Record<string, string> }): Service<Out, In>;
}

/** The file a service starts from: TypeScript when run from the sources, the bundle beside us otherwise. */
export function serviceEntry(name: ServiceName): string {
  const folder = name === 'probe' || name === 'ladder' ? `encoder/${name}` : name; // they load what the encoder loads
  const source = fileURLToPath(new URL(`../${folder}/main.ts`, import.meta.url));
  if (import.meta.url.endsWith('.ts') && existsSync(source)) return source;
  return fileURLToPath(new URL(`./${name}.js`, import.meta.url));
}

/**
 * Flags that V8 takes at the start only. Dead pictures (see the encoder's young-garbage.ts) count as heap until they are
 * swept, and V8 begins with room for 16 MiB of them: at 720p30 twelve full collections a second were measured. What lives
 * is little, so one thread collects it sooner than four are woken for it.
 */
export function serviceFlags(name: ServiceName): string[] {
  return name === 'encoder' ? ['--initial-heap-size=512', '--single-threaded-gc'] : [];
}

/** Services as child processes of this Node, or of the Node 24 at `execPath`. */
export class NodeServiceHost implements ServiceHost {
  readonly #execPath: string;

  constructor(execPath: string = process.execPath) {
    this.#execPath = execPath;
  }

  start<Out, In>(name: ServiceName, options: { args?: string[]; env?: Record<string, string> } = {}): Service<Out, In> {
    try {
      const child = fork(serviceEntry(name), options.args ?? [], {
        execPath: this.#execPath,
        execArgv: serviceFlags(name),
        serialization: 'advanced',
        env: { ...process.env, ...options.env },
      });
      return new NodeService(child);
    } catch (error) {
      return stillborn(error as NodeJS.ErrnoException);
    }
  }
}

/** A process the system refused to start. Its end is told later, as any other: callers listen once they have it. */
function stillborn<Out, In>(reason: NodeJS.ErrnoException): Service<Out, In> {
  return {
    pid: undefined,
    send() {},
    onMessage: () => () => {},
    onExit(listener) {
      const told = setImmediate(listener, notStarted(reason));
      return () => clearImmediate(told);
    },
    kill() {},
    lead() {},
  };
}

/** The negative error number as the code: what Node itself does in `ChildProcess.exitCode`. */
const notStarted = (reason: NodeJS.ErrnoException) => ({ code: reason.errno ?? -1, signal: null });

class NodeService<Out, In> implements Service<Out, In> {
  readonly #child: ChildProcess;
  readonly #exits = new Emitter<{ code: number | null; signal: string | null }>();
  #exited: { code: number | null; signal: string | null } | null = null;

  constructor(child: ChildProcess) {
    this.#child = child;
    // A failed send or kill: the exit says it. After a failed start there is no `exit`, and never was a process.
    child.on('error', (error) => {
      if (child.pid !== undefined) return;
      if (child.connected) child.disconnect();
      this.#end(notStarted(error));
    });
    child.on('exit', (code, signal) => this.#end({ code, signal }));
  }

  #end(how: { code: number | null; signal: string | null }): void {
    if (this.#exited) return;
    this.#exited = how;
    this.#exits.emit(how);
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  send(message: Out): void {
    if (this.#child.connected) this.#child.send(message as object, () => {});
  }

  onMessage(listener: (message: In) => void): Unsubscribe {
    const receive = (message: unknown) => listener(message as In);
    this.#child.on('message', receive);
    return () => this.#child.off('message', receive);
  }

  onExit(listener: (how: { code: number | null; signal: string | null }) => void): Unsubscribe {
    if (this.#exited) listener(this.#exited);
    return this.#exits.on(listener);
  }

  kill(signal: NodeJS.Signals = 'SIGTERM'): void {
    this.#child.kill(signal);
  }

  /** Pages reach it by its own address. */
  lead(): void {}
}
