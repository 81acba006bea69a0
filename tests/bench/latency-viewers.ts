/** Who watches for `bench:latency`: the viewer page in a browser of its own, and a player of RTMP in a process of its own. */
import { fileURLToPath } from 'node:url';
import { type Browser, chromium, type Page } from 'playwright-core';
import type { GlassStagesMs } from '../../src-shared/domain/index.ts';
import { run } from '../support/broadcast-analysis.ts';
import { requireTool } from '../support/find-tools.ts';
import type { RtmpGlass } from '../support/rtmp-glass-process.ts';

export interface Watched {
  /** how old each picture was when it was on the screen, or decoded: by the times in the stream, by the time code in the picture */
  samples: { byStreamMs: number | null; byPictureMs: number | null; stagesMs?: GlassStagesMs | null }[];
  /** from the opening of the connection to the first picture */
  firstFrameMs: number[];
  /** from the beginning of the page's navigation */
  visitMs?: number[];
  /** what the studio says meanwhile: from the capture on, by the viewer's word */
  studioMs?: number | null;
}

export interface WatchPlan {
  /** what is played before the figures count: the beginning is another matter */
  settleMs: number;
  windowMs: number;
  /** how often the stream is opened anew */
  starts: number;
}

/** Of what is asked for while a page starts, that the protocol is the one that is to be measured. */
export type Files = '.flv' | '.m3u8' | '480p.flv';

/** @param atEnd asked while the page still plays */
export async function watchPage(url: string, files: Files, plan: WatchPlan, atEnd: () => Promise<number | null>): Promise<Watched> {
  const browser = await chromium.launch({
    executablePath: requireTool('chromium'),
    args: ['--no-sandbox', '--disable-gpu', '--autoplay-policy=no-user-gesture-required'],
  });
  try {
    const firsts: First[] = [];
    for (let start = 0; start < plan.starts; start += 1) {
      const page = await openPage(browser, url, files);
      firsts.push(await firstFrame(page));
      await page.context().close();
    }
    const page = await openPage(browser, url, files);
    await firstFrame(page);
    const samples = await collect(page, plan);
    const studioMs = await atEnd();
    return {
      samples,
      firstFrameMs: firsts.map(({ sinceOpenMs }) => sinceOpenMs),
      visitMs: firsts.map(({ sinceVisitMs }) => sinceVisitMs),
      studioMs,
    };
  } finally {
    await browser.close();
  }
}

/** With an empty cache, as someone who comes for the first time. */
async function openPage(browser: Browser, url: string, files: Files): Promise<Page> {
  const page = await (await browser.newContext({ viewport: { width: 1_280, height: 720 } })).newPage();
  const media = page.waitForRequest((request) => /\.(flv|m3u8)$/.test(new URL(request.url()).pathname));
  await page.goto(url);
  const { pathname } = new URL((await media).url());
  if (!pathname.endsWith(files)) throw new Error(`The page plays ${pathname}, and ${files} was to be measured.`);
  return page;
}

interface First {
  sinceOpenMs: number;
  sinceVisitMs: number;
}

function firstFrame(page: Page): Promise<First> {
  return page.$eval('video', async (video) => {
    const at = (name: string) => performance.getEntriesByName(name)[0]?.startTime;
    if (at('tidecast-first-picture') === undefined)
      await new Promise((resolve) => video.addEventListener('tidecast-first-picture', resolve, { once: true }));
    const sinceVisitMs = at('tidecast-first-picture') ?? Number.NaN;
    return { sinceVisitMs, sinceOpenMs: sinceVisitMs - (at('tidecast-connection') ?? Number.NaN) };
  });
}

function collect(page: Page, { settleMs, windowMs }: WatchPlan): Promise<Watched['samples']> {
  return page.$eval(
    'video',
    async (video, [settle, window]) => {
      const samples: Watched['samples'] = [];
      const note = (event: Event) => void samples.push((event as CustomEvent<Watched['samples'][number]>).detail);
      await new Promise((resolve) => setTimeout(resolve, settle));
      video.addEventListener('tidecast-glass', note);
      await new Promise((resolve) => setTimeout(resolve, window));
      video.removeEventListener('tidecast-glass', note);
      return samples;
    },
    [settleMs, windowMs] as const,
  );
}

const PLAYER = fileURLToPath(new URL('../support/rtmp-glass-process.ts', import.meta.url));

export async function watchRtmp(url: string, { settleMs, windowMs, starts }: WatchPlan): Promise<Watched> {
  const firstFrameMs: number[] = [];
  for (let start = 0; start < starts; start += 1) firstFrameMs.push((await playRtmp(url, 0)).firstFrameMs);
  const { samples } = await playRtmp(url, settleMs + windowMs);
  const settled = samples.slice(Math.round((samples.length * settleMs) / (settleMs + windowMs)));
  return { samples: settled, firstFrameMs };
}

async function playRtmp(url: string, durationMs: number): Promise<RtmpGlass> {
  const output = await run(process.execPath, [PLAYER, url, String(durationMs / 1_000)]);
  return JSON.parse(output.toString()) as RtmpGlass;
}
