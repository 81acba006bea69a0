/** The settings of the encoders, as the user meets them: what works, what does not and why, and what platforms mind. */
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Destination } from '../../src-shared/domain/index.ts';
import { expectAccessible } from '../support/accessibility.ts';
import { type Host, startHost } from '../support/engine-harness.ts';
import { launchChromium, openStudio } from '../support/studio-page.ts';

let browser: Browser;
let host: Host;
let page: Page;
let problems: string[];

beforeAll(async () => {
  browser = await launchChromium();
  host = await startHost();
  ({ page, problems } = await openStudio(browser, host));
});
afterAll(async () => {
  await browser.close();
  await host.stop();
  expect(problems).toEqual([]);
});

const region = (name: string) => page.getByRole('region', { name, exact: true });
const button = (name: string) => page.getByRole('button', { name, exact: true });

test('encoders: what works can be chosen, what does not says why, and the platform’s limits are explained', async () => {
  await host.client.invoke('encoders.probe');
  const { id } = (await host.client.invoke('profile.list')).profiles[0] ?? {};
  const profile = async () => (await host.client.invoke('profile.list')).profiles.find((one) => one.id === id);
  const twitch = { name: 'Twitch', kind: 'rtmp', url: 'rtmps://ingest.global-contribute.live-video.net:443/app', enabled: true } as const;
  const destination = Destination.parse({ ...twitch, id: 'rules' });
  await host.client.invoke('destination.save', { destination });
  await button('Settings').click();
  const panel = region('Settings');
  await panel.getByRole('tab', { name: 'Encoders' }).click();
  await panel
    .getByRole('row', { name: /^SVT-AV1/ })
    .getByText('10 bits')
    .waitFor();
  await panel.getByRole('button', { name: 'Probe again' }).click();
  await panel.getByText('Trying the encoders…').waitFor();
  await panel.getByText(/^As of /).waitFor({ timeout: 60_000 });
  await expectAccessible(page);

  await panel.getByRole('tab', { name: 'Stream' }).click();
  await panel.getByLabel('Encoder', { exact: true }).selectOption('x265 · HEVC');
  await expect.poll(async () => (await profile())?.video).toMatchObject({ encoder: 'libx265', codec: 'hevc' });
  const note = panel.getByRole('listitem').filter({ hasText: 'Twitch does not take HEVC.' });
  await expectAccessible(page);
  await note.getByRole('button').press('Enter');
  await note.waitFor({ state: 'detached' });
  expect((await profile())?.video).toMatchObject({ encoder: 'libx264', codec: 'h264' });

  await panel.getByText('Advanced: rate control').press('Enter');
  await panel.getByLabel('Rate control').selectOption('Constant quality');
  await panel.getByLabel('Quality (0 is best)').fill('20');
  await panel.getByLabel('Quality (0 is best)').press('Enter');
  await expect.poll(async () => (await profile())?.video).toMatchObject({ rateControl: 'cq', quality: 20 });
  await expectAccessible(page);
  await panel.getByLabel('Rate control').selectOption('Constant (CBR)');
  await panel.getByLabel('Kind of show').selectOption('music');
  await expect.poll(async () => (await profile())?.audio).toEqual({ codec: 'aac', bitrateKbps: 256 });
});
