/**
 * A browser without a debugging client (one slows its WebSockets to a crawl): the page is driven through the
 * engine's API and judged by what arrives. Fake devices play the given files in a loop.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface PlainChromiumOptions {
  executable: string;
  url: string;
  /** .y4m or .mjpeg; without it Chromium's own pacman is the camera */
  cameraFile?: string;
  /** .wav; without it Chromium's own beeps are the microphone */
  microphoneFile?: string;
  windowPx?: { width: number; height: number };
}

/** Flags that make a browser quiet, offline and generous with its devices. */
export function quietFlags(profileDirectory: string): string[] {
  return [
    '--headless',
    '--no-sandbox',
    '--disable-gpu',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
    '--disable-extensions',
    '--autoplay-policy=no-user-gesture-required',
    '--use-fake-ui-for-media-stream',
    '--use-fake-device-for-media-stream',
    '--auto-select-desktop-capture-source=Entire screen',
    `--user-data-dir=${profileDirectory}`,
  ];
}

export class PlainChromium {
  readonly #child: ChildProcess;
  readonly #profile: string;

  private constructor(child: ChildProcess, profile: string) {
    this.#child = child;
    this.#profile = profile;
  }

  static async open(options: PlainChromiumOptions): Promise<PlainChromium> {
    const profile = await mkdtemp(join(tmpdir(), 'tidecast-chromium-'));
    const { width, height } = options.windowPx ?? { width: 1280, height: 720 };
    const flags = [...quietFlags(profile), `--window-size=${width},${height}`];
    if (options.cameraFile !== undefined) flags.push(`--use-file-for-fake-video-capture=${options.cameraFile}`);
    if (options.microphoneFile !== undefined) flags.push(`--use-file-for-fake-audio-capture=${options.microphoneFile}`);
    const child = spawn(options.executable, [...flags, options.url], { stdio: 'ignore', detached: true });
    return new PlainChromium(child, profile);
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** Ends the browser and all it started (its own process group), and removes its profile. */
  async close(): Promise<void> {
    const ended = new Promise<void>((resolve) =>
      this.#child.exitCode === null && this.#child.signalCode === null ? this.#child.once('exit', () => resolve()) : resolve(),
    );
    if (this.#child.pid !== undefined) {
      try {
        process.kill(-this.#child.pid, 'SIGTERM');
        setTimeout(() => this.#killGroup(), 3_000).unref();
      } catch {
        // it has ended by itself
      }
    }
    await ended;
    this.#killGroup();
    await rm(this.#profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }

  #killGroup(): void {
    try {
      if (this.#child.pid !== undefined) process.kill(-this.#child.pid, 'SIGKILL');
    } catch {
      // nobody of the group is left
    }
  }
}
