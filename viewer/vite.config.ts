import { resolve } from 'node:path';
import { defineConfig } from 'vite';

/** The page viewers open, served by the live server from out/viewer. */
export default defineConfig({
  root: import.meta.dirname,
  base: '/viewer/', // the page itself is at /watch/<stream>
  // without subtitles, encryption and the like, of which a show here has none
  resolve: { alias: [{ find: /^hls\.js$/, replacement: 'hls.js/light' }] },
  build: {
    outDir: resolve(import.meta.dirname, '../out/viewer'),
    emptyOutDir: true,
    target: 'es2022',
    rolldownOptions: { input: ['index.html', 'recorded.html'].map((page) => resolve(import.meta.dirname, page)) },
    sourcemap: true,
  },
});
