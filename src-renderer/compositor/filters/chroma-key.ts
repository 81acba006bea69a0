/**
 * Chroma key. Distances are in the plane of BT.709's Cb and Cr (-½..½ each), so that shadows of the screen go too.
 *
 *   d = |(Cb, Cr) - key|              α = clamp((d - similarity) / smoothness)
 *
 * Spill: what a pixel's chroma has in the key's direction k, beyond what it has across it, is taken off by its share,
 * at the same luma. So the screen's light on hair and shoulders turns grey, while yellow, cyan and skin stay:
 *
 *   e = spill · max(0, c·k - |c×k|)   c' = c - e k
 */
import type { FilterOf } from '../../../src-shared/domain/index.ts';
import type { PointKind } from './filter-kind.ts';
import { chromaOf, rgbOf } from './ycbcr.ts';

const GLSL = `
uniform vec2 key$;
uniform vec2 way$;
uniform float similarity$;
uniform float smoothness$;
uniform float spill$;
vec4 filter$(vec4 c, vec2 at) {
  float luma = dot(c.rgb, vec3(0.2126, 0.7152, 0.0722));
  vec2 chroma = vec2((c.b - luma) / 1.8556, (c.r - luma) / 1.5748);
  float alpha = clamp((distance(chroma, key$) - similarity$) / smoothness$, 0.0, 1.0);
  float along = dot(chroma, way$);
  float aside = abs(chroma.x * way$.y - chroma.y * way$.x);
  vec2 less = spill$ * max(0.0, along - aside) * way$;
  vec3 change = vec3(1.5748 * less.y, -0.1873 * less.x - 0.4681 * less.y, 1.8556 * less.x);
  return vec4(c.rgb - change, c.a * alpha);
}`;

export const chromaKey: PointKind<FilterOf<'chromaKey'>> = {
  shape: 'point',
  glsl: GLSL,
  uniforms(filter) {
    const key = chromaOf(rgbOf(filter.colour));
    const length = Math.hypot(...key) || 1;
    return {
      key,
      way: key.map((value) => value / length),
      similarity: filter.similarityPct / 100,
      smoothness: filter.smoothnessPct / 100,
      spill: filter.spillPct / 100,
    };
  },
  ops(filter) {
    const [cb, cr] = chromaOf(rgbOf(filter.colour));
    return [
      {
        op: 'chromaKey',
        key: [cb * 255, cr * 255],
        similarity: filter.similarityPct * 2.55,
        smoothness: filter.smoothnessPct * 2.55,
        spill: filter.spillPct / 100,
      },
    ];
  },
  changesAlpha: () => true,
};
