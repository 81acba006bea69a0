/** Builds the compositor's WASM kernels: node build/wasm.mjs → src-renderer/compositor/wasm/{i420,filters}.wasm */
import { fileURLToPath } from 'node:url';
import asc from 'assemblyscript/asc';

const folder = fileURLToPath(new URL('../src-renderer/compositor/', import.meta.url));

/** @param {string} source @param {string} outFile */
async function compile(source, outFile) {
  const options = ['-O3', '--enable', 'simd', '--runtime', 'stub', '--importMemory', '--noAssert'];
  const { error, stderr } = await asc.main([source, '--baseDir', folder, '--outFile', outFile, ...options], {});
  if (!error) return;
  console.error(stderr.toString());
  process.exit(1);
}

await compile('wasm/assembly/index.ts', 'wasm/i420.wasm');
await compile('filters/assembly/index.ts', 'wasm/filters.wasm');
