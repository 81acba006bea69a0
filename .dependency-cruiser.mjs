/** Who may import whom: the layers of docs/ARCHITECTURE.md. Checked by build/layers.mjs. */
/** @typedef {import('dependency-cruiser').IForbiddenRuleType} Rule */

const TESTS = '\\.(test|accept)\\.tsx?$';
const only = (/** @type {string[]} */ ...names) => `(^|/)node_modules/(${names.join('|')})/|^(${names.join('|')})(/|$)`;

/**
 * A layer that may import nothing but itself and `allowed`.
 * @type {(name: string, path: string, allowed: string[], comment: string) => Rule}
 */
const layer = (name, path, allowed, comment) => ({
  name,
  comment,
  severity: 'error',
  from: { path: `^${path}/`, pathNot: TESTS },
  to: { pathNot: [`^${path}/`, ...allowed] },
});

/**
 * A library that only the folder `path` may import.
 * @type {(name: string, library: string, path: string, comment: string) => Rule}
 */
const keeper = (name, library, path, comment) => ({
  name,
  comment,
  severity: 'error',
  from: { path: '^(src-[a-z]+|viewer)/', pathNot: [`^${path}/`, TESTS] },
  to: { path: only(library) },
});

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [
    layer('shared-imports-only-zod', 'src-shared', [only('zod')], 'src-shared runs in every process and in the browser'),
    layer('wire-is-a-leaf', 'src-main/wire', [], 'wire turns bytes into values: no I/O, no clock, no other layer'),
    layer('preload-is-thin', 'src-preload', ['^src-shared/', only('electron')], 'a sandboxed preload has electron and the contract'),
    {
      name: 'process-is-the-base',
      comment: 'src-main/process is what engine, encoder, server, shell and headless share',
      severity: 'error',
      from: { path: '^src-main/process/', pathNot: TESTS },
      to: { path: '^src-', pathNot: '^(src-main/(process|wire)|src-shared)/' },
    },
    {
      name: 'processes-stay-apart',
      comment: 'engine, encoder and server talk by messages, and none knows its host',
      severity: 'error',
      from: { path: '^src-main/(engine|encoder|server)/', pathNot: TESTS },
      // the option tables are pure: the engine asks them what an encoder leaves out
      to: { path: '^src-', pathNot: '^(src-main/($1|process|wire|encoder/options)|src-shared)/' },
    },
    {
      name: 'hosts-stay-apart',
      comment: 'the shell and the browser host are two hosts of the same engine',
      severity: 'error',
      from: { path: '^src-main/(shell|headless)/', pathNot: TESTS },
      to: { path: '^src-', pathNot: '^(src-main/($1|engine|process|wire)|src-shared)/' },
    },
    {
      name: 'pages-know-the-contract-only',
      comment: 'the studio and the viewer page are browser code: src-shared and browser libraries',
      severity: 'error',
      from: { path: '^(src-renderer|viewer)/', pathNot: [TESTS, 'vite\\.config\\.ts$'] },
      to: {
        path: [
          '^src-(main|preload)/',
          '^(src-renderer|viewer)/',
          only('node-av', 'better-sqlite3', 'koffi', 'bufferutil', 'ws', 'pino', 'electron'),
        ],
        pathNot: '^$1/',
      },
    },
    {
      name: 'no-node-in-pages',
      severity: 'error',
      from: { path: '^(src-renderer|viewer)/', pathNot: [TESTS, 'vite\\.config\\.ts$'] },
      to: { dependencyTypes: ['core'] },
    },
    keeper('electron-in-shell-only', 'electron', 'src-(main/shell|preload)', 'the engine also runs under plain Node'),
    keeper('node-av-in-encoder-only', 'node-av', 'src-main/encoder', 'native media code may crash: only the encoder process may'),
    keeper('sqlite-in-store-only', 'better-sqlite3', 'src-main/engine/store', 'one worker thread owns the database'),
    keeper(
      'koffi-in-socket-info-only',
      'koffi',
      'src-main/engine/publish/socket-info',
      'calls into C stay where one failure cannot end a show',
    ),
    {
      name: 'processes-need-real-dependencies',
      comment: 'what src-main imports is looked up at run time, so it belongs into dependencies (electron is there by itself)',
      severity: 'error',
      from: { path: '^src-main/', pathNot: TESTS },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'], dependencyTypesNot: ['type-only'], pathNot: only('electron') },
    },
    {
      name: 'product-without-tests',
      severity: 'error',
      from: { path: '^(src-[a-z]+|viewer)/', pathNot: TESTS },
      to: { path: `^tests/|${TESTS}` },
    },
    { name: 'no-cycle', severity: 'error', from: {}, to: { circular: true } },
    { name: 'no-broken-import', severity: 'error', from: {}, to: { couldNotResolve: true, path: '^\\.', pathNot: '\\?|\\.wasm$' } },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '/assembly/' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      extensions: ['.ts', '.tsx', '.mjs', '.js', '.json'],
      conditionNames: ['import', 'node', 'default', 'types'],
    },
  },
};
