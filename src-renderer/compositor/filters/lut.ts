/**
 * LUT: colours are looked up in the grid of a .cube file, linearly between its entries (trilinear); `amount` mixes
 * what is found with the colour as it came. A 1D file is three curves: red is looked up for red only, and so on.
 */
import type { CubeLut } from '../../../src-shared/cube-lut.ts';
import type { FilterOf } from '../../../src-shared/domain/index.ts';
import type { FilterContext, PointKind } from './filter-kind.ts';

const GLSL = `
uniform sampler3D grid$;
uniform vec3 from$;
uniform vec3 to$;
uniform float entries$;
uniform float isCurves$;
uniform float amount$;
vec4 filter$(vec4 c, vec2 at) {
  vec3 position = clamp((c.rgb - from$) / (to$ - from$), 0.0, 1.0);
  vec3 p = (position * (entries$ - 1.0) + 0.5) / entries$;
  vec3 found = texture(grid$, p).rgb;
  if (isCurves$ > 0.5) found = vec3(texture(grid$, vec3(p.r, 0.5, 0.5)).r, texture(grid$, vec3(p.g, 0.5, 0.5)).g, texture(grid$, vec3(p.b, 0.5, 0.5)).b);
  return vec4(mix(c.rgb, found, amount$), c.a);
}`;

/** a texture is no wider everywhere; 8-bit colours ask for no more */
const CURVE_ENTRIES = 1_024;

export const lut: PointKind<FilterOf<'lut'>> = {
  shape: 'point',
  glsl: GLSL,
  uniforms(filter, context) {
    const table = tableOf(context);
    const isGrid = table.kind === '3d';
    const entries = isGrid ? table.entries : Math.min(table.entries, CURVE_ENTRIES);
    return {
      grid: {
        widthPx: entries,
        heightPx: isGrid ? entries : 1,
        depthPx: isGrid ? entries : 1,
        channels: 4,
        data: isGrid ? table.rgba : resampled(table, entries),
      },
      from: table.from,
      to: table.to,
      entries,
      isCurves: isGrid ? 0 : 1,
      amount: filter.amountPct / 100,
    };
  },
  ops(filter, context) {
    const table = tableOf(context);
    const { kind, entries, from, to } = table;
    const amount = filter.amountPct / 100;
    if (kind === '1d') return [{ op: 'tables', tables: curveTables(table, amount) }];
    return [{ op: 'lut', entries, grid: mixedGrid(table, amount), from, to }];
  },
  changesAlpha: () => false,
};

function tableOf({ asset }: FilterContext): CubeLut {
  if (asset?.kind !== 'lut') throw new Error('a LUT filter is run without its table');
  return asset.lut;
}

/** Mixed beforehand: a grid of colours as they came is the identity, linear interpolation keeps that. */
function mixedGrid({ entries, from, to, rgba }: CubeLut, amount: number): Float32Array {
  const grid = new Float32Array(rgba.length);
  for (let index = 0; index < rgba.length / 4; index++) {
    const position = [index % entries, Math.floor(index / entries) % entries, Math.floor(index / entries ** 2)];
    for (let channel = 0; channel < 3; channel++) {
      const [low = 0, high = 1] = [from[channel], to[channel]];
      const own = low + ((position[channel] ?? 0) / (entries - 1)) * (high - low);
      grid[index * 4 + channel] = own + amount * ((rgba[index * 4 + channel] ?? 0) - own);
    }
  }
  return grid;
}

function curveTables(table: CubeLut, amount: number): Uint8Array {
  return Uint8Array.from({ length: 768 }, (_, index) => {
    const [channel, own] = [Math.floor(index / 256), (index % 256) / 255];
    return Math.round(255 * Math.min(1, Math.max(0, own + amount * (along(table, channel, own) - own))));
  });
}

/** A curve's value at an input, linear between its entries. */
function along({ entries, from, to, rgba }: CubeLut, channel: number, input: number): number {
  const [low = 0, high = 1] = [from[channel], to[channel]];
  const position = Math.min(1, Math.max(0, (input - low) / (high - low))) * (entries - 1);
  const index = Math.min(entries - 2, Math.floor(position));
  const [here = 0, next = 0] = [rgba[index * 4 + channel], rgba[(index + 1) * 4 + channel]];
  return here + (next - here) * (position - index);
}

function resampled(table: CubeLut, entries: number): Float32Array {
  if (entries === table.entries) return table.rgba;
  return Float32Array.from({ length: entries * 4 }, (_, index) => {
    const [entry, channel] = [Math.floor(index / 4), index % 4];
    if (channel === 3) return 1;
    const [low = 0, high = 1] = [table.from[channel], table.to[channel]];
    return along(table, channel, low + (entry / (entries - 1)) * (high - low));
  });
}
