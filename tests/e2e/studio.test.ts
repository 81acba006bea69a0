/** The studio as its user meets it: in a real browser, on a real engine, encoder and live server. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import type { SceneCollection, SceneId } from '../../src-shared/domain/index.ts';
import { expectAccessible } from '../support/accessibility.ts';
import { run } from '../support/broadcast-analysis.ts';
import { type Host, startHost } from '../support/engine-harness.ts';
import { requireTool } from '../support/find-tools.ts';
import { descendants } from '../support/processes.ts';
import { launchChromium, openStudio } from '../support/studio-page.ts';

let browser: Browser;
let host: Host;
let page: Page;
let problems: string[];

beforeAll(async () => {
  browser = await launchChromium();
});
beforeEach(async () => {
  host = await startHost();
  ({ page, problems } = await openStudio(browser, host));
});
afterEach(async () => {
  for (const context of browser.contexts()) await context.close();
  await host.stop();
  expect(problems).toEqual([]);
});
afterAll(async () => {
  await browser.close();
});

const region = (name: string) => page.getByRole('region', { name, exact: true });
const button = (name: string | RegExp) => page.getByRole('button', { name, exact: true });

async function collection(): Promise<SceneCollection> {
  return (await host.client.invoke('collection.get')).collection;
}

/** Waits until the engine's collection is as wanted: edits are saved a moment after they were made. */
async function saved(wanted: (collection: SceneCollection) => boolean): Promise<SceneCollection> {
  await expect.poll(async () => wanted(await collection()), { timeout: 10_000, interval: 100 }).toBe(true);
  return collection();
}

const programItems = ({ scenes, programSceneId }: SceneCollection) => scenes.find(({ id }) => id === programSceneId)?.items ?? [];

/** Empties the show from another client; the page follows. */
async function blank(): Promise<void> {
  const { revision, collection: now } = await host.client.invoke('collection.get');
  const scenes = now.scenes.slice(0, 1).map((scene) => ({ ...scene, items: [] }));
  await host.client.invoke('collection.save', { baseRevision: revision, collection: { ...now, scenes, sources: [], audioInputs: [] } });
  await page.getByText('An empty scene').waitFor();
}

async function makePicture(): Promise<string> {
  const file = join(host.dataDirectory, 'logo.png');
  await run('ffmpeg', ['-v', 'error', '-y', '-f', 'lavfi', '-i', 'color=0x20c040:s=200x100', '-frames:v', '1', file]);
  return file;
}

/** Holds the button for as long as it takes. */
async function holdToStop(): Promise<void> {
  await button('Stop the show').hover();
  await page.mouse.down();
  await page.getByRole('status', { name: 'Off air' }).waitFor();
  await page.mouse.up();
}

/** Opens the list of actions and takes the first that fits. */
async function act(words: string): Promise<void> {
  await page.keyboard.press('Control+K');
  await page.locator('[cmdk-input]:focus').waitFor();
  await page.keyboard.type(words);
  await page.keyboard.press('Enter');
  await page.locator('[cmdk-input]').waitFor({ state: 'detached' });
}

test('first run: camera, title and picture, live in rehearsal, recorded, stopped, listed', async () => {
  // compose
  await button('Add camera').click();
  await region('Sources').getByRole('button', { name: 'Add source' }).click();
  await page.getByRole('menuitem', { name: 'Text' }).click();
  await region('Inspector').getByLabel('Text', { exact: true }).fill('Evening tide');
  await region('Sources')
    .locator('input[type=file]')
    .setInputFiles(await makePicture());
  const composed = await saved(
    (now) => now.sources.length === 5 && now.sources.some((source) => source.kind === 'text' && source.text === 'Evening tide'),
  );
  const drawn = programItems(composed).map(({ sourceId }) => composed.sources.find(({ id }) => id === sourceId)?.name);
  expect(drawn).toEqual(['Background', 'Camera', 'Title', 'Text', 'logo']); // the camera went behind the words
  expect(programItems(composed)[4]?.transform).toMatchObject({ widthPx: 200, heightPx: 100 });
  expect(await region('Sources').getByRole('alert').count()).toBe(0);

  // one click, because only the rehearsal is enabled
  await button('Go live').click();
  await page.getByRole('status', { name: 'Rehearsal' }).waitFor();
  await region('Destinations')
    .getByText(/Rehearsing · [\d,]+ kbps/)
    .waitFor({ timeout: 20_000 });
  await button('Start recording').click();
  await button('Stop recording').waitFor();

  // a viewer sees it
  const viewerUrl = await region('Destinations').getByRole('link', { name: 'Viewer page' }).getAttribute('href');
  const viewer = await page.context().newPage();
  await viewer.goto(viewerUrl ?? '');
  await viewer.locator('video').waitFor();
  await expect
    .poll(() => viewer.locator('video').evaluate((video) => (video as HTMLVideoElement).currentTime), { timeout: 20_000 })
    .toBeGreaterThan(2);
  expect(
    await viewer.locator('video').evaluate((video) => [(video as HTMLVideoElement).videoWidth, (video as HTMLVideoElement).videoHeight]),
  ).toEqual([1280, 720]);
  await viewer.close();

  // stop, and find the recording
  await button('Stop recording').click();
  await button('Start recording').waitFor();
  await holdToStop();
  await button('Recordings').click();
  const row = region('Recordings').getByRole('listitem');
  await row.getByText('Complete').waitFor();
  expect(await row.count()).toBe(1);
  expect(await row.textContent()).toContain('1280 × 720');
  const [recording] = await host.client.invoke('recording.list');
  const probed = await run(requireTool('ffprobe'), [
    '-v',
    'error',
    '-show_entries',
    'format=duration',
    '-of',
    'csv=p=0',
    recording?.path ?? '',
  ]);
  expect(Number(probed.toString())).toBeGreaterThan(2);
  expect((await readFile(recording?.path ?? '')).length).toBeGreaterThan(10_000);
});

test('undo and redo travel through edits and are saved', async () => {
  await blank();
  await button('Add text').click();
  await saved((now) => now.sources.length === 1);
  await page.keyboard.press('Escape');
  await button('Undo').click();
  await saved((now) => now.sources.length === 0);
  await page.getByText('An empty scene').waitFor();
  await button('Redo').click();
  const again = await saved((now) => now.sources.length === 1);
  expect(again.sources[0]).toMatchObject({ kind: 'text' });
});

test('the keyboard alone: find an action, add, nudge, cut, go live, stop', async () => {
  await blank();
  await act('add source: colour');
  const before = await saved((now) => now.sources[0]?.kind === 'colour');
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('Shift+ArrowDown');
  const [x, y] = [programItems(before)[0]?.transform.xPx ?? 0, programItems(before)[0]?.transform.yPx ?? 0];
  await saved((now) => programItems(now)[0]?.transform.xPx === x + 1 && programItems(now)[0]?.transform.yPx === y + 10);
  await page.keyboard.press('Control+D');
  await saved((now) => programItems(now).length === 2);
  await page.keyboard.press('Delete');
  await saved((now) => programItems(now).length === 1);

  await act('add scene');
  const two = await saved((now) => now.scenes.length === 2);
  await page.keyboard.press('2');
  await saved((now) => now.programSceneId === two.scenes[1]?.id);

  await page.keyboard.press('Alt+L');
  await page.getByRole('status', { name: 'Rehearsal' }).waitFor();
  await act('stop the show');
  await expect.poll(() => button('Stop the show').evaluate((element) => element === document.activeElement)).toBe(true);
  await page.keyboard.down('Space');
  await page.getByRole('status', { name: 'Off air' }).waitFor();
  await page.keyboard.up('Space');
});

test('handles on the picture: select, drag, resize', async () => {
  await blank();
  await button('Add text').click();
  const before = programItems(await saved((now) => now.sources.length === 1))[0]?.transform;
  if (!before) throw new Error('no item');
  const grip = await page.locator('.grip').boundingBox();
  if (!grip) throw new Error('no grip');
  const scale = grip.width / before.widthPx;
  const middle = [grip.x + grip.width / 2, grip.y + grip.height / 2] as const;
  await page.mouse.move(...middle);
  await page.mouse.down();
  await page.mouse.move(middle[0] - 61, middle[1] - 83, { steps: 6 });
  await page.mouse.up();
  const expectedPx = before.xPx - 61 / scale;
  // places on the way are saved too: this waits for the last
  const moved = programItems(await saved((now) => Math.abs((programItems(now)[0]?.transform.xPx ?? 0) - expectedPx) < 5))[0]?.transform;
  expect(moved?.yPx).toBeCloseTo(before.yPx - 83 / scale, -1);

  const corner = await page.locator('.moveable-se').boundingBox();
  if (!corner || !moved) throw new Error('no corner');
  await page.mouse.move(corner.x + corner.width / 2, corner.y + corner.height / 2);
  await page.mouse.down();
  await page.mouse.move(corner.x + 40, corner.y + 20, { steps: 6 });
  await page.mouse.up();
  const grown = programItems(await saved((now) => (programItems(now)[0]?.transform.widthPx ?? 0) > moved.widthPx + 20))[0]?.transform;
  expect((grown?.widthPx ?? 0) / (grown?.heightPx ?? 1)).toBeCloseTo(moved.widthPx / moved.heightPx, 1);
  expect(grown).toMatchObject({ xPx: moved.xPx, yPx: moved.yPx });
});

test('a destination is added with its key, which is never shown back', async () => {
  await button('Add destination').click();
  const form = page.getByRole('form', { name: 'Add destination' });
  await form.getByLabel('Platform').selectOption('custom');
  await form.getByLabel('Server').fill('http://example.org/live');
  await form.getByRole('button', { name: 'Save' }).click();
  await form.getByText('must begin with rtmp://').waitFor();
  await form.getByLabel('Server').fill('rtmp://127.0.0.1:1/live');
  await form.getByLabel('Name').fill('Nowhere');
  await form.getByLabel('Stream key').fill('very-secret-key');
  await form.getByRole('button', { name: 'Save' }).click();
  await form.waitFor({ state: 'detached' });
  expect(await page.content()).not.toContain('very-secret-key');
  expect(await host.client.invoke('destination.list')).toContainEqual(expect.objectContaining({ name: 'Nowhere', hasKey: true }));

  // the world would see it: asked once, in place; the failure is told where it is
  await button('Go live').click();
  await button('Yes, go live on Nowhere').click();
  const row = region('Destinations').getByRole('listitem').filter({ hasText: 'Nowhere' });
  await row.getByRole('button', { name: 'Try again now: Nowhere' }).waitFor({ timeout: 20_000 });
  expect(await page.locator('.chip.live').count()).toBe(0);
  await holdToStop();
});

test('the monitor draws what the parts tell; a limit that the user sets is told of when it is exceeded', async () => {
  await act('Monitor');
  const memory = page.getByRole('figure', { name: 'Memory' });
  await expect.poll(() => memory.getByRole('listitem').filter({ hasText: 'Memory of the engine' }).innerText()).toMatch(/[1-9]\d* MiB/);
  await expect.poll(() => memory.locator('canvas').evaluate(isDrawn)).toBe(true);
  const rule = region('Alerts').getByRole('listitem').filter({ hasText: 'Memory of the engine' });
  await rule.getByLabel('For at least').fill('0');
  await rule.getByLabel('For at least').press('Enter');
  await rule.getByLabel('Limit, at most').fill('1');
  await rule.getByLabel('Limit, at most').press('Enter');
  await page.getByText(/^Memory of the engine: \d+ MiB, the limit is 1 MiB\.$/).waitFor();
  await button('Monitor: a limit is exceeded').waitFor();
  const saved = await host.client.invoke('alerts.list');
  expect(saved.find(({ rule: one }) => one.metric === 'engineMiB')?.rule).toMatchObject({ threshold: 1, forS: 0 });
  await expectAccessible(page, ['dark', 'light']);
  await act('Activity');
  await region('Activity')
    .getByText(/^Memory of the engine: \d+ MiB/)
    .waitFor();
});

/** Whether there is a line in the accent's or another strong colour: axes alone are grey. */
function isDrawn(canvas: Element): boolean {
  const { width, height } = canvas as HTMLCanvasElement;
  const { data } = (canvas as HTMLCanvasElement).getContext('2d')?.getImageData(0, 0, width, height) ?? { data: [] };
  for (let at = 0; at < data.length; at += 4) {
    const [red = 0, green = 0, blue = 0, alpha = 0] = [data[at], data[at + 1], data[at + 2], data[at + 3]];
    if (alpha > 200 && Math.max(red, green, blue) - Math.min(red, green, blue) > 60) return true;
  }
  return false;
}

test.each(['dark', 'light'] as const)('no accessibility violations, %s', async (colorScheme) => {
  await blank();
  await button('Add text').click();
  await page.emulateMedia({ colorScheme });
  await button('Add filter to this source').click();
  await page.getByRole('menuitem', { name: 'Colour correction' }).click();
  await page.getByRole('slider', { name: 'Brightness' }).press('ArrowRight');
  const brightness = (now: SceneCollection) => now.sources[0]?.filters.find((filter) => filter.kind === 'colour')?.brightnessPct;
  await saved((now) => brightness(now) === 1);
  await button('Undo').click();
  await saved((now) => brightness(now) === 0);
  await button('Add microphone').first().click();
  await page.getByRole('slider', { name: 'Microphone level' }).waitFor();
  await button('Filters of Microphone').click();
  await button('Add filter').click();
  await page.getByRole('menuitem', { name: 'Equaliser' }).click();
  await page.getByRole('img', { name: /What the equaliser does/ }).waitFor();
  await expectAccessible(page);
  await page.keyboard.press('Escape');
  await saved(({ audioInputs }) => audioInputs[0]?.filters[0]?.kind === 'equaliser');
  for (const view of [null, 'Settings', 'Recordings', 'Activity']) {
    if (view) {
      await button(view).click();
      await region(view).waitFor();
    }
    await expectAccessible(page);
  }
});

test('Chinese, and a small window: the docks become tabs', async () => {
  await button('Language').click();
  await page.getByRole('menuitem', { name: '简体中文' }).click();
  await button('开播').waitFor();
  await page.setViewportSize({ width: 1024, height: 640 });
  await page.getByRole('tab', { name: '频道' }).click();
  await region('推流目标').waitFor();
  await expect
    .poll(() => page.evaluate(() => [document.documentElement.scrollWidth, document.documentElement.scrollHeight]))
    .toEqual([1024, 640]);
  await expect.poll(() => page.evaluate(() => document.documentElement.lang)).toBe('zh-CN');
});

test('without the token the page says what to do', async () => {
  const stranger = await (await browser.newContext()).newPage();
  await stranger.goto(host.origin);
  await stranger.getByText('Open the full address').waitFor();
});

test('a camera lost on air: said where it is, the show goes on, and the camera is back without a word', async () => {
  await button('Add camera').click();
  await saved(({ sources }) => sources.some(({ kind }) => kind === 'camera'));
  await button('Go live').click();
  await page.getByRole('status', { name: 'Rehearsal' }).waitFor();
  const rehearsal = async () => (await host.client.invoke('stats.get')).publishers[0];
  await expect.poll(async () => (await rehearsal())?.stats.framesSent, { timeout: 20_000 }).toBeGreaterThan(30);
  const before = await rehearsal();
  const drivers = () => descendants(process.pid).filter(({ args }) => args.includes('video_capture.mojom.VideoCaptureService'));
  await expect.poll(() => drivers().length).toBe(1);
  for (const { pid } of drivers()) process.kill(pid, 'SIGKILL');
  const alert = region('Sources').getByRole('alert');
  await alert.getByText('was unplugged or has stopped').waitFor();
  await alert.waitFor({ state: 'detached' });
  await expect
    .poll(async () => (await rehearsal())?.stats.framesSent, { timeout: 20_000 })
    .toBeGreaterThan((before?.stats.framesSent ?? 0) + 30);
  expect((await rehearsal())?.state).toEqual(before?.state); // live since the same moment
});

test('an edit and a cut from elsewhere arrive, and no edit of ours is lost to them', async () => {
  await blank();
  const { revision, collection: now } = await host.client.invoke('collection.get');
  const scenes = [...now.scenes, { id: 'second' as SceneId, name: 'From elsewhere', items: [] }];
  await host.client.invoke('collection.save', { baseRevision: revision, collection: { ...now, scenes } });
  await region('Scenes').getByRole('button', { name: 'From elsewhere', exact: true }).waitFor();
  await button('Add text').click();
  await saved(({ sources }) => sources.length === 1);
  await host.client.invoke('scene.cut', { sceneId: 'second' as SceneId });
  await page.locator('[aria-current=true]', { hasText: 'From elsewhere' }).waitFor();
  expect((await collection()).sources.map(({ kind }) => kind)).toEqual(['text']);
});
