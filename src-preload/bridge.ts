/**
 * The only thing the page can reach of Electron: one typed call, and the ports the shell hands over.
 * Inputs and outputs are checked in the shell; the channel name is fixed here, so no other can be called.
 */
import { contextBridge, ipcRenderer } from 'electron';
import type { ShellBridge } from '../src-shared/ipc/shell.ts';

const bridge: ShellBridge = {
  host: 'electron',
  invoke: (name, input) => ipcRenderer.invoke('tidecast:shell', name, input),
};
contextBridge.exposeInMainWorld('tidecast', bridge);

// A port cannot pass through contextBridge: it goes on to the page's own window, to its own origin only.
ipcRenderer.on('tidecast:port', (event, message: unknown) => {
  window.postMessage(message, location.origin, event.ports);
});
