import fc from 'fast-check';
import { expect, test } from 'vitest';
import { WasmHeap } from './wasm-heap.ts';

test('property: pieces never overlap, lie on 16 bytes within the memory, and all of it comes back', () => {
  const step = fc.record({ bytes: fc.integer({ min: 1, max: 200_000 }), freed: fc.nat({ max: 9 }) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const heap = new WasmHeap(new WebAssembly.Memory({ initial: 1 }), 1_000);
      const held: { address: number; bytes: number }[] = [];
      for (const { bytes, freed } of steps) {
        const address = heap.allocate(bytes);
        expect(address % 16).toBe(0);
        expect(address).toBeGreaterThanOrEqual(1_000);
        expect(address + bytes).toBeLessThanOrEqual(heap.memory.buffer.byteLength);
        for (const other of held) expect(address + bytes <= other.address || other.address + other.bytes <= address).toBe(true);
        held.push({ address, bytes });
        const [gone] = freed < held.length && freed % 2 === 0 ? held.splice(freed, 1) : [];
        if (gone) heap.free(gone.address);
      }
      for (const { address } of held) heap.free(address);
      expect(heap.usedBytes).toBe(0);
      expect(heap.allocate(1)).toBe(1_008);
    }),
    { numRuns: 50 },
  );
});
