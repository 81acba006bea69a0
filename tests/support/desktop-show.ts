/** The measured show in the desktop application: composed through the engine, seen through what arrives. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '../../src-shared/ipc/rpc.ts';
import { DesktopApp, type DesktopOptions } from './desktop-app.ts';
import { connectClient } from './engine-harness.ts';
import { requireTool } from './find-tools.ts';
import { composeShow, prepareMedia, type ShowMedia, showCollection } from './show.ts';

const READY_MS = 60_000;

export interface DesktopShowOptions extends DesktopOptions {
  /** prepared before, for several shows; each prepares its own when left out */
  media?: ShowMedia;
  /** for the camera to come up, where its first pictures count; 5 s when left out */
  settleMs?: number;
}

export class DesktopShow implements AsyncDisposable {
  readonly app: DesktopApp;
  readonly directory: string;
  /** the engine's; another after it was started again */
  client: Client;
  enginePid: number;

  private constructor(app: DesktopApp, directory: string, client: Client, enginePid: number) {
    this.app = app;
    this.directory = directory;
    this.client = client;
    this.enginePid = enginePid;
  }

  /** Starts the studio with a fake camera, shows the scene, waits for the page, and gives the camera time to come up. */
  static async prepare({ media: prepared, settleMs = 5_000, ...options }: DesktopShowOptions = {}): Promise<DesktopShow> {
    const directory = await mkdtemp(join(tmpdir(), 'tidecast-desktop-'));
    const media = prepared ?? (await prepareMedia(directory));
    const app = await DesktopApp.start({
      ...options,
      args: [
        '--json-ready',
        '--tick-strip',
        '--use-fake-ui-for-media-stream',
        '--use-fake-device-for-media-stream',
        `--use-file-for-fake-video-capture=${media.cameraFile}`,
        `--use-file-for-fake-audio-capture=${media.microphoneFile}`,
        ...(options.args ?? []),
      ],
      env: { TIDECAST_DATA_DIR: join(directory, 'data'), ...options.env },
    });
    try {
      const { client, pid } = await awaitEngine(app);
      await showCollection(client, await composeShow(client, await readFile(media.logoFile)));
      const show = new DesktopShow(app, directory, client, pid);
      await show.#awaitPage();
      await sleep(settleMs);
      return show;
    } catch (error) {
      await app[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** The page has found the engine, and composes: it says so each second. */
  async #awaitPage(): Promise<void> {
    const late = performance.now() + READY_MS;
    while (!(await this.client.invoke('stats.get')).compositor) {
      if (performance.now() > late) throw new Error(`the page composed nothing:\n${this.app.output}`);
      await sleep(100);
    }
  }

  /** Waits for the engine that took the place of one that died. */
  async rejoin(): Promise<void> {
    this.client.close();
    ({ client: this.client, pid: this.enginePid } = await awaitEngine(this.app));
  }

  /** Pictures that the encoder got from the page since the session began. */
  async newPictures(): Promise<number> {
    return (await this.client.invoke('stats.get')).encoder.framesNew;
  }

  /** Waits until the page has sent `count` pictures more. @throws when it has not in time */
  async awaitPictures(count: number, timeoutMs: number): Promise<void> {
    const wanted = (await this.newPictures()) + count;
    const late = performance.now() + timeoutMs;
    for (let have = 0; have < wanted; have = await this.newPictures()) {
      if (performance.now() > late) throw new Error(`only ${have} of ${wanted} pictures came from the page:\n${this.app.output}`);
      await sleep(250);
    }
  }

  /** Pulls the rehearsal as a viewer's player does. @returns the file, once `seconds` of it are there or the show has ended */
  async watch(seconds: number): Promise<string> {
    const { viewerUrl } = await this.client.invoke('studio.info');
    const file = join(this.directory, 'rehearsal.flv');
    const url = `${new URL(viewerUrl ?? '').origin}/live/rehearsal.flv`;
    const args = ['-v', 'error', '-nostdin', '-y', '-rw_timeout', '10000000', '-i', url, '-t', String(seconds), '-c', 'copy', file];
    const child: ChildProcess = spawn(requireTool('ffmpeg'), args, { stdio: ['ignore', 'ignore', 'inherit'] });
    await new Promise((resolve) => child.once('exit', resolve));
    return file;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.client.close();
    await this.app[Symbol.asyncDispose]();
    await rm(this.directory, { recursive: true, force: true, maxRetries: 5 });
  }
}

async function awaitEngine(app: DesktopApp): Promise<{ client: Client; pid: number }> {
  const { origin, token, pid } = (await app.jsonLine(READY_MS)) as { origin: string; token: string; pid: number };
  return { client: await connectClient(origin, token), pid };
}
