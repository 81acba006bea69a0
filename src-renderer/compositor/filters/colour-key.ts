/**
 * Colour key: what is near one colour goes. The distance is the straight one in R'G'B', of which black to white is 1.
 *
 *   d = |c - key| / √3                α = clamp((d - similarity) / smoothness)
 */
import type { FilterOf } from '../../../src-shared/domain/index.ts';
import type { PointKind } from './filter-kind.ts';
import { rgbOf } from './ycbcr.ts';

const GLSL = `
uniform vec3 key$;
uniform float similarity$;
uniform float smoothness$;
vec4 filter$(vec4 c, vec2 at) {
  float alpha = (distance(c.rgb, key$) / sqrt(3.0) - similarity$) / smoothness$;
  return vec4(c.rgb, c.a * clamp(alpha, 0.0, 1.0));
}`;

export const colourKey: PointKind<FilterOf<'colourKey'>> = {
  shape: 'point',
  glsl: GLSL,
  uniforms: (filter) => ({
    key: rgbOf(filter.colour),
    similarity: filter.similarityPct / 100,
    smoothness: filter.smoothnessPct / 100,
  }),
  ops(filter) {
    const levels = 2.55 * Math.sqrt(3);
    const key = rgbOf(filter.colour).map((value) => Math.round(value * 255));
    return [{ op: 'colourKey', key, similarity: filter.similarityPct * levels, smoothness: filter.smoothnessPct * levels }];
  },
  changesAlpha: () => true,
};
