/** Memory of a WASM module, handed out in pieces. */
const PAGE_BYTES = 65_536;
const ALIGN = 16;

export class WasmHeap {
  readonly memory: WebAssembly.Memory;
  /** by address, in order, never touching each other */
  #free: { address: number; bytes: number }[] = [];
  readonly #used = new Map<number, number>();
  #end: number;

  /** @param start what lies before belongs to the module */
  constructor(memory: WebAssembly.Memory, start: number) {
    this.memory = memory;
    this.#end = Math.ceil(start / ALIGN) * ALIGN;
  }

  /** The smallest piece that is large enough, or new memory. Views of before may be detached. @returns a multiple of 16 */
  allocate(wanted: number): number {
    const bytes = Math.ceil(Math.max(1, wanted) / ALIGN) * ALIGN;
    const best = this.#free.reduce<{ address: number; bytes: number } | null>(
      (found, piece) => (piece.bytes >= bytes && piece.bytes < (found?.bytes ?? Number.POSITIVE_INFINITY) ? piece : found),
      null,
    );
    const address = best ? this.#cut(best, bytes) : this.#append(bytes);
    this.#used.set(address, bytes);
    return address;
  }

  free(address: number): void {
    const bytes = this.#used.get(address);
    if (bytes === undefined) return;
    this.#used.delete(address);
    const merged: { address: number; bytes: number }[] = [];
    for (const piece of [...this.#free, { address, bytes }].sort((a, b) => a.address - b.address)) {
      const last = merged.at(-1);
      if (last && last.address + last.bytes === piece.address) last.bytes += piece.bytes;
      else merged.push({ ...piece });
    }
    const last = merged.at(-1);
    if (last && last.address + last.bytes === this.#end) {
      this.#end = last.address;
      merged.pop();
    }
    this.#free = merged;
  }

  get usedBytes(): number {
    return [...this.#used.values()].reduce((sum, bytes) => sum + bytes, 0);
  }

  #cut(piece: { address: number; bytes: number }, bytes: number): number {
    const { address } = piece;
    piece.address += bytes;
    piece.bytes -= bytes;
    if (piece.bytes === 0) this.#free = this.#free.filter((other) => other !== piece);
    return address;
  }

  #append(bytes: number): number {
    const address = this.#end;
    this.#end += bytes;
    const missing = Math.ceil((this.#end - this.memory.buffer.byteLength) / PAGE_BYTES);
    if (missing > 0) this.memory.grow(missing);
    return address;
  }
}
