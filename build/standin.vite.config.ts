import { builtinModules } from 'node:module';
import { resolve } from 'node:path';
import { defineConfig } from 'vite';

/**
 * The shell once more, as CommonJS for Node 18: the stand-in Electron 25 of the tests cannot start from an ES module.
 * It lies beside the other bundles, so engine, encoder and server are the shipped ones.
 */
export default defineConfig({
  build: {
    ssr: true,
    outDir: resolve(import.meta.dirname, '../out/main'),
    emptyOutDir: false,
    target: 'node18',
    rolldownOptions: {
      input: { 'shell-standin': resolve(import.meta.dirname, '../src-main/shell/main.ts') },
      external: ['electron', ...builtinModules.flatMap((name) => [name, `node:${name}`])],
      output: { format: 'cjs', entryFileNames: '[name].cjs', codeSplitting: false },
    },
  },
});
