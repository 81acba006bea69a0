/**
 * Colour. With t = temperature, k = contrast, b = brightness, s = saturation, θ = hue, γ = gamma, o = opacity:
 *
 *   c₁ = ((T c) - ½) k + ½ + b        T = diag(1 + t/4, 1, 1 - t/4), scaled so that white keeps its luma
 *   c₂ = Y(c₁) + s R(θ) (c₁ - Y(c₁))  chroma stretched by s and turned by θ in the plane of BT.709's Cb and Cr
 *   c₃ = c₂^(1/γ)                     alpha times o
 *
 * c₁ and c₂ are linear: one 3 x 3 matrix and an offset on both back ends, made here. The CPU has a table for γ.
 */
import type { FilterOf } from '../../../src-shared/domain/index.ts';
import type { PointKind } from './filter-kind.ts';
import type { PointOp } from './point-program.ts';
import { lumaOf } from './ycbcr.ts';

type Colour = FilterOf<'colour'>;

const GLSL = `
uniform mat3 matrix$;
uniform vec3 offset$;
uniform float power$;
uniform float opacity$;
vec4 filter$(vec4 c, vec2 at) {
  return vec4(pow(clamp(matrix$ * c.rgb + offset$, 0.0, 1.0), vec3(power$)), c.a * opacity$);
}`;

export const colour: PointKind<Colour> = {
  shape: 'point',
  glsl: GLSL,
  uniforms(filter) {
    const { matrix, offset } = linearOf(filter);
    return {
      matrix: [0, 1, 2].flatMap((column) => [0, 1, 2].map((row) => matrix[row * 3 + column] ?? 0)),
      offset: [offset, offset, offset],
      power: 1 / filter.gamma,
      opacity: filter.opacityPct / 100,
    };
  },
  ops(filter) {
    const { matrix, offset } = linearOf(filter);
    const levels = offset * 255;
    const ops: PointOp[] = [{ op: 'matrix', matrix, offsets: [levels, levels, levels], opacity: filter.opacityPct / 100 }];
    if (filter.gamma !== 1) ops.push({ op: 'tables', tables: gammaTables(filter.gamma) });
    return ops;
  },
  changesAlpha: ({ opacityPct }) => opacityPct < 100,
};

/** `matrix` by rows; the offset is the same for all three, as brightness and contrast are. */
export function linearOf(filter: Colour): { matrix: number[]; offset: number } {
  const { brightnessPct, contrastPct, saturationPct, temperaturePct, hueDeg } = filter;
  const contrast = gain(contrastPct);
  const warmth = temperaturePct / 400;
  const white = lumaOf([1 + warmth, 1, 1 - warmth]);
  const channels = [1 + warmth, 1, 1 - warmth].map((weight) => (weight / white) * contrast);
  const matrix = chromaMatrix(gain(saturationPct), (hueDeg * Math.PI) / 180).map((weight, index) => weight * (channels[index % 3] ?? 1));
  return { matrix, offset: 0.5 - contrast / 2 + brightnessPct / 200 };
}

/** -100 % is nothing, 0 as it is, 100 % three times as much. */
function gain(pct: number): number {
  return pct < 0 ? 1 + pct / 100 : 1 + pct / 50;
}

/** Luma stays; chroma is stretched and turned. By rows. */
function chromaMatrix(stretch: number, turn: number): number[] {
  const [cos, sin] = [stretch * Math.cos(turn), stretch * Math.sin(turn)];
  const columns = (
    [
      [1, 0, 0],
      [0, 1, 0],
      [0, 0, 1],
    ] as const
  ).map((unit) => {
    const luma = lumaOf(unit);
    const [cb, cr] = [(unit[2] - luma) / 1.8556, (unit[0] - luma) / 1.5748];
    const [cb2, cr2] = [cb * cos - cr * sin, cb * sin + cr * cos];
    return [luma + 1.5748 * cr2, luma - 0.1873 * cb2 - 0.4681 * cr2, luma + 1.8556 * cb2];
  });
  return [0, 1, 2].flatMap((row) => columns.map((column) => column[row] ?? 0));
}

function gammaTables(gamma: number): Uint8Array {
  const one = Uint8Array.from({ length: 256 }, (_, level) => Math.round(255 * (level / 255) ** (1 / gamma)));
  return Uint8Array.from([...one, ...one, ...one]);
}
