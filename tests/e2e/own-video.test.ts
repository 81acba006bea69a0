/** A destination with a video of its own, as the user sets it: what is asked for, what the platform minds, what it costs. */
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
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
  host = await startHost();
  await host.client.invoke('encoders.probe');
  ({ page, problems } = await openStudio(browser, host));
});
afterAll(async () => {
  await browser.close();
  await host.stop();
  expect(problems).toEqual([]);
});

const panel = () => page.getByRole('region', { name: 'Destinations', exact: true });
const field = (name: string) => panel().getByLabel(name, { exact: true });
const stored = async (name: string) => (await host.client.invoke('destination.list')).find((one) => one.name === name);

test('an upright picture for one destination, beside the show’s', async () => {
  await page.getByRole('region', { name: 'Your first show' }).getByRole('button', { name: 'Add the channel' }).click();
  await field('Platform').selectOption('Custom RTMP or RTMPS');
  await field('Name').fill('Upright');
  await field('Server').fill('rtmp://127.0.0.1:1/live');
  await field('Stream key').fill('key');
  await panel().getByText('1280 × 720, 30 fps, 2,500 kbps').waitFor(); // as the show
  await field('Video').selectOption('Its own');
  expect(await panel().getByLabel('Shape', { exact: true }).count()).toBe(0); // the same as the show's
  await field('Resolution').selectOption('1080 × 1920');
  await field('Shape').selectOption('Fill, cropped');
  await field('Frame rate').selectOption('60 fps');
  await panel().getByText('This computer makes 2 encodes for the show:').waitFor();
  expect(await panel().locator('.encode-count li').allInnerTexts()).toEqual([
    expect.stringMatching(/^1280 × 720, 30 fps\s+Local rehearsal$/),
    expect.stringMatching(/^1080 × 1920, 60 fps\s+Upright$/),
  ]);
  await field('Bitrate').fill('');
  await field('Bitrate').pressSequentially('20'); // what is not a rate yet leaves the fields where they are
  await panel().getByRole('button', { name: 'Save' }).click();
  await panel().getByText('Between 50 and 100,000 kbps.').waitFor();
  await field('Bitrate').fill('4000');
  await expectAccessible(page, ['dark', 'light']);
  await panel().getByRole('button', { name: 'Save' }).click();
  await panel().getByText('Ready · 1080 × 1920, 60 fps').waitFor();
  const video = { widthPx: 1080, heightPx: 1920, frameRate: 60, bitrateKbps: 4000, encoder: 'libx264', fit: 'cover' };
  expect(await stored('Upright')).toMatchObject({ video });

  await panel().getByRole('button', { name: 'More for Upright' }).click();
  await page.getByRole('menuitem', { name: 'Edit' }).click();
  expect(await field('Shape').inputValue()).toBe('cover');
  await field('Video').selectOption('As the show');
  await panel().getByRole('button', { name: 'Save' }).click();
  await expect.poll(async () => (await stored('Upright'))?.video).toBeNull();
});

test('what the platform minds of it is put right by a press', async () => {
  await panel().getByRole('button', { name: 'Add destination' }).click();
  await field('Platform').selectOption('Twitch');
  await field('Stream key').fill('key');
  await field('Video').selectOption('Its own');
  await field('Resolution').selectOption('3840 × 2160');
  await field('Bitrate').fill('9000');
  const notes = panel().getByRole('list', { name: 'What the platforms take' });
  await notes.getByText('Twitch takes pictures of at most 1,080 rows.').waitFor();
  for (const text of ['at most 1,080 rows', 'at most 6,000 kbps']) await notes.getByRole('button', { name: new RegExp(text) }).click();
  await notes.waitFor({ state: 'detached' });
  expect([await field('Resolution').inputValue(), await field('Bitrate').inputValue()]).toEqual(['1920x1080', '6000']);
  await panel().getByRole('button', { name: 'Save' }).click();
  await expect.poll(async () => (await stored('Twitch'))?.video).toMatchObject({ widthPx: 1920, heightPx: 1080, bitrateKbps: 6000 });
});

test('further pictures and sounds for a destination, as tracks', async () => {
  await panel().getByRole('button', { name: 'More for Upright' }).click();
  await page.getByRole('menuitem', { name: 'Edit' }).click();
  await panel().getByText('Advanced: rate, backup, reconnecting').click();
  await panel().getByRole('button', { name: 'Add a picture' }).click();
  await panel().getByRole('button', { name: 'Add a sound' }).click();
  const [picture, sound] = [panel().getByRole('group', { name: 'Picture 1' }), panel().getByRole('group', { name: 'Sound 1' })];
  expect(await picture.getByLabel('Resolution', { exact: true }).inputValue()).toBe('640x360');
  await panel().getByText('640 × 360, 30 fps', { exact: true }).waitFor(); // one encode more
  await sound.getByLabel('Codec').selectOption('Opus');
  await sound.getByLabel('Bitrate').fill('9');
  await expectAccessible(page, ['dark', 'light']);
  await panel().getByRole('button', { name: 'Save' }).click();
  await panel().getByText('Between 32 and 512 kbps.').waitFor();
  await sound.getByLabel('Bitrate').fill('64');
  await panel().getByRole('button', { name: 'Save' }).click();
  const video = [{ widthPx: 640, heightPx: 360, frameRate: 30, bitrateKbps: 750, encoder: 'libx264', fit: 'contain' }];
  await expect.poll(async () => (await stored('Upright'))?.tracks).toEqual({ video, audio: [{ codec: 'opus', bitrateKbps: 64 }] });

  await panel().getByRole('button', { name: 'More for Upright' }).click();
  await page.getByRole('menuitem', { name: 'Edit' }).click();
  await panel().getByText('Advanced: rate, backup, reconnecting').click();
  for (const name of ['Picture 1', 'Sound 1'])
    await panel()
      .getByRole('button', { name: `Remove: ${name}` })
      .click();
  await panel().getByRole('button', { name: 'Save' }).click();
  await expect.poll(async () => (await stored('Upright'))?.tracks).toBeUndefined();
});

test('what happens to it is told in the words of the page’s language', async () => {
  const receiver = new RtmpReceiver();
  await receiver.listen();
  for (const { hasKey: _, ...one } of await host.client.invoke('destination.list'))
    await host.client.invoke('destination.save', {
      destination: { ...one, enabled: one.name === 'Upright', ...(one.name === 'Upright' && { url: receiver.url }) },
    });
  const { id } = (await stored('Upright'))!;
  const video = { widthPx: 180, heightPx: 320, frameRate: 15, bitrateKbps: 300, encoder: 'libx264' as const, fit: 'cover' as const };
  const { hasKey: _, ...upright } = (await stored('Upright'))!;
  await host.client.invoke('destination.save', { destination: { ...upright, video }, streamKey: 'key' });
  await host.client.invoke('session.start');
  await panel()
    .getByText(/^Live · /)
    .waitFor();
  await host.client.invoke('destination.save', { destination: { ...upright, id, video: null } });
  await page.getByRole('button', { name: 'Activity' }).click();
  await page.getByText('Gets the video that is set for it now: 1280 × 720, 30 fps.').waitFor();
  await page.getByRole('button', { name: 'Language' }).click();
  await page.getByRole('menuitem', { name: '简体中文' }).click();
  await page.getByText('现在发送为它设置的视频：1280 × 720, 30 fps。').waitFor();
  await page.getByText('已连接到主服务器。').waitFor();
  await expectAccessible(page);
  await host.client.invoke('session.stop');
  await receiver.kill();
});
