/** The settings of the encoders, as the user meets them: what works, what does not and why, and what platforms mind. */
import { existsSync } from 'node:fs';
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
  if (!existsSync('/proc/driver/nvidia'))
    await panel
      .getByRole('row', { name: /^NVIDIA NVENC/ })
      .getByText('No NVIDIA driver: libcuda.so.1 not found.')
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
  await expect.poll(async () => (await profile())?.audio).toEqual({ codec: 'aac', bitrateKbps: 256, sampleRateHz: 48_000, channels: 2 });
  await panel.getByLabel('Channels').selectOption('Mono');
  await panel.getByLabel('Sample rate').selectOption('44,100 Hz');
  await expect.poll(async () => (await profile())?.audio).toMatchObject({ sampleRateHz: 44_100, channels: 1 });
  await panel.getByLabel('Audio codec').selectOption('Opus');
  await panel.getByText('Opus plays at 48,000 Hz').waitFor();
  await expect.poll(async () => (await profile())?.audio).toMatchObject({ codec: 'opus', sampleRateHz: 48_000, channels: 1 });
});

test('what is tried when the encoder fails: automatic says what that is, and an own order is moved by keys and by mouse', async () => {
  const { activeId } = await host.client.invoke('profile.list');
  const stored = async () => (await host.client.invoke('profile.list')).profiles.find(({ id }) => id === activeId)?.encoderFallback;
  const panel = region('Settings');
  await panel.getByRole('tab', { name: 'Stream' }).click();
  const mode = panel.getByLabel('If the encoder fails');
  const rows = panel.getByRole('list', { name: 'What is tried in turn' }).getByRole('listitem');
  await expect
    .poll(() => rows.allInnerTexts())
    .toEqual([
      expect.stringMatching(/^x264 · H\.264\s+The encoder of this profile$/),
      expect.stringMatching(/^x264 · H\.264\s+The same at a fast preset$/),
    ]);
  await mode.selectOption('My own order');
  const add = panel.getByLabel('Add an encoder…');
  for (const name of ['h264_nvenc', 'libx265']) await add.selectOption(name);
  await expect.poll(stored).toEqual(['h264_nvenc', 'libx265']);
  await rows
    .filter({ hasText: 'NVIDIA NVENC · H.264' })
    .getByText(/NVIDIA driver|graphics card/)
    .waitFor();
  const grip = (name: string) => panel.getByRole('button', { name: `Move ${name} with the arrow keys` });
  await grip('x265 · HEVC').press('ArrowUp');
  await expect.poll(stored).toEqual(['libx265', 'h264_nvenc']);
  await panel.getByText('x265 · HEVC: 1 of 2').waitFor({ state: 'attached' });
  await expectAccessible(page);

  const [from, to] = await Promise.all([grip('NVIDIA NVENC · H.264').boundingBox(), grip('x265 · HEVC').boundingBox()]);
  await page.mouse.move(from!.x + 8, from!.y + 8);
  await page.mouse.down();
  await page.mouse.move(to!.x + 8, to!.y, { steps: 8 });
  await page.mouse.up();
  await expect.poll(stored).toEqual(['h264_nvenc', 'libx265']);
  await panel.getByRole('button', { name: 'Remove NVIDIA NVENC · H.264 from the order' }).click();
  await expect.poll(stored).toEqual(['libx265']);
  await mode.selectOption('Automatic');
  await expect.poll(stored).toEqual([]);
});

test('a setting that the encoder leaves out says so, and why', async () => {
  const panel = region('Settings');
  await panel.getByLabel('Encoder', { exact: true }).selectOption('SVT-AV1 · AV1');
  const references = panel.getByLabel('References');
  if (!(await references.isVisible())) await panel.getByText('Advanced: rate control').press('Enter');
  await references.selectOption('4 frames');
  await panel.getByText('No effect: SVT-AV1 has nothing of the kind.').waitFor();
  expect(
    await references.evaluate(
      (field: HTMLSelectElement) => document.getElementById(field.getAttribute('aria-describedby') ?? '')?.textContent,
    ),
  ).toMatch(/^No effect/);
  await panel.getByLabel('Level', { exact: true }).selectOption('3.0');
  await panel.getByText('No effect: too low for this size and rate in AV1').waitFor();
  await expectAccessible(page, ['dark', 'light']);
  await panel.getByLabel('Level', { exact: true }).selectOption('Automatic');
  await panel.getByLabel('Encoder', { exact: true }).selectOption('x264 · H.264');
  await panel.getByText('No effect').first().waitFor({ state: 'detached' }); // x264 has references
});
