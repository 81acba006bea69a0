/**
 * One whole broadcast for end-to-end measurements: browser host, a plain Chromium that composes the show, real
 * servers that receive it, and what each of them got.
 */

import { type ChildProcess, spawn } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { DEFAULT_PROFILE, Profile, type StudioStats } from '../../src-shared/domain/index.ts';
import { run } from './broadcast-analysis.ts';
import { type Host, startHost } from './engine-harness.ts';
import { requireTool } from './find-tools.ts';
import { PlainChromium } from './plain-chromium.ts';
import { descendants } from './processes.ts';
import type { RtmpPeer } from './rtmp-peers.ts';
import { composeShow, prepareMedia, type ShowMedia, showCollection } from './show.ts';

export interface BroadcastOptions {
  profile?: Partial<typeof DEFAULT_PROFILE.video>;
  /** keeps the composed picture of every n-th tick; 0 keeps none */
  referenceEveryTicks?: number;
  /** of the host and all its processes */
  env?: Record<string, string>;
}

export class Broadcast implements AsyncDisposable {
  readonly host: Host;
  readonly media: ShowMedia;
  readonly #directory: string;
  readonly #browser: PlainChromium;
  readonly #peers: { id: string; peer: RtmpPeer }[] = [];

  private constructor(host: Host, media: ShowMedia, directory: string, browser: PlainChromium) {
    this.host = host;
    this.media = media;
    this.#directory = directory;
    this.#browser = browser;
  }

  /** Starts host and browser, shows the scene, and waits until the camera has come up. */
  static async prepare(options: BroadcastOptions = {}): Promise<Broadcast> {
    const directory = await mkdtemp(join(tmpdir(), 'tidecast-show-'));
    const references = join(directory, 'references');
    await mkdir(references);
    const media = await prepareMedia(directory);
    const every = options.referenceEveryTicks ?? 0;
    const host = await startHost({
      dataDirectory: join(directory, 'data'),
      env: { ...options.env, ...(every > 0 ? { TIDECAST_TAP_DIR: references, TIDECAST_TAP_EVERY: String(every) } : {}) },
    });
    await host.client.invoke(
      'profile.save',
      Profile.parse({ ...DEFAULT_PROFILE, video: { ...DEFAULT_PROFILE.video, ...options.profile } }),
    );
    await showCollection(host.client, await composeShow(host.client, await readFile(media.logoFile)));
    const browser = await PlainChromium.open({
      executable: requireTool('chromium'),
      url: host.url.replace('/#', '/?tickStrip#'),
      cameraFile: media.cameraFile,
      microphoneFile: media.microphoneFile,
    });
    await sleep(8_000);
    return new Broadcast(host, media, directory, browser);
  }

  /** Adds a destination that is enabled from the start. */
  async addPeer(id: string, peer: RtmpPeer): Promise<void> {
    this.#peers.push({ id, peer });
    const destination = { id, name: id, kind: 'rtmp' as const, url: peer.url, enabled: true };
    await this.host.client.invoke('destination.save', { destination, streamKey: peer.streamKey });
  }

  stats(): Promise<StudioStats> {
    return this.host.client.invoke('stats.get');
  }

  /** Pulls our own live server's HTTP-FLV into a file until the show ends; the returned promise gives the file. */
  watchRehearsal(): { done: Promise<string> } {
    const file = join(this.#directory, 'rehearsal.flv');
    const done = this.#pull(file);
    return { done };
  }

  /** The pid of a process that the engine runs. */
  service(name: 'encoder' | 'server'): number {
    const found = descendants(this.host.pid).find(({ args }) => args.includes(`src-main/${name}/main.ts`));
    if (!found) throw new Error(`there is no ${name} process`);
    return found.pid;
  }

  /** Remuxes a capture, without touching its packets, into a file that mediabunny reads too. */
  async asMp4(capture: string, name: string): Promise<string> {
    const file = join(this.#directory, `${name}.mp4`);
    await run('ffmpeg', ['-v', 'error', '-y', '-i', capture, '-c', 'copy', file]);
    return file;
  }

  /** tick → composed picture */
  async references(): Promise<Map<number, string>> {
    const folder = join(this.#directory, 'references');
    const names = (await readdir(folder)).filter((name) => name.endsWith('.i420'));
    return new Map(names.map((name) => [Number.parseInt(name, 10), join(folder, name)]));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#browser.close();
    await this.host.stop();
    for (const { peer } of this.#peers) await peer.dispose();
    await rm(this.#directory, { recursive: true, force: true, maxRetries: 5 });
  }

  async #pull(file: string): Promise<string> {
    const { viewerUrl } = await this.host.client.invoke('studio.info');
    const url = `${new URL(viewerUrl ?? '').origin}/live/rehearsal.flv`;
    const child: ChildProcess = spawn(
      requireTool('ffmpeg'),
      ['-v', 'error', '-nostdin', '-y', '-rw_timeout', '5000000', '-i', url, '-c', 'copy', file],
      {
        stdio: ['ignore', 'ignore', 'inherit'],
      },
    );
    await new Promise((resolve) => child.once('exit', resolve));
    return file;
  }
}
