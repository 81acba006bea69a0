/**
 * Mask: a picture, stretched over the source's, says what stays: by its alpha, or by its luma (times its alpha).
 *
 *   α = α · m, or α · (1 - m) when inverted
 *
 * Both back ends get the same plane of weights, made once for the size that is worked on.
 */
import type { FilterOf } from '../../../src-shared/domain/index.ts';
import { softwareCanvas } from '../sources/source-picture.ts';
import type { FilterContext, PointKind } from './filter-kind.ts';

const GLSL = `
uniform sampler2D plane$;
vec4 filter$(vec4 c, vec2 at) { return vec4(c.rgb, c.a * texture(plane$, at).r); }`;

export const mask: PointKind<FilterOf<'mask'>> = {
  shape: 'point',
  glsl: GLSL,
  uniforms(filter, context) {
    const { width, height } = context.size;
    return { plane: { widthPx: width, heightPx: height, channels: 1, data: weights(filter, context) } };
  },
  ops: (filter, context) => [{ op: 'mask', plane: weights(filter, context) }],
  changesAlpha: () => true,
};

function weights({ by, inverted }: FilterOf<'mask'>, { size, asset }: FilterContext): Uint8Array {
  if (asset?.kind !== 'picture') throw new Error('a mask is run without its picture');
  const { context } = softwareCanvas(size.width, size.height);
  context.imageSmoothingQuality = 'high';
  context.drawImage(asset.picture, 0, 0, size.width, size.height);
  const { data } = context.getImageData(0, 0, size.width, size.height);
  const plane = new Uint8Array(size.width * size.height);
  for (let at = 0; at < plane.length; at++) {
    const [red = 0, green = 0, blue = 0, alpha = 0] = data.subarray(at * 4, at * 4 + 4);
    const weight = by === 'alpha' ? alpha : ((0.2126 * red + 0.7152 * green + 0.0722 * blue) * alpha) / 255;
    plane[at] = Math.round(inverted ? 255 - weight : weight);
  }
  return plane;
}
