/** hls.js in a real Chromium, on a page of another origin of this machine, that notes every stall. */
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';
import { repoRoot, requireTool } from './find-tools.ts';
import { PICTURE_WATCH } from './picture-watch.ts';

export interface HlsWatch {
  /** since the first picture */
  playedS: number;
  /** of them, since the last stall */
  smoothS: number;
  /** how often playing stopped for want of media, after it had begun */
  stalls: number;
  /** hls.js's own errors, with those that it got over */
  errors: string[];
  /** from the arrival at the server to the screen, by the playlist's dates: each half second */
  latenciesMs: number[];
  /** pictures that were decoded, and of them dropped */
  pictures: number;
  droppedPictures: number;
  /** parts or segments that were loaded */
  loads: { parts: number; segments: number };
}

const PAGE = `<!doctype html><meta charset="utf-8"><video id="video" muted autoplay playsinline></video><script src="/hls.js"></script>
<script>
window.watch = { playedS: 0, smoothS: 0, stalls: 0, errors: [], latenciesMs: [], pictures: 0, droppedPictures: 0, loads: { parts: 0, segments: 0 } };
const { watch } = window;
const video = document.getElementById('video');
let startedS = null;
let smoothFromS = 0;
window.begin = (url, config) => {
  const hls = new Hls(config);
  window.hls = hls;
  hls.on(Hls.Events.ERROR, (_, { details, fatal }) => watch.errors.push(details + (fatal ? ' (fatal)' : '')));
  hls.on(Hls.Events.FRAG_LOADED, (_, { part }) => { watch.loads[part ? 'parts' : 'segments'] += 1; });
  video.addEventListener('playing', () => {
    startedS ??= video.currentTime;
    smoothFromS = Math.max(smoothFromS, startedS);
  });
  video.addEventListener('waiting', () => {
    if (startedS === null) return;
    watch.stalls += 1;
    smoothFromS = video.currentTime;
  });
  hls.loadSource(url);
  hls.attachMedia(video);
  setInterval(() => {
    if (startedS === null) return;
    watch.playedS = video.currentTime - startedS;
    watch.smoothS = video.currentTime - smoothFromS;
    const { totalVideoFrames, droppedVideoFrames } = video.getVideoPlaybackQuality();
    Object.assign(watch, { pictures: totalVideoFrames, droppedPictures: droppedVideoFrames });
    if (hls.playingDate) watch.latenciesMs.push(Date.now() - hls.playingDate.getTime());
  }, 500);
};
</script>`;

export class HlsPages {
  readonly #server: Server;
  readonly #browser: Browser;

  private constructor(server: Server, browser: Browser) {
    this.#server = server;
    this.#browser = browser;
  }

  static async open(): Promise<HlsPages> {
    const script = readFileSync(join(repoRoot, 'node_modules/hls.js/dist/hls.min.js'));
    const server = createServer(({ url }, response) => {
      response.setHeader('content-type', url === '/hls.js' ? 'text/javascript' : 'text/html');
      response.end(url === '/hls.js' ? script : PAGE);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const browser = await chromium.launch({ executablePath: requireTool('chromium'), args: ['--no-sandbox', '--disable-gpu'] });
    return new HlsPages(server, browser);
  }

  /** @param config of hls.js */
  async watch(url: string, config: Record<string, unknown>): Promise<Page> {
    const page = await (await this.#browser.newContext()).newPage();
    await page.addInitScript(PICTURE_WATCH);
    await page.goto(`http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/`);
    await page.evaluate(`begin(${JSON.stringify(url)}, ${JSON.stringify(config)})`);
    return page;
  }

  async close(): Promise<void> {
    await this.#browser.close();
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

export const seen = (page: Page): Promise<HlsWatch> => page.evaluate('watch') as Promise<HlsWatch>;

export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}
