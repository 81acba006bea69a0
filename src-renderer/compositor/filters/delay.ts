/**
 * Delay: the picture of a while ago, for a camera that is ahead of its sound. Pictures wait in a line of bounded memory:
 * a line that would be longer holds pictures of half the size, or a quarter.
 */
import type { FilterOf } from '../../../src-shared/domain/index.ts';
import { US_PER_MS } from '../../../src-shared/units.ts';
import type { GlTarget } from '../backends/webgl2/gl.ts';
import type { SizePx } from '../layout.ts';
import { DOUBLE_GLSL, doubled, HALVE_GLSL, halved, sizesOf } from './blur.ts';
import { DelayLine } from './delay-line.ts';
import type { AreaKind } from './filter-kind.ts';

type Delay = FilterOf<'delay'>;

export const DELAY_BYTES_MAX = 128 * 1024 * 1024;

export const delay: AreaKind<Delay> = {
  shape: 'area',
  cpu(run, filter) {
    const sizes = sizesOf(run.size, halvingsFor(run.size, filter.delayMs, run.frameRate));
    const smallest = sizes.at(-1) as SizePx;
    const line = run.keep(keyOf(sizes), () => new DelayLine<Uint8Array>());
    const bytes = smallest.width * smallest.height * 4;
    const copy = line.spare() ?? new Uint8Array(bytes);
    copy.set(run.kernels.bytes(halved(run, run.pixels, sizes), bytes));
    line.push(run.atUs, copy);
    const then = run.spare(bytes + 64);
    run.kernels.bytes(then, bytes).set(line.at(run.atUs - filter.delayMs * US_PER_MS));
    run.pixels = doubled(run, then, sizes);
  },
  gl(run, input, filter) {
    const sizes = sizesOf(run.size, halvingsFor(run.size, filter.delayMs, run.frameRate));
    const line = run.keep(keyOf(sizes), () => new DelayLine<GlTarget>((target) => run.letGo(target)));
    let picture = input;
    for (const size of sizes.slice(1)) picture = run.draw(HALVE_GLSL, { picture }, {}, size);
    run.hold(picture);
    line.push(run.atUs, picture);
    picture = line.at(run.atUs - filter.delayMs * US_PER_MS);
    for (const size of sizes.slice(0, -1).reverse()) picture = run.draw(DOUBLE_GLSL, { picture }, {}, size);
    return picture;
  },
  changesAlpha: () => false,
  isLive: ({ delayMs }) => delayMs > 0,
};

const keyOf = (sizes: readonly SizePx[]) => sizes.map(({ width, height }) => `${width}x${height}`).join();

/** How often the pictures must be halved so that the line is no larger than it may be. */
export function halvingsFor({ width, height }: SizePx, delayMs: number, frameRate: number): number {
  const bytes = (Math.ceil((delayMs / 1_000) * frameRate) + 2) * width * height * 4;
  return Math.max(0, Math.ceil(Math.log2(bytes / DELAY_BYTES_MAX) / 2));
}
