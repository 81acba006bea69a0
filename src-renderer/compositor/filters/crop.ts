/** Crop: so many of the source's pixels are cut from each edge; the picture becomes smaller, at least one pixel is left. */
import type { FilterOf } from '../../../src-shared/domain/index.ts';
import type { RectPx, SizePx } from '../layout.ts';
import type { AreaKind } from './filter-kind.ts';

type CropFilter = FilterOf<'crop'>;

const GLSL = `#version 300 es
precision highp float;
uniform sampler2D picture;
uniform ivec2 corner;
out vec4 colour;
void main() { colour = texelFetch(picture, ivec2(gl_FragCoord.xy) + corner, 0); }`;

export const crop: AreaKind<CropFilter> = {
  shape: 'area',
  cpu(run, filter) {
    const { x, y, width, height } = rectOf(filter, run.size, run.scale);
    const to = run.spare(width * height * 4 + 64);
    const from = run.pixels + (y * run.size.width + x) * 4;
    for (let row = 0; row < height; row++) run.kernels.copy(from + row * run.size.width * 4, to + row * width * 4, width * 4);
    run.pixels = to;
  },
  gl(run, input, filter) {
    const { x, y, width, height } = rectOf(filter, run.size, run.scale);
    return run.draw(GLSL, { picture: input }, { corner: [x, y] }, { width, height });
  },
  size: (filter, size, scale) => rectOf(filter, size, scale),
  changesAlpha: () => false,
};

function rectOf({ leftPx, topPx, rightPx, bottomPx }: CropFilter, size: SizePx, scale: number): RectPx {
  const x = Math.min(Math.round(leftPx * scale), size.width - 1);
  const y = Math.min(Math.round(topPx * scale), size.height - 1);
  return {
    x,
    y,
    width: Math.max(1, size.width - x - Math.round(rightPx * scale)),
    height: Math.max(1, size.height - y - Math.round(bottomPx * scale)),
  };
}
