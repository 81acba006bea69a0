/**
 * A small Electron app around the shipped port path: the renderer's media engine composes a test card and sends it
 * over MessagePorts, handed over by the shell's own code, to a utility process. Prints one line of JSON and ends.
 */
import { join } from 'node:path';
import { app, BrowserWindow, ipcMain, session, utilityProcess } from 'electron';
import { APP_ORIGIN, registerAppScheme, serveApp } from '../../../src-main/shell/app-scheme.ts';
import { joinPage } from '../../../src-main/shell/ports.ts';
import { lockEveryContents, lockSession, sandboxEverything } from '../../../src-main/shell/security.ts';
import { openStudioWindow } from '../../../src-main/shell/window.ts';

const seconds = Number(process.env['TIDECAST_PORT_SECONDS'] ?? 30);
const preload = process.env['TIDECAST_PRELOAD'] ?? '';

sandboxEverything();
registerAppScheme();
lockEveryContents(APP_ORIGIN);
app.on('window-all-closed', () => app.quit());
void app.whenReady().then(() => {
  const receiver = utilityProcess.fork(join(__dirname, 'receiver.cjs'), [], { stdio: 'inherit' });
  lockSession(session.defaultSession, APP_ORIGIN);
  serveApp(session.defaultSession, join(__dirname, 'page'), () => Promise.resolve(null));
  ipcMain.handle('tidecast:shell', (event, _name: string, { requestId }: { requestId: string }) => {
    joinPage(event.sender, { tidecast: 'media-port', requestId }, receiver, 'media');
    return { ok: true, value: undefined };
  });
  receiver.on('message', (report) => {
    console.log(JSON.stringify({ ...report, electron: process.versions.electron, windows: BrowserWindow.getAllWindows().length }));
    receiver.kill();
    app.exit(0);
  });
  receiver.postMessage({ seconds });
  openStudioWindow(preload);
});
