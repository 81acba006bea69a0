/** Opens denoisers in the WebAssembly that @jitsi/rnnoise-wasm brings, without its loader, which the audio thread cannot run. */
import type { Denoiser } from './noise-suppression.ts';

/** as Emscripten has shortened them in rnnoise.js of version 0.2.1 */
interface Exports {
  c: WebAssembly.Memory;
  d: () => void;
  f: (model: number) => number;
  g: (bytes: number) => number;
  h: (state: number) => void;
  i: (pointer: number) => void;
  j: (state: number, output: number, input: number) => number;
}

const FRAME = 480;
const PAGE_BYTES = 65_536;

export function openRnnoise(module: WebAssembly.Module): () => Denoiser {
  const { exports } = new WebAssembly.Instance(module, {
    a: { a: (bytes: number) => grow(bytes), b: (to: number, from: number, bytes: number) => copy(to, from, bytes) },
  });
  const rnnoise = exports as unknown as Exports;
  const grow = (bytes: number) => {
    const missing = bytes - rnnoise.c.buffer.byteLength;
    if (missing > 0) rnnoise.c.grow(Math.ceil(missing / PAGE_BYTES));
    return 1;
  };
  const copy = (to: number, from: number, bytes: number) => new Uint8Array(rnnoise.c.buffer).copyWithin(to, from, from + bytes);
  rnnoise.d();
  return () => {
    const state = rnnoise.f(0);
    const buffer = rnnoise.g(FRAME * 4);
    let frame = new Float32Array(rnnoise.c.buffer, buffer, FRAME);
    return {
      get frame() {
        if (frame.buffer !== rnnoise.c.buffer) frame = new Float32Array(rnnoise.c.buffer, buffer, FRAME);
        return frame;
      },
      process: () => void rnnoise.j(state, buffer, buffer),
      close() {
        rnnoise.h(state);
        rnnoise.i(buffer);
      },
    };
  };
}
