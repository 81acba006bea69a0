/** In the page: a picture through filters on one back end, as the compositor would have it. */
import type { Backend } from '../../../src-renderer/compositor/backends/backend.ts';
import { createBackend } from '../../../src-renderer/compositor/backends/create-backend.ts';
import type { ReadyFilter } from '../../../src-renderer/compositor/filters/chain.ts';
import { nextRevision, type SourcePicture, softwareCanvas } from '../../../src-renderer/compositor/sources/source-picture.ts';
import { parseCube } from '../../../src-shared/cube-lut.ts';
import { FILTER_TRAITS, type Filter } from '../../../src-shared/domain/index.ts';
import type { FilterJob } from './protocol.ts';

const backends = new Map<string, Promise<Backend>>();
const pictures = new Map<string, Promise<ImageBitmap>>();

const asset = async (id: string) => await fetch(`assets/${id}`);
function bitmap(id: string): Promise<ImageBitmap> {
  const loaded = pictures.get(id) ?? asset(id).then(async (response) => createImageBitmap(await response.blob()));
  pictures.set(id, loaded);
  return loaded;
}

async function ready(filter: Filter): Promise<ReadyFilter> {
  if (!('assetId' in filter) || !filter.assetId) return { filter, asset: null };
  if (FILTER_TRAITS[filter.kind].asset === 'lut')
    return { filter, asset: { kind: 'lut', lut: parseCube(await (await asset(filter.assetId)).text()) } };
  return { filter, asset: { kind: 'picture', picture: await bitmap(filter.assetId) } };
}

export async function runFilters(
  job: FilterJob,
): Promise<{ widthPx: number; heightPx: number; rgba: string; ms: number; costs: Record<string, number> }> {
  const backend = await (backends.get(job.backend) ?? backends.set(job.backend, createBackend(job.backend)).get(job.backend));
  if (backend?.kind !== job.backend) throw new Error(`there is no ${job.backend}`);
  const filters = await Promise.all(job.filters.map(ready));
  const original = await bitmap(job.assetId);
  const shifts = job.shifts ?? [0];
  const took: number[] = [];
  let size = { width: 0, height: 0 };
  for (const [tick, shift] of [...shifts, ...Array(job.repeat ?? 0).fill(shifts.at(-1))].entries()) {
    using picture = pictureOf(original, shift, job);
    const startMs = performance.now();
    const request = { sourceId: 'source', picture: picture.picture, filters, scale: job.scale ?? 1, at: { tick, frameRate: 30 } };
    const filtered = filters.length > 0 ? backend.filter(request) : picture.picture;
    const next = { width: filtered.widthPx + (filtered.widthPx % 2), height: filtered.heightPx + (filtered.heightPx % 2) };
    if (next.width !== size.width || next.height !== size.height) backend.resize(next.width, next.height);
    size = next;
    const whole = { x: 0, y: 0, width: filtered.widthPx, height: filtered.heightPx };
    const placement = { from: whole, to: whole, rotationRad: 0, centreX: 0, centreY: 0 };
    backend.draw({ background: '#ff00ff', layers: [{ key: 'item', sourceId: 'source', picture: filtered, placement }] });
    took.push(performance.now() - startMs);
  }
  const { context } = softwareCanvas(size.width, size.height, { alpha: false });
  context.drawImage(backend.show(), 0, 0);
  const { data } = context.getImageData(0, 0, size.width, size.height);
  const ms = took.slice(-(job.repeat ?? 1)).sort((a, b) => a - b)[Math.floor((job.repeat ?? 1) / 2)] ?? 0;
  return { widthPx: size.width, heightPx: size.height, rgba: base64(data), ms, costs: Object.fromEntries(backend.filterCosts()) };
}

function pictureOf(original: ImageBitmap, shift: number, job: FilterJob): { picture: SourcePicture } & Disposable {
  const { canvas, context } = softwareCanvas(original.width, original.height, { alpha: !job.isFrame });
  for (const x of [shift, shift - original.width]) context.drawImage(original, x, 0);
  const image = job.isFrame ? new VideoFrame(canvas, { timestamp: 0, alpha: 'discard' }) : canvas;
  const picture = {
    image,
    widthPx: original.width,
    heightPx: original.height,
    revision: nextRevision(),
    moving: true,
    mirrored: job.mirrored ?? false,
  };
  return { picture, [Symbol.dispose]: () => image instanceof VideoFrame && image.close() };
}

function base64(bytes: Uint8ClampedArray): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += 0x8000) text += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
  return btoa(text);
}
