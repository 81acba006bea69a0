/**
 * Composes with Canvas2D in memory and converts with WASM: without a GPU this is about ten times cheaper than WebGL.
 * Two rules make it so: a VideoFrame is drawn 1:1 into a canvas of its own size first (a scaled drawImage of a frame
 * goes through the GPU process), and stills are scaled and turned once, then only copied.
 */
import type { FilterRequest } from '../../filters/chain.ts';
import { CpuFilters } from '../../filters/cpu/cpu-filters.ts';
import { type FilterKernels, loadFilterKernels } from '../../filters/cpu/filter-kernels.ts';
import { boundsOf, type Placement } from '../../layout.ts';
import { type Drawable, type SourcePicture, softwareCanvas } from '../../sources/source-picture.ts';
import { type Backend, type Composition, type Frame, fingerprint, type Layer } from '../backend.ts';
import { CpuMix } from './cpu-mix.ts';
import { FrameCanvases } from './frame-canvases.ts';
import { I420Kernel } from './i420-kernel.ts';

interface Cached extends Drawable {
  id: string;
  used: boolean;
  x: number;
  y: number;
}

export class CpuBackend implements Backend {
  readonly kind = 'cpu';
  readonly #kernel: I420Kernel;
  #program: Drawable = softwareCanvas(16, 16, { alpha: false });
  readonly #frames = new FrameCanvases();
  readonly #filters: CpuFilters;
  readonly #stills = new Map<string, Cached>();
  readonly #mix = new CpuMix();
  #fingerprint = '';

  private constructor(kernel: I420Kernel, filters: FilterKernels) {
    this.#kernel = kernel;
    this.#filters = new CpuFilters(filters, this.#frames);
  }

  static async create(): Promise<CpuBackend> {
    return new CpuBackend(await I420Kernel.load(), await loadFilterKernels());
  }

  show(): OffscreenCanvas {
    return this.#program.canvas;
  }

  resize(widthPx: number, heightPx: number): void {
    this.#program = softwareCanvas(widthPx, heightPx, { alpha: false });
    this.#kernel.resize(widthPx, heightPx);
    this.#fingerprint = '';
    this.#stills.clear();
  }

  filter(request: FilterRequest): SourcePicture {
    return this.#filters.filter(request);
  }

  filterCosts(): ReadonlyMap<string, number> {
    return this.#filters.costs.all();
  }

  draw(frame: Frame): boolean {
    const next = fingerprint(frame);
    if (next === this.#fingerprint) return false;
    this.#fingerprint = next;
    if ('mix' in frame) this.#mix.draw(this.#program, frame, (onto, scene) => this.#drawScene(onto, scene));
    else {
      this.#mix.rest();
      this.#drawScene(this.#program, frame);
    }
    this.#frames.forgetUnused();
    this.#filters.forgetUnused();
    forgetUnused(this.#stills);
    return true;
  }

  #drawScene({ canvas, context }: Drawable, composition: Composition): void {
    context.fillStyle = composition.background;
    if (!coversAll(composition.layers[0], canvas)) context.fillRect(0, 0, canvas.width, canvas.height);
    for (const layer of composition.layers) {
      if (layer.picture.moving) drawPlaced(context, this.#frames.of(layer.sourceId, layer.picture), layer.picture, layer.placement);
      else this.#drawStill(context, layer);
    }
  }

  async readI420(into: Uint8Array): Promise<void> {
    const frame = new VideoFrame(this.#program.canvas, { timestamp: 0 });
    try {
      const redFirst = frame.format?.startsWith('RGB') ?? false;
      await frame.copyTo(this.#kernel.pixels, { layout: [{ offset: 0, stride: this.#program.canvas.width * 4 }] });
      this.#kernel.convert(redFirst, into);
    } finally {
      frame.close();
    }
  }

  dispose(): void {
    this.#frames.clear();
    this.#filters.dispose();
    this.#stills.clear();
  }

  #drawStill(context: OffscreenCanvasRenderingContext2D, layer: Layer): void {
    const id = fingerprint({ background: '', layers: [layer] });
    let cached = this.#stills.get(layer.key);
    if (cached?.id !== id) {
      const bounds = boundsOf(layer.placement, this.#program.canvas);
      if (!bounds) return;
      cached = { ...softwareCanvas(bounds.width, bounds.height), id, used: true, x: bounds.x, y: bounds.y };
      cached.context.imageSmoothingQuality = 'high';
      cached.context.translate(-bounds.x, -bounds.y);
      drawPlaced(cached.context, layer.picture.image, layer.picture, layer.placement);
      this.#stills.set(layer.key, cached);
    }
    cached.used = true;
    context.drawImage(cached.canvas, cached.x, cached.y);
  }
}

function drawPlaced(
  context: OffscreenCanvasRenderingContext2D,
  image: CanvasImageSource,
  { mirrored, widthPx, heightPx }: SourcePicture,
  placement: Placement,
): void {
  const { from, to, rotationRad, centreX, centreY } = placement;
  context.save();
  if (rotationRad !== 0) {
    context.translate(centreX, centreY);
    context.rotate(rotationRad);
    context.translate(-centreX, -centreY);
  }
  let fromX = from.x;
  if (mirrored) {
    context.translate(2 * to.x + to.width, 0);
    context.scale(-1, 1);
    fromX = widthPx - from.x - from.width;
  }
  // A filtered picture may have fewer pixels than it stands for.
  const [byX, byY] = image instanceof OffscreenCanvas ? [image.width / widthPx, image.height / heightPx] : [1, 1];
  context.drawImage(image, fromX * byX, from.y * byY, from.width * byX, from.height * byY, to.x, to.y, to.width, to.height);
  context.restore();
}

/** Whether a layer leaves nothing of the background, so that it need not be painted. */
function coversAll(layer: Layer | undefined, { width, height }: { width: number; height: number }): boolean {
  if (!(layer?.picture.image instanceof VideoFrame) || layer.placement.rotationRad !== 0) return false;
  const { to } = layer.placement;
  return to.x <= 0 && to.y <= 0 && to.x + to.width >= width && to.y + to.height >= height;
}

function forgetUnused(cache: Map<string, Cached>): void {
  for (const [key, cached] of cache) {
    if (!cached.used) cache.delete(key);
    cached.used = false;
  }
}
