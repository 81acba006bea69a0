/**
 * Electron's own default_app, as far as `electron [-r MODULE] PATH` needs it: the stand-in runtime comes without one.
 * Playwright's launcher relies on `-r`; the app's name and version come from its package.json, as in Electron.
 */
const { existsSync, readFileSync, statSync } = require('node:fs');
const Module = require('node:module');
const path = require('node:path');
const { app } = require('electron');

const { preloads, target } = readCommandLine(process.argv.slice(1));
if (preloads.length > 0) Module._preloadModules(preloads);
Object.defineProperty(process, 'defaultApp', { configurable: false, enumerable: true, value: true });
start(path.resolve(target));

function readCommandLine(args) {
  const preloads = [];
  for (let i = 0; i < args.length; i++) {
    const arg = args[i];
    if (arg === '--version' || arg === '-v') leave(`v${process.versions.electron}`, 0);
    else if (arg === '-r' || arg === '--require') preloads.push(args[++i] ?? leave(`${arg} needs a module`, 1));
    else if (arg.startsWith('--app=')) return { preloads, target: arg.slice('--app='.length) };
    else if (!arg.startsWith('-')) return { preloads, target: arg };
  }
  return leave('no app to start: give its folder or its main file', 1);
}

function leave(message, code) {
  (code === 0 ? process.stdout : process.stderr).write(`${message}\n`);
  process.exit(code);
}

function start(target) {
  const folder = statSync(target).isDirectory() ? target : path.dirname(target);
  app.setAppPath(folder);
  takeIdentity(folder);
  Module._load(Module._resolveFilename(target, null, true), Module, true);
}

/** From the nearest package.json: a bundle in out/main belongs to the repo it lies in. */
function takeIdentity(folder) {
  if (!existsSync(path.join(folder, 'package.json'))) return folder === path.dirname(folder) || takeIdentity(path.dirname(folder));
  const { name, productName, version } = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8'));
  if (version) app.setVersion(version);
  app.name = productName ?? name ?? app.name;
  app.setPath('userData', path.join(app.getPath('appData'), app.name));
  app.setAppPath(folder);
}
