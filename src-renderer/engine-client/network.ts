/** What the browser hears from the system about the network, for the engine, which cannot hear it itself. */
import { link } from './engine.ts';

/** Without an engine nobody waits for the network. */
export function listenForNetwork(): void {
  window.addEventListener('online', () => void link.invoke('network.online').catch(() => {}));
}
