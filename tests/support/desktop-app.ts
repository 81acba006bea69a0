/** Starts Electron on a display of its own, without a debugging client, and reads the JSON lines it prints. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { Display } from './display.ts';
import { requireElectron } from './find-tools.ts';
import { descendants, type RunningProcess } from './processes.ts';

export interface DesktopOptions {
  /** a file or folder to start; the studio itself when left out */
  appPath?: string;
  /** a packed app to start instead of Electron and a path */
  executable?: string;
  args?: string[];
  env?: Record<string, string>;
}

const QUIT_LIMIT_MS = 20_000;

/** Chromium's sandbox refuses to run as root; there is no graphics card to rely on. */
export const ELECTRON_FLAGS: readonly string[] = [...(process.getuid?.() === 0 ? ['--no-sandbox'] : []), '--disable-gpu'];

export class DesktopApp implements AsyncDisposable {
  readonly display: Display;
  readonly #child: ChildProcess;
  readonly #lines: string[] = [];
  #wake: () => void = () => {};
  #output = '';

  private constructor(child: ChildProcess, display: Display) {
    this.#child = child;
    this.display = display;
    const collect = (data: Buffer) => (this.#output = (this.#output + data.toString()).slice(-20_000));
    child.stderr?.on('data', collect);
    if (child.stdout)
      createInterface({ input: child.stdout }).on('line', (line) => {
        collect(Buffer.from(`${line}\n`));
        if (line.startsWith('{')) this.#lines.push(line);
        this.#wake();
      });
    child.on('exit', () => this.#wake());
  }

  static async start(options: DesktopOptions): Promise<DesktopApp> {
    const electron = options.executable === undefined ? requireElectron() : null;
    const display = await Display.start();
    const command = options.executable ?? electron?.executablePath ?? '';
    const app = electron ? [options.appPath ?? electron.appPath] : [];
    const child = spawn(command, [...ELECTRON_FLAGS, ...app, ...(options.args ?? [])], {
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
      env: { ...process.env, ...display.env, ...options.env },
    });
    return new DesktopApp(child, display);
  }

  /** The shell's: Electron's main process. */
  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** What it wrote so far, the last 20,000 characters. */
  get output(): string {
    return this.#output;
  }

  /** All that the shell has started: Chromium's processes, the engine and its services. */
  processes(): RunningProcess[] {
    return descendants(this.pid);
  }

  /** The next line of JSON. @throws with the output when it ends or stays silent */
  async jsonLine(timeoutMs: number): Promise<unknown> {
    const late = performance.now() + timeoutMs;
    while (this.#lines.length === 0) {
      const left = late - performance.now();
      if (left <= 0 || this.#ended) throw new Error(`the app said nothing (exit ${this.#child.exitCode}):\n${this.#output}`);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, left);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    return JSON.parse(this.#lines.shift() ?? '');
  }

  /** Asks the shell to quit, as the system does at log-out. @returns its exit code; null when it had to be killed */
  async quit(): Promise<number | null> {
    if (this.#ended) return this.#child.exitCode;
    const ended = new Promise((resolve) => this.#child.once('exit', resolve));
    this.#child.kill('SIGTERM');
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), QUIT_LIMIT_MS);
    await ended;
    clearTimeout(timer);
    return this.#child.exitCode;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.quit();
    try {
      process.kill(-this.pid, 'SIGKILL'); // whoever of its group is left
    } catch {
      // nobody is
    }
    await this.display[Symbol.asyncDispose]();
  }

  get #ended(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }
}
