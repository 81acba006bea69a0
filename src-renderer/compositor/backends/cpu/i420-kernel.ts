/** The WASM kernel of ../../wasm with its memory: pixels in, planes out. */

import { i420Bytes } from '../../../../src-shared/units.ts';
import wasmUrl from '../../wasm/i420.wasm?url&no-inline';

const PAGE_BYTES = 65_536;
const HEAP_START = 1_024;

interface Exports {
  toI420(source: number, destination: number, width: number, height: number, redFirst: boolean): void;
}

export class I420Kernel {
  readonly #memory: WebAssembly.Memory;
  readonly #exports: Exports;
  #width = 0;
  #height = 0;

  private constructor(memory: WebAssembly.Memory, exports: Exports) {
    this.#memory = memory;
    this.#exports = exports;
  }

  static async load(): Promise<I420Kernel> {
    const memory = new WebAssembly.Memory({ initial: 1 });
    const bytes = await (await fetch(wasmUrl)).arrayBuffer();
    const { instance } = await WebAssembly.instantiate(bytes, { env: { memory } });
    return new I420Kernel(memory, instance.exports as unknown as Exports);
  }

  resize(width: number, height: number): void {
    this.#width = width;
    this.#height = height;
    const needed = Math.ceil((HEAP_START + width * height * 4 + i420Bytes(width, height)) / PAGE_BYTES);
    const pages = this.#memory.buffer.byteLength / PAGE_BYTES;
    if (needed > pages) this.#memory.grow(needed - pages);
  }

  /** where the pixels go, four bytes each, rows without gaps; valid until the next resize */
  get pixels(): Uint8Array<ArrayBuffer> {
    return new Uint8Array(this.#memory.buffer, HEAP_START, this.#width * this.#height * 4);
  }

  convert(redFirst: boolean, into: Uint8Array): void {
    const planes = HEAP_START + this.#width * this.#height * 4;
    this.#exports.toI420(HEAP_START, planes, this.#width, this.#height, redFirst);
    into.set(new Uint8Array(this.#memory.buffer, planes, i420Bytes(this.#width, this.#height)));
  }
}
