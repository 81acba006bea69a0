/** The media engine in a real Chromium without a debugging client, delivering to the encoder's own listener. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { SceneCollection } from '../../src-shared/domain/index.ts';
import type { AudioBlock } from '../../src-shared/ipc/media.ts';
import { readTickStrip, timeCodeAgeMs } from '../../src-shared/tick-strip.ts';
import { gainToDb, tickToUs } from '../../src-shared/units.ts';
import { bt709, expectColour, isColour, PLACEHOLDER, pixel } from '../support/compositor-page/colours.ts';
import { buildPage, holds, type PageUnderTest, type PageUnderTestOptions, removeFolder } from '../support/compositor-page/harness.ts';
import { box, CAMERA_COLUMNS, camera, collection, DEMAND, makeMedia, openPage, whole } from '../support/compositor-page/scenes.ts';
import { requireTool } from '../support/find-tools.ts';

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

async function open(options: Partial<PageUnderTestOptions> = {}): Promise<PageUnderTest> {
  page = await openPage(folder, media, options);
  return page;
}

const RED = '#c03020';
const BLUE = '#2050c0';

/** A red scene and a blue one. */
function scenePair(programSceneId: string, transition: object): SceneCollection {
  const scenes = [RED, BLUE].map((_, index) => {
    const id = index === 0 ? 'red' : 'blue';
    return { id, name: id, items: [{ id: `item-${id}`, sourceId: id, ...whole }] };
  });
  const [red, blue] = [RED, BLUE].map((colour, index) => ({ id: index === 0 ? 'red' : 'blue', name: 'Colour', kind: 'colour', colour }));
  return SceneCollection.parse({ ...collection([], []), programSceneId, scenes, sources: [red, blue], transition });
}

const withTimeCode = (...scene: Parameters<typeof collection>) => ({ ...collection(...scene), timeCode: true });

describe('picture', () => {
  test.each(['cpu', 'webgl2'] as const)(
    '%s composes camera, colour, picture and text, with crop, fit and rotation, in their colours',
    async (backend) => {
      const page = await open({ start: { options: { backend, tickStrip: backend === 'cpu' }, preview: true } });
      page.addAsset('green', 'image/png', await readFile(join(media, 'picture.png')));
      page.tell({
        type: 'collection',
        collection: withTimeCode(
          [
            { sourceId: 'camera', ...whole },
            { sourceId: 'red', transform: box(100, 100, 200, 100, 90), fit: 'stretch' },
            { sourceId: 'green', transform: box(400, 100, 100, 100), fit: 'contain' },
            {
              sourceId: 'camera',
              transform: box(700, 100, 200, 200),
              fit: 'stretch',
              crop: { leftPx: 640, topPx: 0, rightPx: 320, bottomPx: 0 },
            },
            { sourceId: 'text', transform: box(100, 400, 400, 100), fit: 'stretch' },
            { sourceId: 'hidden', ...whole, visible: false },
          ],
          [
            camera,
            { id: 'red', kind: 'colour', colour: '#d03020' },
            { id: 'green', kind: 'picture', assetId: 'green' },
            { id: 'text', kind: 'text', text: 'Ij', colour: '#ffffff', background: '#202080' },
            { id: 'hidden', kind: 'colour', colour: '#ffffff' },
          ],
        ),
      });
      page.demand(DEMAND);
      await page.until('source', ({ status }) => status.sourceId === 'green' && status.phase === 'ready');
      const { status } = await page.until('source', ({ status }) => status.sourceId === 'camera' && status.phase === 'ready');
      expect(status.sizePx).toEqual({ width: 1280, height: 720 });
      const picture = await page.freshPicture();
      expect((await page.until('stats')).stats.backend).toBe(backend);
      // the tick, where a test asks for it, takes the time code's place
      const strip = readTickStrip(picture.planes, 1280, 1280);
      if (backend === 'cpu') expect(strip).toBe(picture.tick);
      else expect(timeCodeAgeMs(strip ?? 0, Date.now())).toBeLessThan(20_000);
      CAMERA_COLUMNS.forEach((column, index) =>
        expectColour(pixel(picture, 160 + 320 * index, 650), bt709(column), `camera column ${index}`),
      );
      // 200 x 100 turned by 90 degrees about (200, 150): 100 wide, 200 high.
      expectColour(pixel(picture, 200, 60), bt709('#d03020'), 'turned colour, top');
      expectColour(pixel(picture, 200, 240), bt709('#d03020'), 'turned colour, bottom');
      expectColour(pixel(picture, 110, 150), bt709(CAMERA_COLUMNS[0]), 'beside the turned colour');
      expectColour(pixel(picture, 450, 150), bt709('#20c040'), 'picture');
      expectColour(pixel(picture, 450, 110), bt709(CAMERA_COLUMNS[1]), 'above the contained picture');
      expectColour(pixel(picture, 800, 200), bt709(CAMERA_COLUMNS[2]), 'cropped camera');
      expectColour(pixel(picture, 104, 404), bt709('#202080'), 'text background');
      const row = Array.from({ length: 400 }, (_, x) => pixel(picture, 100 + x, 450)[0]);
      expect(Math.max(...row)).toBeGreaterThan(225);
    },
  );

  test.each(['cpu', 'webgl2'] as const)('%s lets one scene follow another by each transition', async (backend) => {
    const page = await open({ start: { options: { backend, tickStrip: false }, preview: false } });
    const [widthPx, heightPx] = [320, 180];
    const show = (programSceneId: string, transition: object) => ({
      type: 'collection' as const,
      collection: scenePair(programSceneId, transition),
    });
    page.tell(show('red', { kind: 'cut' }));
    page.demand({ widthPx, heightPx, frameRate: 30 });
    await page.freshPicture();
    /** All pictures of a transition of ten ticks, which shows nine on the way, by what is at some points of them. */
    const follow = async (to: 'red' | 'blue', transition: object, points: readonly (readonly [x: number, y: number])[]) => {
      const seen = new Map<number, number[][]>();
      page.receiver.onPicture = (frame) =>
        void seen.set(
          frame.tick,
          points.map(([x, y]) => pixel(frame, x, y)),
        );
      page.tell(show(to, { durationMs: 300, ...transition }));
      const last = bt709(to === 'red' ? RED : BLUE);
      await holds(
        () => points.every((_, index) => isColour([...seen.values()].at(-1)?.[index] ?? [0, 0, 0], last)),
        `the end of ${JSON.stringify(transition)}`,
      );
      page.receiver.onPicture = () => {};
      return [...seen.values()];
    };
    const at = (amount: number, from: string, to: string) =>
      bt709(from).map((level, index) => level + (bt709(to)[index] ?? 0) * amount - level * amount);
    const centre = [[160, 90]] as const;

    const fade = await follow('blue', { kind: 'fade' }, centre);
    const fading = fade.filter(([point]) => !isColour(point ?? [], bt709(RED)) && !isColour(point ?? [], bt709(BLUE)));
    // a busy machine leaves ticks out, but no picture is of another mixture than its tick's
    expect(fading.length).toBeGreaterThan(0);
    const steps = Array.from({ length: 9 }, (_, step) => at((step + 1) / 10, RED, BLUE));
    for (const [point] of fading)
      expect(
        steps.some((step) => isColour(point ?? [], step)),
        `${point}`,
      ).toBe(true);

    const through = await follow('red', { kind: 'fadeThrough', colour: '#ffffff' }, centre);
    expect(Math.max(...through.map(([point]) => point?.[0] ?? 0))).toBeGreaterThan(180);

    const edges = [
      [2, 90],
      [317, 90],
    ] as const;
    const sides = async (to: 'red' | 'blue', transition: object) => {
      const pictures = await follow(to, transition, edges);
      const colours = [bt709(to === 'red' ? BLUE : RED), bt709(to === 'red' ? RED : BLUE)] as const;
      return pictures.filter(([left, right]) => isColour(left ?? [], colours[1]) && isColour(right ?? [], colours[0])).length;
    };
    expect(await sides('blue', { kind: 'slide', towards: 'right' })).toBeGreaterThan(0);
    expect(await sides('red', { kind: 'wipe', pattern: 'across', softness: 0 })).toBeGreaterThan(0);
    expect(await sides('blue', { kind: 'wipe', pattern: 'across', softness: 0, inverted: true })).toBe(0);
    expect(page.of('error')).toEqual([]);
  });

  test('sends every tick of a still scene, and follows a cut, a new size and a new connection', async () => {
    const page = await open();
    const still = collection([{ sourceId: 'colour', ...whole }], [{ id: 'colour', kind: 'colour', colour: '#305090' }]);
    page.tell({ type: 'collection', collection: still });
    page.demand(DEMAND);
    const first = await page.freshPicture();
    expectColour(pixel(first, 640, 360), bt709('#305090'), 'still');
    expect(readTickStrip(first.planes, 1280, 1280)).toBe(first.tick);

    page.demand({ widthPx: 640, heightPx: 480, frameRate: 25 });
    await holds(() => page.receiver.last?.heightPx === 480, 'pictures of the new size');
    const boxed = await page.freshPicture();
    expectColour(pixel(boxed, 320, 30), [16, 128, 128], 'bar above 16:9 in 4:3');
    expectColour(pixel(boxed, 320, 240), bt709('#305090'), 'still in the new size');
    const { tick, captureTimeUs } = page.receiver.pictures.at(-1) ?? { tick: 0, captureTimeUs: 0 };
    expect(Math.abs(captureTimeUs - (tick * 1e6) / 25)).toBeLessThan(2e6 / 25);

    page.tell({ type: 'reopen' });
    await page.until('connect', ({ role, requestId }) => role === 'video' && requestId > 2);
    await page.freshPicture();
    page.demand(null);
    await holds(() => page.receiver.nowUs() - (page.receiver.pictures.at(-1)?.arrivedUs ?? 0) > 500_000, 'the pictures to cease');
    expect(page.of('error')).toEqual([]);
  });
});

test('when the GPU process dies, the pictures go on from the CPU', async () => {
  const page = await open({ start: { options: { backend: 'webgl2', tickStrip: true }, preview: true } });
  page.tell({ type: 'collection', collection: collection([{ sourceId: 'camera', ...whole }], [camera]) });
  page.demand({ ...DEMAND, widthPx: 642, heightPx: 362 });
  await page.until('source', ({ status }) => status.phase === 'ready');
  const drawn = await page.freshPicture();
  CAMERA_COLUMNS.forEach((column, index) => expectColour(pixel(drawn, 80 + 160 * index, 325), bt709(column), `column ${index} of the GPU`));
  page.kill('--type=gpu-process');
  await page.until('stats', ({ stats }) => stats.backend === 'cpu' && stats.framesPerSecond > 0);
  const picture = await page.freshPicture();
  CAMERA_COLUMNS.forEach((column, index) =>
    expectColour(pixel(picture, 80 + 160 * index, 325), bt709(column), `column ${index} of the CPU`),
  );
});

test('a screen is shown once the user has picked one', async () => {
  const browser = await chromium.launch({
    executablePath: requireTool('chromium'),
    args: [
      '--no-sandbox',
      '--use-fake-ui-for-media-stream',
      '--use-fake-device-for-media-stream',
      '--auto-select-desktop-capture-source=Entire screen',
    ],
  });
  const tab = await browser.newPage();
  const page = await open({
    async browser(url) {
      await tab.goto(url);
      return browser;
    },
  });
  page.tell({
    type: 'collection',
    collection: collection([{ sourceId: 'screen', ...whole }], [{ id: 'screen', kind: 'screen', captureId: null }]),
  });
  page.demand(DEMAND);
  const { status } = await page.until('source', ({ status }) => status.phase === 'failed');
  expect(status.failure).toMatchObject({ code: 'device.not-found', message: expect.stringContaining('Choose one') });
  await tab.click('#pick');
  const ready = await page.until('source', ({ status }) => status.phase === 'ready');
  expect(ready.status.sizePx?.width).toBeGreaterThan(100);
  const picture = await page.freshPicture();
  expect(pixel(picture, 100, 650)).not.toEqual(PLACEHOLDER.map(Math.round));
});

describe('sound', () => {
  test('a microphone arrives without gaps, on the engine clock, with its level', async () => {
    const page = await open();
    page.tell({
      type: 'collection',
      collection: collection([], [], [{ id: 'microphone', name: 'Microphone', deviceId: null, gainDb: -6 }]),
    });
    page.demand(DEMAND);
    await page.until('input', ({ status }) => status.phase === 'ready');
    const { blocks } = page.receiver;
    await holds(() => blocks.length > 250, 'sound');
    let next = 0;
    for (const { sampleIndex, samples } of blocks) {
      expect(sampleIndex).toBe(next);
      next = sampleIndex + samples.length / 2;
    }
    for (const { captureTimeUs, arrivedUs, samples } of blocks.slice(100)) {
      expect(samples.every(Number.isFinite)).toBe(true);
      expect(captureTimeUs).toBeLessThan(arrivedUs);
    }
    // ffmpeg's sine is at -18 dBFS RMS + 3: amplitude 1/8; the strip takes 6 dB off.
    await holds(() => loudest(page, 0.3)[0] > -26, 'the tone at its level in the program');
    expect(Math.abs(loudest(page, 0.3)[0] - -24.1)).toBeLessThan(0.5);
    const { readings } = await page.until('meters', ({ readings }) => readings.some(({ inputId }) => inputId === 'microphone'));
    const strip = readings.find(({ inputId }) => inputId === 'microphone');
    expect(strip?.peakDb[0]).toBeGreaterThan(-27);
    expect(strip?.peakDb[0]).toBeLessThan(-21);
    // fader, pan and a filter are heard; mute and another strip's solo silence it, an offset delays it
    const one = { id: 'microphone', name: 'Microphone', deviceId: null };
    const set = (...inputs: object[]) => page.tell({ type: 'collection', collection: collection([], [], inputs) });
    set({ ...one, pan: 1, filters: [{ id: 'f', kind: 'gain', gainDb: -6 }] });
    await holds(() => loudest(page, 0.2)[0] < -100 && Math.abs(loudest(page, 0.2)[1] - -24.1) < 0.5, 'the tone on the right alone');
    set({ ...one, muted: true });
    await holds(() => loudest(page, 0.2)[1] < -100, 'silence of the mute');
    set(one, { ...one, id: 'other', name: 'Other', solo: true, gainDb: -96 });
    await page.until('input', ({ status }) => status.inputId === 'other' && status.phase === 'ready');
    await holds(() => loudest(page, 0.2)[1] < -90, 'silence beside a solo');
    const originUs = () => {
      const { captureTimeUs, sampleIndex } = page.receiver.blocks.at(-1) ?? { captureTimeUs: 0, sampleIndex: 0 };
      return captureTimeUs - (sampleIndex * 1e6) / 48_000;
    };
    const beforeUs = originUs();
    set({ ...one, syncOffsetMs: -200 });
    await holds(() => Math.abs(originUs() - beforeUs - -200_000) < 50_000, 'stamps set back by the offset');
    await holds(() => Math.abs(loudest(page, 0.2)[0] - -18.1) < 0.5, 'the tone at its full level');
  });

  test('without a microphone, flash and beep come together', async () => {
    const page = await open();
    page.tell({
      type: 'collection',
      collection: collection([{ sourceId: 'flash', ...whole }], [{ id: 'flash', kind: 'avTest', periodMs: 1_000 }]),
    });
    page.demand(DEMAND);
    await holds(() => flashToBeepUs(page).length >= 3, 'flashes and beeps that no stall of the machine has torn apart', 60_000);
    const offsets = flashToBeepUs(page).sort((a, b) => a - b);
    expect(offsets[Math.floor(offsets.length / 2)]).toBeLessThan(5_000);
  });
});

/** The largest sample of each side in the newest sound, in dBFS. */
function loudest({ receiver: { blocks } }: PageUnderTest, seconds: number): [left: number, right: number] {
  const peaks: [number, number] = [0, 0];
  const endUs = blocks.at(-1)?.arrivedUs ?? 0;
  for (const { samples } of blocks.filter(({ arrivedUs }) => arrivedUs > endUs - seconds * 1e6))
    samples.forEach((sample, n) => {
      peaks[n % 2 === 0 ? 0 : 1] = Math.max(peaks[n % 2 === 0 ? 0 : 1], Math.abs(sample));
    });
  return [gainToDb(peaks[0]), gainToDb(peaks[1])];
}

/** How far each beep is from its flash, for flashes whose tick before was delivered too and sound that has no step there. */
function flashToBeepUs({ receiver: { pictures, flashes, blocks } }: PageUnderTest): number[] {
  const delivered = new Set(pictures.map(({ tick }) => tick));
  const beeps = beepsUs(blocks);
  return flashes
    .filter((tick) => delivered.has(tick - 1))
    .map((tick) => tickToUs(tick, DEMAND.frameRate))
    .filter((flashUs) => isSteady(blocks, flashUs))
    .map((flashUs) => Math.min(...beeps.map((beepUs) => Math.abs(beepUs - flashUs))));
}

/** Whether the sound half a second before and after an instant has come, stamped without a step. */
function isSteady(blocks: readonly AudioBlock[], aroundUs: number): boolean {
  const near = blocks.filter(({ captureTimeUs }) => Math.abs(captureTimeUs - aroundUs) < 500_000);
  const origins = near.map(({ captureTimeUs, sampleIndex }) => captureTimeUs - (sampleIndex * 1e6) / 48_000);
  return (near.at(-1)?.captureTimeUs ?? 0) > aroundUs + 400_000 && Math.max(...origins) - Math.min(...origins) < 1_000;
}

/** When sound set in after silence, in engine time. */
function beepsUs(blocks: readonly AudioBlock[]): number[] {
  const starts: number[] = [];
  let quietFrames = 0;
  for (const { captureTimeUs, samples } of blocks)
    for (let frame = 0; frame < samples.length / 2; frame++) {
      const isLoud = Math.abs(samples[frame * 2] ?? 0) > 0.01;
      if (isLoud && quietFrames > 4_800) starts.push(captureTimeUs + (frame * 1e6) / 48_000);
      quietFrames = isLoud ? 0 : quietFrames + 1;
    }
  return starts;
}
