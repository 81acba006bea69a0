/** Scroll: the picture runs through its frame and comes in again on the other side, by whole pixels, on the engine's clock. */
import type { FilterOf } from '../../../src-shared/domain/index.ts';
import { US_PER_S } from '../../../src-shared/units.ts';
import type { SizePx } from '../layout.ts';
import type { AreaKind } from './filter-kind.ts';

type Scroll = FilterOf<'scroll'>;

const GLSL = `#version 300 es
precision highp float;
uniform sampler2D picture;
uniform ivec2 by;
out vec4 colour;
void main() {
  ivec2 size = textureSize(picture, 0);
  colour = texelFetch(picture, (ivec2(gl_FragCoord.xy) - by + size) % size, 0);
}`;

export const scroll: AreaKind<Scroll> = {
  shape: 'area',
  cpu(run, filter) {
    const { width, height } = run.size;
    const { x, y } = offsetOf(filter, run.size, run.scale, run.atUs);
    const to = run.spare(width * height * 4 + 64);
    for (let row = 0; row < height; row++) {
      const from = run.pixels + row * width * 4;
      const line = to + ((row + y) % height) * width * 4;
      run.kernels.copy(from, line + x * 4, (width - x) * 4);
      if (x > 0) run.kernels.copy(from + (width - x) * 4, line, x * 4);
    }
    run.pixels = to;
  },
  gl(run, input, filter) {
    const { x, y } = offsetOf(filter, run.size, run.scale, run.atUs);
    return run.draw(GLSL, { picture: input }, { by: [x, y] });
  },
  changesAlpha: () => false,
  isLive: ({ xPxPerS, yPxPerS }) => xPxPerS !== 0 || yPxPerS !== 0,
};

/** to the right and downwards, less than the picture's size */
function offsetOf({ xPxPerS, yPxPerS }: Scroll, { width, height }: SizePx, scale: number, atUs: number): { x: number; y: number } {
  const run = (speed: number, length: number) => ((Math.round((speed * scale * atUs) / US_PER_S) % length) + length) % length;
  return { x: run(xPxPerS, width), y: run(yPxPerS, height) };
}
