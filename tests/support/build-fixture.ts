/** Bundles a test's small Electron app as CommonJS for the stand-in's Node 18. */
import { builtinModules } from 'node:module';
import { build } from 'vite';

/** @param name of the bundle in `directory`, with its extension */
export async function buildFixture(entry: string, directory: string, name: string): Promise<void> {
  await build({
    configFile: false,
    logLevel: 'error',
    build: {
      ssr: true,
      outDir: directory,
      emptyOutDir: false,
      target: 'node18',
      rolldownOptions: {
        input: entry,
        external: ['electron', ...builtinModules.flatMap((module) => [module, `node:${module}`])],
        output: { format: 'cjs', entryFileNames: name, codeSplitting: false },
      },
    },
    ssr: { noExternal: true },
  });
}
