/** The Electron shell: one window, the engine and its processes, and the way out. Thin by intent. */
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { app, BrowserWindow, dialog, Menu, powerMonitor, session } from 'electron';
import { toFailure } from '../../src-shared/errors.ts';
import { defaultDataDirectory } from '../process/data-directory.ts';
import { APP_ORIGIN, registerAppScheme, serveApp } from './app-scheme.ts';
import { answerShellCalls } from './calls.ts';
import type { EngineLink } from './engine-link.ts';
import { KeptEngine } from './kept-engine.ts';
import { NodeEngine } from './node-engine.ts';
import { QuitGuard } from './quit-guard.ts';
import { lockEveryContents, lockSession, sandboxEverything } from './security.ts';
import { OnAirSign } from './tray.ts';
import { UtilityEngine } from './utility-engine.ts';
import { openStudioWindow, preloadFile } from './window.ts';

const mainDirectory = dirname(fileURLToPath(import.meta.url));
/** Our native modules need this Node or newer; an older Electron runs the engine in a Node beside it. */
const NODE_MAJOR_MIN = 22;

sandboxEverything();
registerAppScheme();
lockEveryContents(APP_ORIGIN);
app.setPath('userData', join(defaultDataDirectory(), 'window'));
// The usual menu would bring Ctrl+W and Ctrl+R along; macOS needs one for its clipboard keys.
Menu.setApplicationMenu(
  process.platform === 'darwin' ? Menu.buildFromTemplate([{ role: 'appMenu' }, { role: 'editMenu' }, { role: 'windowMenu' }]) : null,
);

if (app.requestSingleInstanceLock()) {
  app.on('second-instance', () => BrowserWindow.getAllWindows()[0]?.show());
  app.on('window-all-closed', () => app.quit());
  app.whenReady().then(run, fail);
} else {
  app.quit();
}

async function run(): Promise<void> {
  const engine = await startEngine().catch(fail);
  if (!engine) return;
  lockSession(session.defaultSession, APP_ORIGIN);
  serveApp(session.defaultSession, join(mainDirectory, '..', 'renderer'), (id) => engine.asset(id));
  // Measurements ask for the machine-readable strip in every picture.
  const window = openStudioWindow(preloadFile(mainDirectory), process.argv.includes('--tick-strip') ? '?tickStrip' : '');
  const sign = new OnAirSign(window);
  const guard = guardQuit(window);
  powerMonitor.on('resume', () => engine.networkBack());
  powerMonitor.on('unlock-screen', () => engine.networkBack());
  answerShellCalls(engine, (state) => {
    sign.show(state);
    guard.show(state);
  });
  // A page that crashed is loaded again: the encoder repeats the last picture meanwhile, so the show goes on.
  window.webContents.on('render-process-gone', (_event, { reason }) => void (reason !== 'clean-exit' && window.webContents.reload()));
  stopInOrder(engine, sign, guard);
}

/** A show ends by the user's word only, or by the system's. */
function guardQuit(window: BrowserWindow): QuitGuard {
  const guard = new QuitGuard(async ({ message, detail, buttons }) => {
    const options = { type: 'warning' as const, message, detail, buttons: [...buttons], defaultId: 0, cancelId: 0, noLink: true };
    const { response } = await (window.isDestroyed() ? dialog.showMessageBox(options) : dialog.showMessageBox(window, options));
    return response === 1;
  });
  window.on('close', (event) => void guard.holds(event, () => window.close()));
  window.on('query-session-end', () => guard.letGo());
  powerMonitor.on('shutdown', () => guard.letGo());
  const obey = () => {
    guard.letGo();
    app.quit();
  };
  process.on('SIGTERM', obey).on('SIGINT', obey).on('SIGHUP', obey);
  return guard;
}

function startEngine(): Promise<EngineLink> {
  const ownNode = Number(process.versions.node.split('.')[0]);
  if (ownNode >= NODE_MAJOR_MIN) return KeptEngine.start(() => UtilityEngine.start(mainDirectory, app.getVersion()));
  // For programs that drive the studio beside its window, as the end-to-end tests do.
  const tell = process.argv.includes('--json-ready') ? (line: string) => console.log(line) : () => {};
  return KeptEngine.start(() => NodeEngine.start(join(mainDirectory, 'headless.js'), [], tell));
}

/** The first quit waits until shows have said goodbye and recordings are closed. */
function stopInOrder(engine: EngineLink, sign: OnAirSign, guard: QuitGuard): void {
  let stopped = false;
  app.on('before-quit', (event) => {
    if (stopped || guard.holds(event, () => app.quit())) return;
    event.preventDefault();
    guard.letGo();
    void engine.stop().finally(() => {
      stopped = true;
      sign.dispose();
      app.quit();
    });
  });
}

function fail(error: unknown): undefined {
  dialog.showErrorBox('Tidecast could not start', toFailure(error).message);
  app.exit(1);
}
