/** Runs a source's filters on the CPU: pixels are taken out of a canvas once, go through the kernels, and come back once. */

import { tickToUs } from '../../../../src-shared/units.ts';
import type { FrameCanvases } from '../../backends/cpu/frame-canvases.ts';
import type { SizePx } from '../../layout.ts';
import { type SourcePicture, softwareCanvas } from '../../sources/source-picture.ts';
import { answerOf, chainKey, type FilterRequest, requestKey, type Step, stepsOf, workSize } from '../chain.ts';
import { FilterCosts } from '../filter-costs.ts';
import type { CpuRun } from '../filter-kind.ts';
import { FilterStates } from '../filter-states.ts';
import { PointProgram } from '../point-program.ts';
import type { FilterKernels } from './filter-kernels.ts';

type Drawable = ReturnType<typeof softwareCanvas>;

/** What is kept of a source. */
interface Chain {
  key: string;
  steps: { step: Step; program: PointProgram | null }[];
  states: FilterStates;
  /** where its picture is drawn smaller, or mirrored, before it is read */
  input: Drawable | null;
  output: (Drawable & { isOpaque: boolean }) | null;
  answer: { to: string; picture: SourcePicture } | null;
  used: boolean;
}

export class CpuFilters {
  readonly costs = new FilterCosts();
  readonly #kernels: FilterKernels;
  readonly #frames: FrameCanvases;
  readonly #chains = new Map<string, Chain>();

  constructor(kernels: FilterKernels, frames: FrameCanvases) {
    this.#kernels = kernels;
    this.#frames = frames;
  }

  filter(request: FilterRequest): SourcePicture {
    const chain = this.#chainOf(request);
    chain.used = true;
    const to = requestKey(request);
    if (chain.answer?.to === to) return chain.answer.picture;
    const picture = this.#run(request, chain);
    chain.answer = { to, picture };
    return picture;
  }

  /** A picture is done: chains that had no part in it are dropped. */
  forgetUnused(): void {
    for (const [sourceId, chain] of this.#chains) {
      if (!chain.used) {
        this.#dispose(chain);
        this.#chains.delete(sourceId);
      }
      chain.used = false;
    }
  }

  dispose(): void {
    for (const chain of this.#chains.values()) this.#dispose(chain);
    this.#chains.clear();
  }

  #chainOf({ sourceId, picture, filters, scale }: FilterRequest): Chain {
    const size = workSize(picture, scale);
    const key = `${size.width}x${size.height},${scale},${chainKey(filters)}`;
    let chain = this.#chains.get(sourceId);
    if (!chain) {
      chain = { key: '', steps: [], states: new FilterStates(), input: null, output: null, answer: null, used: true };
      this.#chains.set(sourceId, chain);
    }
    if (chain.key === key) return chain;
    for (const { program } of chain.steps) program?.[Symbol.dispose]();
    chain.key = key;
    chain.answer = null;
    chain.steps = stepsOf(filters, size, scale).map((step) => ({ step, program: this.#programOf(step) }));
    return chain;
  }

  #programOf(step: Step): PointProgram | null {
    if (step.shape === 'area') return null;
    return new PointProgram(
      this.#kernels,
      step.points.flatMap(({ kind, filter, context }) => kind.ops(filter, context)),
    );
  }

  #run(request: FilterRequest, chain: Chain): SourcePicture {
    // A camera's frame becomes a canvas in any case, filters or not: that is not theirs to pay.
    const image = this.#frames.of(request.sourceId, request.picture);
    const startMs = performance.now();
    const spares: number[] = [];
    const spare = (bytes: number) => {
      const address = this.#kernels.allocate(bytes);
      spares.push(address);
      return address;
    };
    try {
      const size = workSize(request.picture, request.scale);
      const pixels = spare(size.width * size.height * 4 + 64);
      const bytes = this.#pixelsOf(image, request.picture, chain, size);
      this.#kernels.bytes(pixels, bytes.length).set(bytes);
      const state: Picture = { pixels, size, isOpaque: request.picture.image instanceof VideoFrame, isPremultiplied: false };
      let runMs = 0;
      for (const entry of chain.steps) runMs += this.#step(entry, state, request, chain.states, spare);
      this.#straighten(state);
      const canvas = this.#putOut(state, chain);
      this.costs.add([request.sourceId], performance.now() - startMs - runMs);
      return { ...answerOf(request), image: canvas };
    } finally {
      for (const address of spares) this.#kernels.free(address);
      chain.states.forgetUnused();
    }
  }

  /** @returns how long it took */
  #step(
    { step, program }: Chain['steps'][number],
    picture: Picture,
    { at }: FilterRequest,
    states: FilterStates,
    spare: CpuRun['spare'],
  ): number {
    const startMs = performance.now();
    const count = picture.size.width * picture.size.height;
    if (step.shape === 'points') {
      this.#straighten(picture);
      program?.run(picture.pixels, count);
      picture.isOpaque &&= step.points.every(({ kind, filter }) => !kind.changesAlpha(filter));
    } else {
      if (!picture.isOpaque && !picture.isPremultiplied) this.#kernels.premultiply(picture.pixels, count);
      picture.isPremultiplied = true;
      const { filter, kind, context } = step;
      const run: CpuRun = {
        ...context,
        kernels: this.#kernels,
        pixels: picture.pixels,
        isOpaque: picture.isOpaque,
        atUs: tickToUs(at.tick, at.frameRate),
        frameRate: at.frameRate,
        analysis: null,
        spare,
        keep: (key, make) => states.keep(filter.id, key, make),
      };
      kind.cpu(run, filter);
      picture.pixels = run.pixels;
      picture.size = kind.size?.(filter, picture.size, context.scale) ?? picture.size;
      picture.isOpaque &&= !kind.changesAlpha(filter);
    }
    const tookMs = performance.now() - startMs;
    const ids = step.shape === 'points' ? step.points.map(({ filter }) => filter.id) : [step.filter.id];
    this.costs.add(ids, tookMs);
    return tookMs;
  }

  #straighten(picture: Picture): void {
    if (picture.isPremultiplied && !picture.isOpaque) this.#kernels.unpremultiply(picture.pixels, picture.size.width * picture.size.height);
    picture.isPremultiplied = false;
  }

  /** Red, green, blue and alpha of the source's picture as it is worked on. */
  #pixelsOf(image: ReturnType<FrameCanvases['of']>, picture: SourcePicture, chain: Chain, { width, height }: SizePx): Uint8ClampedArray {
    if (image instanceof OffscreenCanvas && !picture.mirrored && image.width === width && image.height === height) {
      const own = image.getContext('2d');
      if (own) return own.getImageData(0, 0, width, height).data;
    }
    const alpha = !(picture.image instanceof VideoFrame);
    if (chain.input?.canvas.width !== width || chain.input.canvas.height !== height) chain.input = softwareCanvas(width, height, { alpha });
    const { context } = chain.input;
    context.setTransform(picture.mirrored ? -1 : 1, 0, 0, 1, picture.mirrored ? width : 0, 0);
    context.imageSmoothingQuality = picture.moving ? 'low' : 'high';
    if (alpha) context.clearRect(0, 0, width, height);
    context.drawImage(image, 0, 0, width, height);
    return context.getImageData(0, 0, width, height).data;
  }

  #putOut({ pixels, size: { width, height }, isOpaque }: Picture, chain: Chain): OffscreenCanvas {
    let { output } = chain;
    if (output?.canvas.width !== width || output.canvas.height !== height || output.isOpaque !== isOpaque)
      output = { ...softwareCanvas(width, height, { alpha: !isOpaque }), isOpaque };
    chain.output = output;
    const { buffer, byteOffset, length } = this.#kernels.bytes(pixels, width * height * 4);
    output.context.putImageData(new ImageData(new Uint8ClampedArray(buffer, byteOffset, length), width, height), 0, 0);
    return output.canvas;
  }

  #dispose(chain: Chain): void {
    for (const { program } of chain.steps) program?.[Symbol.dispose]();
    chain.states[Symbol.dispose]();
  }
}

/** A picture on its way through the steps. */
interface Picture {
  pixels: number;
  size: SizePx;
  isOpaque: boolean;
  isPremultiplied: boolean;
}
