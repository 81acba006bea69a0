/** Starts Electron on a display of its own, without a debugging client, and reads the JSON lines it prints. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { requireElectron, requireTool } from './find-tools.ts';

export interface DesktopOptions {
  /** a file or folder to start; the studio itself when left out */
  appPath?: string;
  /** a packed app to start instead of Electron and a path */
  executable?: string;
  args?: string[];
  env?: Record<string, string>;
}

export class DesktopApp implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #lines: string[] = [];
  #wake: () => void = () => {};
  #output = '';

  private constructor(child: ChildProcess) {
    this.#child = child;
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

  static start(options: DesktopOptions): DesktopApp {
    const electron = options.executable === undefined ? requireElectron() : null;
    const root = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
    const command = [options.executable ?? electron?.executablePath ?? '', ...root, '--disable-gpu', ...(electron ? [options.appPath ?? electron.appPath] : [])];
    const child = spawn(requireTool('xvfb-run'), ['-a', '-s', '-screen 0 1920x1080x24', ...command, ...(options.args ?? [])], {
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
      env: { ...process.env, ...options.env },
    });
    return new DesktopApp(child);
  }

  /** What it wrote so far, the last 20,000 characters. */
  get output(): string {
    return this.#output;
  }

  /** The next line of JSON. @throws with the output when it ends or stays silent */
  async jsonLine(timeoutMs: number): Promise<unknown> {
    const late = performance.now() + timeoutMs;
    while (this.#lines.length === 0) {
      const left = late - performance.now();
      if (left <= 0 || this.#child.exitCode !== null) throw new Error(`the app said nothing (exit ${this.#child.exitCode}):\n${this.#output}`);
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

  /** Asks the app to quit as the system would, and ends the whole process group (display included) if it does not. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return this.#signal('SIGKILL');
    const ended = new Promise((resolve) => this.#child.once('exit', resolve));
    this.#signal('SIGTERM');
    const timer = setTimeout(() => this.#signal('SIGKILL'), 10_000);
    await ended;
    clearTimeout(timer);
    this.#signal('SIGKILL');
  }

  #signal(signal: NodeJS.Signals): void {
    try {
      if (this.#child.pid !== undefined) process.kill(-this.#child.pid, signal);
    } catch {
      // the group is gone
    }
  }
}
