/**
 * Blur: a Gaussian of standard deviation σ, first along the rows, then along the columns, on premultiplied colours.
 * From σ = 2 on it works on a picture of half the size, from 8 on a quarter, and so on: what that leaves out, such a
 * blur would have taken away. Of n halvings the k-th has variance ¼ · 4ᵏ, and its linear doubling ¾ · 4ᵏ (k from 0, in
 * pixels of the whole picture); the kernel between them makes up what is left:
 *
 *   σ' = √(σ² - (4ⁿ - 1) / 3) / 2ⁿ
 */
import type { FilterOf } from '../../../src-shared/domain/index.ts';
import type { SizePx } from '../layout.ts';
import type { AreaKind, CpuRun } from './filter-kind.ts';
import { CONVOLVE_GLSL, gaussianWeights, weightsUniform } from './gaussian.ts';

export const HALVE_GLSL = `#version 300 es
precision highp float;
uniform sampler2D picture;
out vec4 colour;
void main() {
  ivec2 p = ivec2(gl_FragCoord.xy) * 2;
  ivec2 last = textureSize(picture, 0) - 1;
  ivec2 q = min(p + 1, last);
  colour = (texelFetch(picture, p, 0) + texelFetch(picture, ivec2(q.x, p.y), 0) + texelFetch(picture, ivec2(p.x, q.y), 0) + texelFetch(picture, q, 0)) / 4.0;
}`;

export const DOUBLE_GLSL = `#version 300 es
precision highp float;
uniform sampler2D picture;
out vec4 colour;
void main() { colour = texture(picture, gl_FragCoord.xy / 2.0 / vec2(textureSize(picture, 0))); }`;

export const blur: AreaKind<FilterOf<'blur'>> = {
  shape: 'area',
  cpu(run, { sigmaPx }) {
    const { halvings, sigma } = planOf(sigmaPx * run.scale);
    const sizes = sizesOf(run.size, halvings);
    const small = halved(run, run.pixels, sizes);
    const blurred = convolved(run, small, sizes.at(-1) as SizePx, 4, gaussianWeights(sigma));
    run.pixels = doubled(run, blurred, sizes);
  },
  gl(run, input, { sigmaPx }) {
    const { halvings, sigma } = planOf(sigmaPx * run.scale);
    const sizes = sizesOf(run.size, halvings);
    let picture = input;
    for (const size of sizes.slice(1)) picture = run.draw(HALVE_GLSL, { picture }, {}, size);
    const weights = weightsUniform(gaussianWeights(sigma));
    picture = run.draw(CONVOLVE_GLSL, { picture }, { way: [1, 0], weights }, sizes.at(-1));
    picture = run.draw(CONVOLVE_GLSL, { picture }, { way: [0, 1], weights }, sizes.at(-1));
    for (const size of sizes.slice(0, -1).reverse()) picture = run.draw(DOUBLE_GLSL, { picture }, {}, size);
    return picture;
  },
  changesAlpha: () => false,
};

/** A separable sum over a picture (`channels` 4) or a plane (1). @returns where it lies */
export function convolved(run: CpuRun, pixels: number, size: SizePx, channels: 1 | 4, weights: readonly number[]): number {
  const rowBytes = size.width * channels;
  const bytes = rowBytes * size.height + 64;
  const [rows, columns, padded] = [run.spare(bytes), run.spare(bytes), run.spare(rowBytes + 512)];
  const address = run.kernels.place(Uint16Array.from(weights));
  run.kernels.convolveRows(pixels, rows, rowBytes, size.height, channels, address, weights.length - 1, padded);
  run.kernels.convolveColumns(rows, columns, rowBytes, size.height, address, weights.length - 1);
  run.kernels.free(address);
  return columns;
}

/** How often the picture is halved, and the kernel's σ in pixels of that size. */
export function planOf(sigma: number): { halvings: number; sigma: number } {
  const halvings = sigma < 2 ? 0 : Math.min(5, Math.max(1, Math.floor(Math.log2(sigma)) - 1));
  const variance = (4 ** halvings - 1) / 3;
  return { halvings, sigma: Math.sqrt(sigma ** 2 - variance) / 2 ** halvings };
}

/** the picture's size, and so many halves of it */
export function sizesOf(size: SizePx, halvings: number): SizePx[] {
  const sizes = [size];
  for (let level = 0; level < halvings; level++) {
    const { width, height } = sizes.at(-1) as SizePx;
    sizes.push({ width: Math.ceil(width / 2), height: Math.ceil(height / 2) });
  }
  return sizes;
}

/** A picture of the first size as one of the last, each half the one before. @returns where it lies */
export function halved(run: CpuRun, from: number, sizes: readonly SizePx[]): number {
  let pixels = from;
  for (const [index, size] of sizes.slice(1).entries()) {
    const smaller = run.spare(size.width * size.height * 4 + 64);
    run.kernels.halve(pixels, smaller, sizes[index]?.width ?? 0, sizes[index]?.height ?? 0);
    pixels = smaller;
  }
  return pixels;
}

/** The other way. */
export function doubled(run: CpuRun, from: number, sizes: readonly SizePx[]): number {
  let pixels = from;
  for (const size of sizes.slice(0, -1).reverse()) {
    const larger = run.spare(size.width * size.height * 4 + 64);
    run.kernels.double(pixels, larger, size.width, size.height);
    pixels = larger;
  }
  return pixels;
}
