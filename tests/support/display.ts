/** A display of its own for one program: Xvfb, on a number that it chooses itself. Linux only. */
import { type ChildProcess, spawn } from 'node:child_process';
import { run } from './broadcast-analysis.ts';
import { findPeer } from './find-tools.ts';

const WIDTH_PX = 1920;
const HEIGHT_PX = 1080;

export class Display implements AsyncDisposable {
  readonly #child: ChildProcess;
  /** for the environment: :NUMBER */
  readonly name: string;

  private constructor(child: ChildProcess, name: string) {
    this.#child = child;
    this.name = name;
  }

  /** @throws when Xvfb is missing or ends at once */
  static async start(): Promise<Display> {
    const xvfb = findPeer('Xvfb');
    if (!xvfb) throw new Error('Xvfb was not found on the PATH. Install it, or run npm test, which does so on Debian as root.');
    const args = ['-displayfd', '3', '-screen', '0', `${WIDTH_PX}x${HEIGHT_PX}x24`, '-nolisten', 'tcp', '-ac'];
    const child = spawn(xvfb, args, { stdio: ['ignore', 'ignore', 'ignore', 'pipe'] });
    const number = await new Promise<string>((resolve, reject) => {
      child.stdio[3]?.once('data', (data: Buffer) => resolve(data.toString().trim()));
      child.once('exit', (code) => reject(new Error(`Xvfb ended with ${code}`)));
      child.once('error', reject);
    });
    return new Display(child, `:${number}`);
  }

  /** The variables that send a program's windows here. */
  get env(): Record<string, string> {
    return { DISPLAY: this.name, WAYLAND_DISPLAY: '', XDG_SESSION_TYPE: 'x11' };
  }

  /** Writes what is on the screen as a PNG. */
  async photograph(file: string): Promise<void> {
    await run('ffmpeg', [
      '-v',
      'error',
      '-y',
      '-f',
      'x11grab',
      '-video_size',
      `${WIDTH_PX}x${HEIGHT_PX}`,
      '-i',
      this.name,
      '-frames:v',
      '1',
      file,
    ]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = new Promise((resolve) => this.#child.once('exit', resolve));
    this.#child.kill('SIGTERM');
    await ended;
  }
}
