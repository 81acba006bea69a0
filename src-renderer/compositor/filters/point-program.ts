/** Point filters joined: into one fragment shader, and into the records that assembly/point.ts runs. */
import type { FilterKernels } from './cpu/filter-kernels.ts';

/** One step of the CPU's point program. Levels are 0..255. */
export type PointOp =
  /** rows of red, green and blue; offsets in levels; alpha times `opacity` */
  | { op: 'matrix'; matrix: readonly number[]; offsets: readonly number[]; opacity: number }
  /** 256 levels each of red, green and blue */
  | { op: 'tables'; tables: Uint8Array }
  /** RGBA of 0..1, red fastest; `from` and `to` are the domain of the grid */
  | { op: 'lut'; entries: number; grid: Float32Array; from: readonly number[]; to: readonly number[] }
  /** Cb, Cr and distances in levels; `spill` 0..1 */
  | { op: 'chromaKey'; key: readonly [number, number]; similarity: number; smoothness: number; spill: number }
  | { op: 'lumaKey'; from: number; to: number; smoothness: number }
  | { op: 'colourKey'; key: readonly number[]; similarity: number; smoothness: number }
  | { op: 'mask'; plane: Uint8Array };

const OP_BYTES = 64;
const CODES = { matrix: 1, tables: 2, lut: 3, chromaKey: 4, lumaKey: 5, colourKey: 6, mask: 7 } as const;
/** assembly/point.ts counts chroma in 32nds of a level */
const CHROMA_UNITS = 32;
const Q15 = 32_767;

/** Records in the kernels' memory. */
export class PointProgram implements Disposable {
  readonly #kernels: FilterKernels;
  readonly #addresses: number[] = [];
  readonly #ops: number;
  readonly #count: number;

  constructor(kernels: FilterKernels, ops: readonly PointOp[]) {
    this.#kernels = kernels;
    this.#count = ops.length;
    this.#ops = this.#allocate(Math.max(1, ops.length) * OP_BYTES);
    for (const [index, op] of ops.entries()) {
      const record = new DataView(new ArrayBuffer(OP_BYTES));
      record.setInt32(0, CODES[op.op], true);
      this.#write(record, op);
      kernels.bytes(this.#ops + index * OP_BYTES, OP_BYTES).set(new Uint8Array(record.buffer));
    }
  }

  run(pixels: number, count: number): void {
    this.#kernels.runPoints(pixels, count, this.#ops, this.#count);
  }

  [Symbol.dispose](): void {
    for (const address of this.#addresses) this.#kernels.free(address);
    this.#addresses.length = 0;
  }

  #allocate(bytes: number): number {
    const address = this.#kernels.allocate(bytes);
    this.#addresses.push(address);
    return address;
  }

  #place(bytes: Uint8Array): number {
    const address = this.#allocate(bytes.byteLength + 16);
    this.#kernels.bytes(address, bytes.byteLength).set(bytes);
    return address;
  }

  #write(record: DataView, op: PointOp): void {
    switch (op.op) {
      case 'matrix':
        op.matrix.forEach((weight, index) => record.setInt16(4 + 2 * index, within16(weight * 1_024), true));
        op.offsets.forEach((levels, index) => record.setInt16(22 + 2 * index, within16(levels * 16), true));
        return record.setInt32(28, Math.round(op.opacity * 256), true);
      case 'tables':
        return record.setUint32(4, this.#place(op.tables), true);
      case 'lut':
        return this.#writeLut(record, op);
      case 'chromaKey': {
        const [cb, cr] = op.key;
        const length = Math.hypot(cb, cr) || 1;
        record.setInt16(4, Math.round(cb * CHROMA_UNITS), true);
        record.setInt16(6, Math.round(cr * CHROMA_UNITS), true);
        record.setFloat32(8, op.similarity * CHROMA_UNITS, true);
        record.setFloat32(12, 255 / (op.smoothness * CHROMA_UNITS), true);
        record.setInt16(16, Math.round((cb / length) * Q15), true);
        record.setInt16(18, Math.round((cr / length) * Q15), true);
        return record.setInt16(20, Math.round(op.spill * Q15), true);
      }
      case 'lumaKey':
        record.setFloat32(4, op.from, true);
        record.setFloat32(8, op.to, true);
        return record.setFloat32(12, 255 / op.smoothness, true);
      case 'colourKey':
        op.key.forEach((level, index) => record.setUint8(4 + index, level));
        record.setFloat32(8, op.similarity, true);
        return record.setFloat32(12, 255 / op.smoothness, true);
      case 'mask':
        return record.setUint32(4, this.#place(op.plane), true);
      default:
        op satisfies never;
    }
  }

  #writeLut(record: DataView, { entries, grid, from, to }: Extract<PointOp, { op: 'lut' }>): void {
    const words = Int16Array.from(grid, (value) => Math.round(Math.min(1, Math.max(0, value)) * 255 * 64));
    const steps = new Int32Array(3 * 512);
    const entryBytes = 8;
    const strides = [entryBytes, entryBytes * entries, entryBytes * entries * entries];
    for (let channel = 0; channel < 3; channel++)
      for (let level = 0; level < 256; level++) {
        const [low = 0, high = 1] = [from[channel], to[channel]];
        const position = Math.min(1, Math.max(0, (level / 255 - low) / (high - low))) * (entries - 1);
        const index = Math.min(entries - 2, Math.floor(position));
        steps[channel * 512 + level * 2] = index * (strides[channel] ?? 0);
        steps[channel * 512 + level * 2 + 1] = Math.round((position - index) * Q15);
      }
    record.setUint32(4, this.#place(new Uint8Array(words.buffer)), true);
    record.setUint32(8, this.#place(new Uint8Array(steps.buffer)), true);
    record.setUint32(12, strides[1] ?? 0, true);
    record.setUint32(16, strides[2] ?? 0, true);
  }
}

function within16(value: number): number {
  return Math.max(-32_768, Math.min(32_767, Math.round(value)));
}

/** A fragment shader that takes a picture (see `take`) and puts it through the filters. */
export function pointShader(filters: readonly string[]): string {
  const parts = filters.map((glsl, index) => glsl.replaceAll('$', String(index)));
  const calls = filters.map((_, index) => `  c = clamp(filter${index}(c, at), 0.0, 1.0);`);
  return `#version 300 es
precision highp float;
precision highp sampler3D;
uniform sampler2D picture;
uniform vec2 size;
uniform vec4 take;     // where in the picture the target's corner is, and how far it goes from there, in 0..1
out vec4 colour;
${parts.join('\n')}
void main() {
  vec2 at = gl_FragCoord.xy / size;
  vec4 c = texture(picture, take.xy + at * take.zw);
  if (c.a > 0.0) c.rgb = min(c.rgb / c.a, 1.0);
${calls.join('\n')}
  colour = vec4(c.rgb * c.a, c.a);
}`;
}
