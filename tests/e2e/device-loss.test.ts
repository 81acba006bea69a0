/** Devices that are lost in mid-show, for real: their process in the browser dies, or the user withdraws the permission. */
import { chromium } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { AudioInputStatus, SourceStatus } from '../../src-renderer/compositor/studio-media.ts';
import { bt709, expectColour, isColour, PLACEHOLDER, pixel } from '../support/compositor-page/colours.ts';
import { buildPage, holds, type PageUnderTest, type PageUnderTestOptions, removeFolder } from '../support/compositor-page/harness.ts';
import { CAMERA_COLUMNS, camera, collection, DEMAND, makeMedia, openPage, whole } from '../support/compositor-page/scenes.ts';
import { requireTool } from '../support/find-tools.ts';

/** Chromium's process that drives cameras: with it go all tracks of cameras, as with a driver that crashes. */
const CAMERA_PROCESS = '--utility-sub-type=video_capture.mojom.VideoCaptureService';
/** That of microphones and of all sound. */
const SOUND_PROCESS = '--utility-sub-type=audio.mojom.AudioService';
const microphone = { id: 'microphone', name: 'Microphone', deviceId: null };
const show = collection([{ sourceId: 'camera', ...whole }], [camera], [microphone]);

let folder = '';
let media = '';
let page: PageUnderTest | null = null;

beforeAll(async () => {
  folder = await buildPage();
  media = await makeMedia();
}, 60_000);
afterEach(async () => {
  await page?.close();
  page = null;
});
afterAll(async () => {
  await removeFolder(folder);
  await removeFolder(media);
});

/** A show with a camera and a microphone that both have come up. */
async function goLive(options: Partial<PageUnderTestOptions> = {}): Promise<PageUnderTest> {
  page = await openPage(folder, media, options);
  page.tell({ type: 'collection', collection: show });
  page.demand(DEMAND);
  await page.until('source', ({ status }) => status.phase === 'ready');
  await page.until('input', ({ status }) => status.phase === 'ready');
  await page.freshPicture();
  return page;
}

const cameraSeen = (page: PageUnderTest): SourceStatus[] => page.of('source').map(({ status }) => status);
const microphoneSeen = (page: PageUnderTest): AudioInputStatus[] => page.of('input').map(({ status }) => status);
/** What a device said after it was ready: `failed device.unplugged`, … */
const words = (seen: readonly (SourceStatus | AudioInputStatus)[]) =>
  seen.map(({ phase, failure }) => (failure ? `${phase} ${failure.code}` : phase));

test('a camera whose driver dies: a placeholder, a message, the sound untouched, and it comes back by itself', async () => {
  const page = await goLive();
  const before = cameraSeen(page).length;
  let placeholders = 0;
  page.receiver.onPicture = (picture) => void (isColour(pixel(picture, 100, 650), PLACEHOLDER) && placeholders++);
  page.kill(CAMERA_PROCESS);
  const { status } = await page.until('source', ({ status }) => status.phase === 'failed');
  expect(status.failure?.code).toBe('device.unplugged');
  expect(status.failure?.message).toContain('Plug it in again');
  await holds(() => cameraSeen(page).slice(before).at(-1)?.phase === 'ready', 'the camera to come back');
  expect(words(cameraSeen(page).slice(before))).toEqual(['failed device.unplugged', 'ready']);
  expect(placeholders).toBeGreaterThan(0);
  expectColour(pixel(await page.freshPicture(), 160, 650), bt709(CAMERA_COLUMNS[0]), 'camera again');
  expect(microphoneSeen(page).at(-1)?.phase).toBe('ready');
  expect(page.of('error')).toEqual([]);
});

test('a microphone lost with the system’s sound: pictures go on, and the sound comes back by itself', async () => {
  const page = await goLive();
  const before = microphoneSeen(page).length;
  const { blocks, pictures } = page.receiver;
  await holds(() => blocks.length > 50, 'sound');
  page.kill(SOUND_PROCESS);
  const { status } = await page.until('input', ({ status }) => status.phase === 'failed');
  expect(status.failure?.code).toBe('device.unplugged');
  const [picturesThen, lostUs] = [pictures.length, page.receiver.nowUs()];
  await holds(() => microphoneSeen(page).slice(before).at(-1)?.phase === 'ready', 'the microphone to come back');
  expect(words(microphoneSeen(page).slice(before))).toEqual(['failed device.unplugged', 'ready']);
  await holds(() => isLoud(blocks.at(-1)?.samples) && (blocks.at(-1)?.captureTimeUs ?? 0) > lostUs, 'the tone');
  await holds(() => pictures.length > picturesThen + 10, 'pictures');
  expect(cameraSeen(page).at(-1)?.phase).toBe('ready');
  expect(page.of('error')).toEqual([]);
});

test('the system’s sound lost without a microphone: the mix goes on', async () => {
  page = await openPage(folder, media);
  const beep = collection([{ sourceId: 'flash', ...whole }], [{ id: 'flash', kind: 'avTest', periodMs: 1_000 }]);
  page.tell({ type: 'collection', collection: beep });
  page.demand(DEMAND);
  const { receiver } = page;
  const { blocks } = receiver;
  await holds(() => blocks.length > 50, 'sound');
  page.kill(SOUND_PROCESS);
  const lostUs = receiver.nowUs();
  await holds(() => blocks.some(({ captureTimeUs, samples }) => captureTimeUs > lostUs + 1_000_000 && isLoud(samples)), 'a beep after it');
});

test('a permission withdrawn in mid-show, and given again', async () => {
  const executablePath = requireTool('chromium');
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu', '--use-fake-device-for-media-stream'] });
  const context = await browser.newContext({ permissions: ['camera', 'microphone'] });
  const page = await goLive({
    async browser(url) {
      await (await context.newPage()).goto(url);
      return browser;
    },
  });
  const [cameraBefore, microphoneBefore] = [cameraSeen(page).length, microphoneSeen(page).length];
  await context.clearPermissions();
  await page.until('source', ({ status }) => status.failure?.code === 'device.permission-denied');
  await page.until('input', ({ status }) => status.failure?.code === 'device.permission-denied');
  expectColour(pixel(await page.freshPicture(), 100, 650), PLACEHOLDER, 'placeholder');
  await context.grantPermissions(['camera', 'microphone']);
  await holds(() => cameraSeen(page).at(-1)?.phase === 'ready', 'the camera');
  await holds(() => microphoneSeen(page).at(-1)?.phase === 'ready', 'the microphone');
  const course = ['failed device.unplugged', 'failed device.permission-denied', 'starting', 'ready'];
  expect(words(cameraSeen(page).slice(cameraBefore))).toEqual(course);
  expect(words(microphoneSeen(page).slice(microphoneBefore))).toEqual(course);
  const picture = await page.freshPicture();
  expect(isColour(pixel(picture, 100, 650), PLACEHOLDER)).toBe(false);
});

test('a camera that is not connected', async () => {
  page = await openPage(folder, media);
  // The list of devices has names only once a device was allowed.
  page.tell({ type: 'collection', collection: collection([], [camera]) });
  await page.until('source', ({ status }) => status.phase === 'ready');
  const other = { ...camera, id: 'other', deviceId: 'nowhere', deviceLabel: 'No such camera' };
  page.tell({ type: 'collection', collection: collection([], [camera, other]) });
  const { status } = await page.until('source', ({ status }) => status.sourceId === 'other' && status.phase === 'failed');
  expect(status.failure?.code).toBe('device.not-found');
});

test('camera and microphone that may not be used', async () => {
  page = await openPage(folder, media, { permissionsPolicy: 'camera=(), microphone=()' });
  page.tell({ type: 'collection', collection: show });
  const { status } = await page.until('source', ({ status }) => status.phase === 'failed');
  expect(status.failure?.code).toBe('device.permission-denied');
  const input = await page.until('input', ({ status }) => status.phase === 'failed');
  expect(input.status.failure?.code).toBe('device.permission-denied');
});

function isLoud(samples: Float32Array = new Float32Array()): boolean {
  return samples.some((sample) => Math.abs(sample) > 0.05);
}
