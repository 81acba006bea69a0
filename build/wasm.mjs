/** Builds the compositor's WASM kernels: node build/wasm.mjs → src-renderer/compositor/wasm/i420.wasm */
import { fileURLToPath } from 'node:url';
import asc from 'assemblyscript/asc';

const folder = fileURLToPath(new URL('../src-renderer/compositor/wasm/', import.meta.url));
const { error, stderr } = await asc.main(
  [
    'assembly/index.ts',
    '--baseDir',
    folder,
    '--outFile',
    'i420.wasm',
    '-O3',
    '--enable',
    'simd',
    '--runtime',
    'stub',
    '--importMemory',
    '--noAssert',
  ],
  {},
);
if (error) {
  console.error(stderr.toString());
  process.exit(1);
}
