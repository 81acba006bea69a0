/** Answers the page's calls. Each is checked: who sends it, what it asks, and what goes back. */
import { BrowserWindow, desktopCapturer, dialog, ipcMain, shell } from 'electron';
import { z } from 'zod';
import { type Result, StudioError, toFailure } from '../../src-shared/errors.ts';
import { type ShellCallName, type ShellCallOutput, shellCalls } from '../../src-shared/ipc/shell.ts';
import { APP_ORIGIN } from './app-scheme.ts';
import type { EngineLink } from './engine-link.ts';
import { isOwnPage, openInBrowser } from './security.ts';

type OnAir = z.output<(typeof shellCalls)['shell.onAir']['input']>['state'];
type Handlers = {
  [N in ShellCallName]: (
    input: z.output<(typeof shellCalls)[N]['input']>,
    contents: Electron.WebContents,
  ) => Promise<ShellCallOutput<N>> | ShellCallOutput<N>;
};

export function answerShellCalls(engine: EngineLink, onAir: (state: OnAir) => void): void {
  const handlers = makeHandlers(engine, onAir);
  ipcMain.handle('tidecast:shell', async (event, name: unknown, input: unknown): Promise<Result<unknown>> => {
    const frame = event.senderFrame;
    if (!frame || frame !== event.sender.mainFrame || !isOwnPage(frame.url, APP_ORIGIN)) {
      return { ok: false, code: 'ipc.unauthorised', message: 'Only the studio window may call the shell.' };
    }
    return answer(handlers, name, input, event.sender);
  });
}

async function answer(handlers: Handlers, name: unknown, input: unknown, contents: Electron.WebContents): Promise<Result<unknown>> {
  if (typeof name !== 'string' || !Object.hasOwn(shellCalls, name)) {
    return { ok: false, code: 'ipc.unknown-call', message: `There is no shell call "${String(name)}".` };
  }
  const contract = shellCalls[name as ShellCallName];
  const parsed = contract.input.safeParse(input);
  if (!parsed.success) return { ok: false, code: 'ipc.bad-input', message: `${name}: ${z.prettifyError(parsed.error)}` };
  try {
    const handler = handlers[name as ShellCallName] as (input: unknown, contents: Electron.WebContents) => unknown;
    return { ok: true, value: contract.output.parse(await handler(parsed.data, contents)) };
  } catch (error) {
    return { ok: false, ...toFailure(error) };
  }
}

function makeHandlers(engine: EngineLink, onAir: (state: OnAir) => void): Handlers {
  return {
    'shell.engine': (_input, contents) => engine.connectRenderer(contents),
    'shell.mediaPort': ({ requestId }, contents) => engine.openMediaPort(contents, requestId),
    'shell.pickFolder': ({ title }, contents) => pickFolder(title, contents),
    'shell.revealFile': ({ path }) => shell.showItemInFolder(path),
    'shell.openExternal': ({ url }) => openInBrowser(url),
    'shell.screens': () => listScreens(),
    'shell.onAir': ({ state }) => onAir(state),
  };
}

async function pickFolder(title: string, contents: Electron.WebContents): Promise<string | null> {
  const window = BrowserWindow.fromWebContents(contents);
  if (!window) throw new StudioError('shell.unavailable', 'The window is gone.');
  const picked = await dialog.showOpenDialog(window, { title, properties: ['openDirectory', 'createDirectory'] });
  return picked.canceled ? null : (picked.filePaths[0] ?? null);
}

async function listScreens(): Promise<ShellCallOutput<'shell.screens'>> {
  const sources = await desktopCapturer.getSources({ types: ['screen', 'window'], thumbnailSize: { width: 320, height: 180 } });
  return sources.map((source) => ({
    captureId: source.id,
    name: source.name,
    kind: source.id.startsWith('screen:') ? ('screen' as const) : ('window' as const),
    thumbnailDataUrl: source.thumbnail.toDataURL(),
  }));
}
