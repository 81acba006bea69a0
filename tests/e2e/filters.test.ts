/**
 * Every filter on both back ends, in one browser: against a plain reference in floating point, and against each other.
 * The picture is a frame of the presenter where there is one, else ffmpeg's test picture. @see docs/filters.md
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Filter, type FilterKind, type FilterOf } from '../../src-shared/domain/index.ts';
import { run } from '../support/broadcast-analysis.ts';
import { bt709, expectColour, pixel } from '../support/compositor-page/colours.ts';
import {
  at,
  overMagenta,
  type Picture,
  picture,
  psnr,
  references,
  temporalReference,
} from '../support/compositor-page/filter-references.ts';
import { buildPage, type PageUnderTest, removeFolder } from '../support/compositor-page/harness.ts';
import type { FilterJob } from '../support/compositor-page/protocol.ts';
import { box, CAMERA_COLUMNS, camera, collection, DEMAND, makeMedia, openPage, whole } from '../support/compositor-page/scenes.ts';

/** of each back end against the reference, and against each other */
const PSNR_DB = 40;
/** A wide blur sees the mean of the edge's pixels beyond the picture's edge, which hard colours there show. */
const PSNR_WIDE_BLUR_DB = 30;
const [WIDTH, HEIGHT] = [160, 90];
const BACKENDS = ['cpu', 'webgl2'] as const;

let folder = '';
let media = '';
let page: PageUnderTest;
let original: Picture;

beforeAll(async () => {
  [folder, media] = await Promise.all([buildPage(), makeMedia()]);
  const presenter = process.env['TIDECAST_MEDIA_DIR'];
  const input = presenter
    ? ['-ss', '1', '-i', join(presenter, 'presenter-720p30.mp4')]
    : ['-f', 'lavfi', '-i', `testsrc2=s=${WIDTH}x${HEIGHT}`];
  const file = join(media, 'frame.png');
  await run('ffmpeg', ['-v', 'error', '-y', ...input, '-frames:v', '1', '-vf', `scale=${WIDTH}:${HEIGHT},format=rgb24`, file]);
  await run('ffmpeg', ['-v', 'error', '-y', '-i', file, '-f', 'rawvideo', '-pix_fmt', 'rgba', join(media, 'frame.rgba')]);
  const raw = await readFile(join(media, 'frame.rgba'));
  original = { widthPx: WIDTH, heightPx: HEIGHT, rgba: Float64Array.from(raw) };
  page = await openPage(folder, media);
  page.addAsset('frame', 'image/png', await readFile(file));
  page.addAsset('mark', 'image/png', await readFile(join(media, 'picture.png')));
}, 60_000);

afterAll(async () => {
  await page?.close();
  await removeFolder(folder);
  await removeFolder(media);
});

const filterOf = <K extends FilterKind>(kind: K, part: object = {}) => Filter.parse({ id: `${kind}1`, kind, ...part }) as FilterOf<K>;

/** Both back ends do what is wanted, and the same. */
async function expectPicture(wanted: Picture, filters: readonly Filter[], job: Partial<FilterJob> = {}, leastDb = PSNR_DB): Promise<void> {
  const shown = overMagenta(wanted);
  const [cpu, gl] = await Promise.all(BACKENDS.map((backend) => page.filter({ backend, assetId: 'frame', filters, ...job })));
  for (const [name, got] of [['cpu', cpu] as const, ['webgl2', gl] as const]) {
    expect([got?.widthPx, got?.heightPx], name).toEqual([shown.widthPx, shown.heightPx]);
    expect(psnr(got?.rgba ?? [], shown.rgba), `${name} and the reference`).toBeGreaterThan(leastDb);
  }
  expect(psnr(cpu?.rgba ?? [], gl?.rgba ?? []), 'the back ends').toBeGreaterThan(PSNR_DB);
}

const moved = (byX: number, byY = 0) =>
  picture(WIDTH, HEIGHT, (x, y) => at(original, (x - byX + 4 * WIDTH) % WIDTH, (y - byY + 4 * HEIGHT) % HEIGHT));

test.each([
  ['colour', { brightnessPct: 8, contrastPct: 20, saturationPct: 40, temperaturePct: 30, hueDeg: 20, opacityPct: 80 }],
  ['colour', { gamma: 1.8, contrastPct: -30, saturationPct: -60 }],
  ['chromaKey', { colour: '#4060a0', similarityPct: 6, smoothnessPct: 12, spillPct: 80 }],
  ['lumaKey', { minPct: 25, maxPct: 70, smoothnessPct: 15 }],
  ['colourKey', { colour: '#c0b8a8', similarityPct: 8, smoothnessPct: 20 }],
  ['sharpen', { amountPct: 150 }],
  ['blur', { sigmaPx: 1.5 }],
  ['blur', { sigmaPx: 7 }],
  ['blur', { sigmaPx: 12 }],
  ['denoise', { strengthPct: 60 }],
  ['crop', { leftPx: 20, topPx: 10, rightPx: 6, bottomPx: 4 }],
] as const)('%s %j', async (kind, part) => {
  const filter = filterOf(kind, part);
  const isWide = 'sigmaPx' in part && part.sigmaPx >= 8;
  const wanted = (references[kind] as (from: Picture, filter: Filter) => Picture)(original, filter);
  await expectPicture(wanted, [filter], {}, isWide ? PSNR_WIDE_BLUR_DB : PSNR_DB);
});

test('lut: a grid, mixed with what came; and curves over a wider range', async () => {
  const entries = [0, 1, 2].flatMap((b) => [0, 1, 2].flatMap((g) => [0, 1, 2].map((r) => [1 - r / 2, (g * b) / 4, (r + g) / 4])));
  page.addAsset('grid', 'text/plain', Buffer.from(`LUT_3D_SIZE 3\n${entries.map((entry) => entry.join(' ')).join('\n')}\n`));
  const value = (r: number, g: number, b: number, channel: number) => entries[r + 3 * g + 9 * b]?.[channel] ?? 0;
  const mix = (a: number, b: number, way: number) => a + (b - a) * way;
  const wanted = picture(WIDTH, HEIGHT, (x, y) => {
    const own = at(original, x, y);
    const [r, g, b] = own.slice(0, 3).map((level) => (level / 255) * 2) as [number, number, number];
    const [r0, g0, b0] = [r, g, b].map((position) => Math.min(1, Math.floor(position))) as [number, number, number];
    const found = [0, 1, 2].map((channel) => {
      const row = (gi: number, bi: number) => mix(value(r0, gi, bi, channel), value(r0 + 1, gi, bi, channel), r - r0);
      return mix(mix(row(g0, b0), row(g0 + 1, b0), g - g0), mix(row(g0, b0 + 1), row(g0 + 1, b0 + 1), g - g0), b - b0);
    });
    return [...found.map((level, channel) => mix(own[channel] ?? 0, level * 255, 0.75)), 255] as ReturnType<typeof at>;
  });
  await expectPicture(wanted, [filterOf('lut', { assetId: 'grid', amountPct: 75 })]);
  page.addAsset('curves', 'text/plain', Buffer.from('LUT_1D_SIZE 2\nDOMAIN_MAX 2 2 2\n1 0 0\n0 1 0.5\n'));
  const curved = picture(WIDTH, HEIGHT, (x, y) => {
    const [red, green, blue] = at(original, x, y);
    return [255 - red / 2, green / 2, blue / 4, 255];
  });
  await expectPicture(curved, [filterOf('lut', { assetId: 'curves' })]);
});

test('mask by brightness, and inverted', async () => {
  const weight = (x: number, y: number) => {
    const [red, green, blue] = at(original, x, y);
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  for (const inverted of [false, true]) {
    const wanted = picture(WIDTH, HEIGHT, (x, y) => {
      const [red, green, blue] = at(original, x, y);
      return [red, green, blue, inverted ? 255 - weight(x, y) : weight(x, y)];
    });
    await expectPicture(wanted, [filterOf('mask', { assetId: 'frame', by: 'luma', inverted })]);
  }
});

test('watermark, in its corner and readable on a mirrored camera', async () => {
  const mark = filterOf('watermark', { assetId: 'mark', sizePct: 40, marginPct: 10, opacityPct: 50, place: 'top-right' });
  const wanted = (from: Picture) =>
    picture(WIDTH, HEIGHT, (x, y) => {
      const own = at(from, x, y);
      // 64 x 32 of #20c040, 9 from the edges
      if (x < WIDTH - 73 || x >= WIDTH - 9 || y < 9 || y >= 41) return own;
      return [0x20, 0xc0, 0x40].map((level, channel) => (level + (own[channel] ?? 0)) / 2).concat(255) as ReturnType<typeof at>;
    });
  await expectPicture(wanted(original), [mark]);
  const mirrored = picture(WIDTH, HEIGHT, (x, y) => at(original, WIDTH - 1 - x, y));
  await expectPicture(wanted(mirrored), [mark], { mirrored: true });
});

test('scroll, delay and noise reduction over time go by the pictures before', async () => {
  // 30 fps: the fourth picture is 100 ms after the first
  await expectPicture(moved(6, -3), [filterOf('scroll', { xPxPerS: 60, yPxPerS: -30 })], { shifts: [0, 0, 0, 0] });
  await expectPicture(moved(20), [filterOf('delay', { delayMs: 100 })], { shifts: [0, 10, 20, 30, 40, 50] });
  const filter = filterOf('temporalDenoise', { strengthPct: 70 });
  await expectPicture(temporalReference([moved(0), moved(0), moved(1), moved(1)], filter), [filter], { shifts: [0, 0, 1, 1] });
});

test('a chain goes in its order; what is switched to half the size is the same picture, coarser', async () => {
  const key = filterOf('lumaKey', { minPct: 40, smoothnessPct: 20 });
  const bright = filterOf('colour', { brightnessPct: 30 });
  const soft = filterOf('blur', { sigmaPx: 4 });
  const { colour, lumaKey, blur } = references;
  await expectPicture(lumaKey(colour(original, bright), key), [bright, key]);
  await expectPicture(colour(lumaKey(original, key), bright), [key, bright]);
  for (const backend of BACKENDS) {
    const half = await page.filter({ backend, assetId: 'frame', filters: [bright, soft], scale: 0.5 });
    expect(psnr(half.rgba, blur(colour(original, bright), soft).rgba), backend).toBeGreaterThan(30);
  }
});

test('in a show: a camera through its filters, which give way when there are too many, and come back', async () => {
  page.addAsset('green', 'image/png', await readFile(join(media, 'picture.png')));
  const show = (filters: readonly object[]) =>
    page.tell({
      type: 'collection',
      collection: collection(
        [
          { sourceId: 'camera', ...whole },
          { sourceId: 'text', transform: box(0, 0, 100, 50), fit: 'stretch' },
        ],
        [
          { ...camera, filters },
          { id: 'text', kind: 'text', text: 'T' },
        ],
      ),
    });
  const grey = { id: 'grey', kind: 'colour', saturationPct: -100 };
  const mark = { id: 'mark', kind: 'watermark', assetId: 'green', place: 'centre', opacityPct: 100, sizePct: 50 };
  show([grey, mark]);
  page.demand(DEMAND);
  await page.until('stats', ({ stats }) => (stats.filterMs['mark'] ?? 0) > 0 && (stats.filterMs['grey'] ?? 0) > 0);
  const picture = await page.freshPicture();
  expectColour(pixel(picture, 640, 360), bt709('#20c040'), 'watermark');
  const [luma, u, v] = pixel(picture, 160, 650);
  expectColour([u, v], [128, 128], 'grey');
  expectColour([luma], [bt709(CAMERA_COLUMNS[0])[0]], 'luma of the grey');

  show([grey, ...Array.from({ length: 31 }, (_, index) => ({ id: `soft${index}`, kind: 'denoise' }))]);
  // on a busy machine even the two before may have had to give way
  await page.until('stats', ({ stats }) => stats.filterRelief !== 'none' && (stats.filterMs['soft0'] ?? 0) > 0);
  show([]);
  const since = page.of('stats').length;
  await page.until('stats', (event) => page.of('stats').indexOf(event) >= since && event.stats.filterRelief === 'none');
  expect(page.of('error')).toEqual([]);
});
