import { resolve } from 'node:path';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'electron-vite';

const at = (path: string) => resolve(import.meta.dirname, path);

/**
 * One bundle for each process, and for the store's thread. Whoever starts one looks for its file beside itself
 * (`serviceEntry` in src-main/process/service.ts).
 */
const entries = {
  ...Object.fromEntries(['shell', 'engine', 'encoder', 'server', 'headless'].map((name) => [name, at(`src-main/${name}/main.ts`)])),
  probe: at('src-main/encoder/probe/main.ts'),
  ladder: at('src-main/encoder/ladder/main.ts'),
  'store-worker': at('src-main/engine/store/worker.ts'),
};

/** Chromium 114 is that of the stand-in Electron the tests fall back to: `using` and its like are lowered for it. */
const oldestChromium = 'chrome114';

export default defineConfig({
  main: {
    build: {
      outDir: at('out/main'),
      // Flat, since a shared chunk too may be the one that starts a process.
      rolldownOptions: { input: entries, output: { format: 'es', entryFileNames: '[name].js', chunkFileNames: '[name]-[hash].js' } },
      sourcemap: true,
    },
  },
  preload: {
    build: {
      outDir: at('out/preload'),
      externalizeDeps: false, // a sandboxed preload can require nothing but electron
      rolldownOptions: { input: { bridge: at('src-preload/bridge.ts') }, output: { format: 'cjs', entryFileNames: '[name].cjs' } },
    },
  },
  renderer: {
    root: at('src-renderer'),
    base: './',
    plugins: [react()],
    worker: { format: 'es' },
    build: {
      outDir: at('out/renderer'),
      target: oldestChromium,
      sourcemap: true,
      rolldownOptions: { input: { index: at('src-renderer/index.html') } },
    },
  },
});
