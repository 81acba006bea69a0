/** The Electron shell, where there is one. */
import { type Result, StudioError } from '../../src-shared/errors.ts';
import type { ShellBridge, ShellCallInput, ShellCallName, ShellCallOutput } from '../../src-shared/ipc/shell.ts';

export const shellBridge: ShellBridge | null = (window as { tidecast?: ShellBridge }).tidecast ?? null;

/** @throws StudioError with the shell's code, or shell.unavailable in a browser */
export async function invokeShell<N extends ShellCallName>(name: N, input: ShellCallInput<N>): Promise<ShellCallOutput<N>> {
  if (!shellBridge) throw new StudioError('shell.unavailable', 'This works in the desktop application only.');
  const result: Result<ShellCallOutput<N>> = await shellBridge.invoke(name, input);
  if (!result.ok) throw new StudioError(result.code, result.message);
  return result.value;
}

/** Opens a link in the user's browser: through the shell where there is one, else in a new tab. */
export function openLink(url: string): void {
  if (shellBridge) void invokeShell('shell.openExternal', { url });
  else window.open(url, '_blank', 'noopener');
}

/** Waits for a port that the preload passes on with `window.postMessage`. */
export function awaitPort(matches: (message: Record<string, unknown>) => boolean, timeoutMs = 15_000): Promise<MessagePort> {
  return new Promise((resolve, reject) => {
    const receive = (event: MessageEvent) => {
      const port = event.ports[0];
      if (event.source !== window || !port || typeof event.data !== 'object' || event.data === null || !matches(event.data)) return;
      finish();
      resolve(port);
    };
    const timer = setTimeout(() => {
      finish();
      reject(new StudioError('ipc.disconnected', 'The desktop shell did not hand over a connection in time.'));
    }, timeoutMs);
    const finish = () => {
      clearTimeout(timer);
      window.removeEventListener('message', receive);
    };
    window.addEventListener('message', receive);
  });
}
