/**
 * What a kind of filter is to the two back ends. Each kind has one file here, with its formula, its GLSL and its way on
 * the CPU (the SIMD kernels are in assembly/, under the same name); ./kinds.ts lists them.
 */

import type { CubeLut } from '../../../src-shared/cube-lut.ts';
import type { FilterKind, FilterOf } from '../../../src-shared/domain/index.ts';
import type { GlTarget } from '../backends/webgl2/gl.ts';
import type { SizePx } from '../layout.ts';
import type { FilterKernels } from './cpu/filter-kernels.ts';
import type { FrameAnalysis } from './frame-analysis.ts';
import type { PointOp } from './point-program.ts';

/** A filter's own file, as it is used: decoded. */
export type FilterAsset = { kind: 'picture'; picture: ImageBitmap } | { kind: 'lut'; lut: CubeLut };

/** What does not change from picture to picture. */
export interface FilterContext {
  /** of the picture that comes in, as it is worked on */
  size: SizePx;
  /** pixels worked on for one of the source's: lengths of a filter times this */
  scale: number;
  asset: FilterAsset | null;
}

/** Numbers for the GPU: bytes of one channel (R8) or of four (RGBA8), or floats of four (RGBA16F); with a depth in 3D. */
export interface Table {
  widthPx: number;
  heightPx: number;
  depthPx?: number;
  channels: 1 | 4;
  data: Uint8Array | Float32Array;
}

/** as GLSL declares it: a number, a vector, a matrix by columns, an array; or a texture, in a point filter */
export type Uniforms = Record<string, number | readonly number[] | Table>;

/** Looks at one pixel only: neighbours in a chain become one pass. */
export interface PointKind<F> {
  shape: 'point';
  /**
   * `vec4 filter$(vec4 c, vec2 at)` and its uniforms; $ is the filter's number in the pass. `c` is not premultiplied,
   * `at` runs over the unit square. What it returns is held within 0..1.
   */
  glsl: string;
  uniforms(filter: F, context: FilterContext): Uniforms;
  /** the same for the CPU's point program */
  ops(filter: F, context: FilterContext): PointOp[];
  changesAlpha(filter: F): boolean;
}

/** Looks at other pixels, at other pictures or at the time: a pass of its own, on premultiplied colours. */
export interface AreaKind<F> {
  shape: 'area';
  gl(run: GlRun, input: GlTarget, filter: F): GlTarget;
  cpu(run: CpuRun, filter: F): void;
  /** of the picture that leaves it; left out: as it came */
  size?(filter: F, size: SizePx, scale: number): SizePx;
  changesAlpha(filter: F): boolean;
  /** whether its picture changes even while the source's does not */
  isLive?(filter: F): boolean;
}

export type KindOf<K extends FilterKind> = PointKind<FilterOf<K>> | AreaKind<FilterOf<K>>;

interface Run extends FilterContext {
  /** engine time of the picture */
  atUs: number;
  /** the newest analysis of the source's picture, where a filter asked for one; see ./frame-analysis.ts */
  analysis: FrameAnalysis | null;
  frameRate: number;
  /** What this filter keeps from picture to picture; made anew when the key is another. */
  keep<T extends Disposable>(key: string, make: () => T): T;
}

export interface CpuRun extends Run {
  kernels: FilterKernels;
  /** address of the picture: changed in place, or put elsewhere with another address here */
  pixels: number;
  /** every pixel's alpha is 255 */
  isOpaque: boolean;
  /** Memory until this picture is done. @returns its address */
  spare(bytes: number): number;
}

export interface GlRun extends Run {
  /** One pass over a target from the pool; it is taken back when the picture is done unless it is held. */
  draw(fragment: string, inputs: Record<string, { texture: WebGLTexture }>, uniforms?: Uniforms, size?: SizePx): GlTarget;
  /** a table as a texture, for `keep` */
  upload(table: Table): { texture: WebGLTexture } & Disposable;
  /** keeps a target beyond this picture */
  hold(target: GlTarget): void;
  letGo(target: GlTarget): void;
}
