/** The WASM kernels of ../assembly with their memory. */
import wasmUrl from '../../wasm/filters.wasm?url&no-inline';
import { WasmHeap } from './wasm-heap.ts';

/** the module's own data end below */
const HEAP_START = 4_096;

/** As ../assembly says. Addresses and sizes are in bytes, `count` in pixels. */
interface Kernels {
  runPoints(pixels: number, count: number, ops: number, opCount: number): void;
  convolveRows(
    from: number,
    to: number,
    rowBytes: number,
    height: number,
    step: number,
    weights: number,
    radius: number,
    padded: number,
  ): void;
  convolveColumns(from: number, to: number, rowBytes: number, height: number, weights: number, radius: number): void;
  halve(from: number, to: number, width: number, height: number): void;
  double(from: number, to: number, width: number, height: number): void;
  denoise(from: number, to: number, width: number, height: number, threshold: number): void;
  lumaOf(pixels: number, plane: number, count: number): void;
  sharpen(pixels: number, count: number, plane: number, blurred: number, amount: number): void;
  temporalDenoise(pixels: number, before: number, count: number, threshold: number, weight: number): void;
  premultiply(pixels: number, count: number): void;
  unpremultiply(pixels: number, count: number): void;
  over(pixels: number, stride: number, picture: number, width: number, height: number, opacity: number): void;
}

export interface FilterKernels extends Kernels {
  allocate(bytes: number): number;
  free(address: number): void;
  /** valid until the next allocation */
  bytes(address: number, length: number): Uint8Array<ArrayBuffer>;
  /** a copy of that in the kernels' memory, with room for 64 bytes behind it; to be freed */
  place(data: Uint8Array | Uint16Array): number;
  copy(from: number, to: number, length: number): void;
  /** memory to keep; `isFresh` until its user has filled it */
  memory(bytes: number): { address: number; isFresh: boolean } & Disposable;
}

export async function loadFilterKernels(): Promise<FilterKernels> {
  return createFilterKernels(await (await fetch(wasmUrl)).arrayBuffer());
}

/** @param module the bytes of filters.wasm */
export async function createFilterKernels(module: BufferSource): Promise<FilterKernels> {
  const memory = new WebAssembly.Memory({ initial: 1 });
  const { instance } = await WebAssembly.instantiate(module, { env: { memory } });
  const heap = new WasmHeap(memory, HEAP_START);
  const bytes = (address: number, length: number) => new Uint8Array(memory.buffer, address, length);
  return {
    ...(instance.exports as unknown as Kernels),
    allocate: (count) => heap.allocate(count),
    free: (address) => heap.free(address),
    bytes,
    place(data) {
      const address = heap.allocate(data.byteLength + 64);
      bytes(address, data.byteLength).set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
      return address;
    },
    copy: (from, to, length) => void new Uint8Array(memory.buffer).copyWithin(to, from, from + length),
    memory(count) {
      const address = heap.allocate(count);
      return { address, isFresh: true, [Symbol.dispose]: () => heap.free(address) };
    },
  };
}
