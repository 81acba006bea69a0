/** The studio's own page, served by a real browser host, in a real Chromium with fake devices. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import type { Host } from './engine-harness.ts';
import { repoRoot, requireTool } from './find-tools.ts';

export async function launchChromium(...flags: string[]): Promise<Browser> {
  if (!existsSync(join(repoRoot, 'out/renderer/index.html')))
    throw new Error('The interface is not built. Run npm run build first (npm test does).');
  return chromium.launch({
    executablePath: requireTool('chromium'),
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--use-fake-device-for-media-stream',
      '--use-fake-ui-for-media-stream',
      '--autoplay-policy=no-user-gesture-required',
      ...flags,
    ],
  });
}

export interface StudioPage {
  page: Page;
  /** errors of the page and refusals of its content policy so far */
  problems: string[];
}

/** Opens the studio and waits until its scenes are there. */
export async function openStudio(browser: Browser, host: Host, options: BrowserContextOptions = {}): Promise<StudioPage> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 720 }, locale: 'en-GB', ...options });
  const page = await context.newPage();
  const problems: string[] = [];
  page.on('pageerror', (error) => void problems.push(error.message));
  page.on('console', (message) => void (message.type() === 'error' && problems.push(message.text())));
  await page.goto(host.url);
  await page
    .getByRole('region', { name: 'Scenes' })
    .or(page.getByRole('region', { name: '场景' }))
    .waitFor();
  return { page, problems };
}
