/** The shell's link to the engine: the same for an engine in a utilityProcess and for one under plain Node. */
import type { WebContents } from 'electron';
import type { ShellCallOutput } from '../../src-shared/ipc/shell.ts';

export interface EngineLink {
  /** Gives a window its connection to the engine; a port, where ports are used, is on its way when this resolves. */
  connectRenderer(contents: WebContents): Promise<ShellCallOutput<'shell.engine'>>;
  /** Sends the window a port whose other end the encoder holds. */
  openMediaPort(contents: WebContents, requestId: string): void | Promise<void>;
  asset(id: string): Promise<{ bytes: Uint8Array; mimeType: string } | null>;
  /** The system has woken up: destinations that wait for the network are tried at once. */
  networkBack(): void;
  /** Ends shows and recordings in order, then the processes. */
  stop(): Promise<void>;
}
