/** What the streamer sees of the network: settings, waiting, congestion, rehearsals, and a window that was displaced. */
import { createServer } from 'node:net';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { Destination, type SourceId } from '../../src-shared/domain/index.ts';
import { expectAccessible } from '../support/accessibility.ts';
import { type Host, startHost } from '../support/engine-harness.ts';
import { RtmpReceiver } from '../support/rtmp-receiver.ts';
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
const row = (name: string) => region('Destinations').getByRole('listitem').filter({ hasText: name });

async function addDestination(name: string, url: string, part: object = {}): Promise<void> {
  const destination = Destination.parse({ id: name.toLowerCase(), name, kind: 'rtmp', url, enabled: true, ...part });
  await host.client.invoke('destination.save', { destination, streamKey: 'key' });
  await row(name).waitFor();
}

const stored = async (name: string) => (await host.client.invoke('destination.list')).find((one) => one.name === name);
const statusOf = async (id: string) => (await host.client.invoke('stats.get')).publishers.find(({ destinationId }) => destinationId === id);

/** How long it is left alone still. */
async function waitMs(id: string): Promise<number> {
  const { publishers, timeUs } = await host.client.invoke('stats.get');
  const state = publishers.find(({ destinationId }) => destinationId === id)?.state;
  return state?.phase === 'waiting' ? (state.dueUs - timeUs) / 1_000 : 0;
}

/** A moving picture over the whole canvas, so that the stream needs its rate. */
async function fillScene(): Promise<void> {
  const { revision, collection } = await host.client.invoke('collection.get');
  const id = 'card' as SourceId;
  const item = collection.scenes[0]?.items[0];
  if (!item) throw new Error('the first scene is empty');
  const { widthPx, heightPx } = collection.canvas;
  const transform = { ...item.transform, xPx: 0, yPx: 0, widthPx, heightPx };
  const scenes = collection.scenes.map((scene) => ({ ...scene, items: [{ ...item, sourceId: id, transform }] }));
  const sources = [{ id, name: 'Card', kind: 'testCard' as const, tickStrip: false }];
  await host.client.invoke('collection.save', { baseRevision: revision, collection: { ...collection, scenes, sources } });
}

test('a network rehearsal: a made-up uplink, a chart that moves, a summary, and nobody outside hears of it', async () => {
  let contacts = 0;
  const outside = createServer((socket) => {
    contacts++;
    socket.destroy();
  });
  await new Promise<void>((resolve) => outside.listen(0, '127.0.0.1', resolve));
  const { port } = outside.address() as { port: number };
  await addDestination('Outside', `rtmp://127.0.0.1:${port}/live`, { rate: { floorKbps: 400, ceilingKbps: 1_500 } });
  await fillScene();
  const destinations = await host.client.invoke('destination.list');

  await button('Network rehearsal').click();
  const panel = region('Network rehearsal');
  await panel.getByText('Nothing goes to viewers').waitFor();
  await panel.getByRole('radio', { name: 'LTE' }).check();
  await panel.getByText('A phone on the move').waitFor();
  await panel.getByText('between 400 kbps and 1,500 kbps').waitFor(); // the enabled destination's settings
  await panel.getByRole('button', { name: 'Start the rehearsal' }).click();
  await page.getByRole('status', { name: 'Network rehearsal' }).waitFor();

  const chart = panel.getByRole('img', { name: /^The last minute/ });
  const drawing = () => chart.evaluate((canvas) => (canvas as HTMLCanvasElement).toDataURL());
  await expect.poll(() => chart.getAttribute('data-samples').then(Number), { timeout: 30_000 }).toBeGreaterThan(4);
  const before = await drawing();
  await expect.poll(drawing).not.toBe(before);
  await expect
    .poll(
      () =>
        panel
          .locator('[data-look=ours] dd')
          .textContent()
          .then((text) => Number.parseFloat(text ?? '')),
      { timeout: 20_000 },
    )
    .toBeGreaterThan(0);
  expect((await host.client.invoke('stats.get')).link?.profile).toBe('lte');
  expect((await statusOf('rehearsal'))?.rate.ceilingKbps).toBe(1_500);
  expect(await panel.getByLabel('Settings of').isDisabled()).toBe(true);
  await expectAccessible(page, ['dark', 'light']);

  await panel.getByRole('radio', { name: 'Step' }).check();
  await expect.poll(async () => (await host.client.invoke('stats.get')).link?.profile).toBe('step');
  await expect.poll(() => chart.getAttribute('data-samples').then(Number), { timeout: 30_000 }).toBeGreaterThan(12);
  expect(await page.locator('.chip.live').count()).toBe(0);
  await panel.getByRole('button', { name: 'Stop the rehearsal' }).click();
  const summary = page.getByRole('region', { name: 'What it would have meant' });
  await summary.getByText('Longest delay').waitFor();
  expect(await summary.getByRole('term').allTextContents()).toEqual([
    'Length',
    'Lowest rate',
    'Longest delay',
    'Pictures dropped',
    'Reconnects',
  ]);
  await page.getByRole('status', { name: 'Off air' }).waitFor();
  await expectAccessible(page, ['dark']);
  expect(contacts).toBe(0);
  expect(await host.client.invoke('destination.list')).toEqual(destinations); // what was tried is saved nowhere
  await new Promise((resolve) => outside.close(resolve));
});

test('what is set under Advanced is checked, saved, and there again after a reload', async () => {
  await button('Add destination').click();
  const form = page.getByRole('form', { name: 'Add destination' });
  await form.getByLabel('Platform').selectOption('youtube');
  await form.getByLabel('Name').fill('Mine');
  await form.getByLabel('Stream key').fill('key');
  expect(await form.getByLabel('Floor').isVisible()).toBe(false);
  await form.getByText('Advanced:').click();
  expect(await form.getByLabel('Backup').inputValue()).toContain('backup=1');
  await form.getByLabel('Ceiling').fill('2000');
  await form.getByLabel('Floor').fill('2100');
  await form.getByText('Advanced:').click(); // what is wrong opens it again
  await form.getByRole('button', { name: 'Save' }).click();
  await form.getByText('The floor is above the ceiling.').waitFor();
  await form.getByLabel('Floor').fill('600');
  await form.getByRole('switch', { name: 'May change the picture’s size' }).click();
  await form.getByText('Platforms may end a show when its size changes').waitFor();
  await form.getByLabel('Is used').selectOption('both');
  await form.getByLabel('Keeps a show').fill('45');
  await expectAccessible(page, ['light']);
  await form.getByRole('button', { name: 'Save' }).click();
  await form.waitFor({ state: 'detached' });
  const wanted = {
    rate: { mode: 'follow', floorKbps: 600, ceilingKbps: 2_000, allowSizeChange: true },
    backup: { url: expect.stringContaining('backup=1'), mode: 'both' },
    graceS: 45,
  };
  expect(await stored('Mine')).toMatchObject(wanted);

  await page.getByRole('switch', { name: 'Send to Mine' }).click(); // keeps what it does not show
  await expect.poll(async () => (await stored('Mine'))?.enabled).toBe(false);
  expect(await stored('Mine')).toMatchObject(wanted);

  await page.reload();
  await button('More for Mine').click();
  await page.getByRole('menuitem', { name: 'Edit' }).click();
  const edit = page.getByRole('form', { name: 'Edit destination' });
  await edit.getByText('Advanced:').click();
  for (const [label, value] of Object.entries({ Ceiling: '2000', Floor: '600', 'Is used': 'both', 'Keeps a show': '45' })) {
    await expect.poll(() => edit.getByLabel(label).inputValue()).toBe(value);
  }
  expect(await edit.getByRole('switch', { name: 'May change the picture’s size' }).isChecked()).toBe(true);
});

test('a server that refuses: the wait is counted down, and cut short by the network’s return and by hand; a drop after that is mended', async () => {
  const receiver = new RtmpReceiver();
  receiver.behaviour = { greeting: 'no RTMP here' };
  await receiver.listen();
  await addDestination('Moody', receiver.url);
  await host.client.invoke('session.start');
  const words = row('Moody').locator('.destination-words');
  const countdown = async () =>
    /Attempt (\d+) in (\d+) s/
      .exec((await words.textContent()) ?? '')
      ?.slice(1)
      .map(Number) ?? [];
  await expect.poll(async () => (await countdown())[1] ?? 0, { timeout: 40_000, interval: 100 }).toBeGreaterThanOrEqual(6); // room for what follows
  const [attempt = 0, seconds = 0] = await countdown();
  expect(attempt).toBeGreaterThan(2);
  await expect
    .poll(countdown, { timeout: seconds * 1_000, interval: 100 })
    .toSatisfy(([still = 0, left = 0]: number[]) => still === attempt && left > 0 && left < seconds);
  const tried = receiver.sessions.length;
  await page.context().setOffline(true);
  expect(receiver.sessions.length).toBe(tried);
  const dueMs = performance.now() + (await waitMs('moody'));
  await page.context().setOffline(false); // the page's `online` event
  await expect.poll(() => receiver.sessions.length, { timeout: 5_000 }).toBe(tried + 1);
  expect(performance.now()).toBeLessThan(dueMs); // and not because the wait was over
  let leftS = 0; // as seen: a moment later the page may show the next attempt, and no countdown
  await expect.poll(async () => (leftS = (await countdown())[1] ?? 0), { timeout: 40_000, interval: 100 }).toBeGreaterThanOrEqual(5);
  receiver.behaviour = {};
  await row('Moody').getByRole('button', { name: 'Try again now: Moody' }).click();
  await words.getByText(/^Live · /).waitFor({ timeout: (leftS - 1) * 1_000 }); // before the wait would have ended
  await page.getByRole('status', { name: 'LIVE' }).waitFor();

  await receiver.kill();
  await words.getByText('Looking for the server every second').waitFor();
  await words.getByText(/^Moody keeps the show for 1:[0-2]\d$/).waitFor();
  await page.getByRole('status', { name: 'Reconnecting' }).waitFor();
  await expectAccessible(page, ['light']);
  await receiver.listen();
  await words.getByText(/^Live · .* · 1 reconnect$/).waitFor({ timeout: 10_000 });
  await host.client.invoke('session.stop');
  await receiver.kill();
});

test('both ingests at once have a line each; a ceiling that is changed on air applies without a reconnect', async () => {
  const [primary, backup] = [new RtmpReceiver(), new RtmpReceiver()];
  await primary.listen();
  await backup.listen();
  await addDestination('Double', primary.url, { backup: { url: backup.url, mode: 'both' } });
  await host.client.invoke('session.start');
  await expect
    .poll(
      () =>
        row('Double')
          .getByText(/^Live · /)
          .count(),
      { timeout: 20_000 },
    )
    .toBe(2);
  await row('Double').getByText('primary server').waitFor();
  await row('Double').getByText('backup server').waitFor();
  const before = await statusOf('double');

  await row('Double').getByRole('button', { name: 'Connection of Double' }).first().click();
  const details = page.getByRole('dialog', { name: 'Connection of Double' });
  await details.getByText('Known from').waitFor();
  await expectAccessible(page, ['light']);
  await details.getByLabel('Ceiling').fill('900');
  await page.keyboard.press('Enter');
  await expect.poll(async () => (await statusOf('double'))?.rate, { timeout: 5_000 }).toMatchObject({ ceilingKbps: 900, targetKbps: 900 });
  expect((await stored('Double'))?.rate.ceilingKbps).toBe(900);
  expect((await statusOf('double'))?.state).toEqual(before?.state); // live since the same moment
  expect([primary.sessions.length, backup.sessions.length]).toEqual([1, 1]);
  await host.client.invoke('session.stop');
  await primary.kill();
  await backup.kill();
});

test('a window displaced by another says so, and takes its place back', async () => {
  await host.client.invoke('session.start');
  await page.getByRole('status', { name: 'Rehearsal' }).waitFor();
  const second = await openStudio(browser, host);
  const take = (window: Page) => window.getByRole('button', { name: 'Use this window' });
  await take(page).waitFor({ timeout: 15_000 });
  expect(await take(second.page).count()).toBe(0);
  await take(page).click();
  await take(second.page).waitFor({ timeout: 15_000 });
  await take(page).waitFor({ state: 'detached' });
  const framesNew = async () => (await host.client.invoke('stats.get')).encoder.framesNew;
  const before = await framesNew();
  await expect.poll(framesNew, { timeout: 30_000 }).toBeGreaterThan(before + 3); // its pictures arrive, if slowly beside two pages
  await host.client.invoke('session.stop');
  await take(second.page).waitFor({ state: 'detached' });
  expect(second.problems).toEqual([]);
});
