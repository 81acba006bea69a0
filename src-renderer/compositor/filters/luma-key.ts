/**
 * Luma key: what is between `min` and `max` stays; outside it fades within `smoothness` (s), by BT.709's luma Y.
 *
 *   α = min(clamp(1 + (Y - min) / s), clamp(1 + (max - Y) / s))
 */
import type { FilterOf } from '../../../src-shared/domain/index.ts';
import type { PointKind } from './filter-kind.ts';
import { LUMA_GLSL } from './ycbcr.ts';

const GLSL = `
uniform float from$;
uniform float to$;
uniform float smoothness$;
vec4 filter$(vec4 c, vec2 at) {
  float luma = dot(c.rgb, ${LUMA_GLSL});
  float alpha = 1.0 + min(luma - from$, to$ - luma) / smoothness$;
  return vec4(c.rgb, c.a * clamp(alpha, 0.0, 1.0));
}`;

export const lumaKey: PointKind<FilterOf<'lumaKey'>> = {
  shape: 'point',
  glsl: GLSL,
  uniforms: (filter) => ({ from: filter.minPct / 100, to: filter.maxPct / 100, smoothness: smoothness(filter) / 100 }),
  ops: (filter) => [{ op: 'lumaKey', from: filter.minPct * 2.55, to: filter.maxPct * 2.55, smoothness: smoothness(filter) * 2.55 }],
  changesAlpha: () => true,
};

/** never nothing: half a level */
function smoothness({ smoothnessPct }: FilterOf<'lumaKey'>): number {
  return Math.max(0.2, smoothnessPct);
}
