/**
 * A two-way message channel: MessagePort or WebSocket underneath, nothing above knows which.
 * A message is either a JSON-like value (`json`) or bytes (`bytes`); order is kept; delivery is reliable while open.
 */
import type { Unsubscribe } from '../disposable.ts';

export type ChannelMessage = { kind: 'json'; value: unknown } | { kind: 'bytes'; bytes: Uint8Array };

export interface Channel {
  /** Sends a value that survives JSON; a Uint8Array inside it travels too (base64 over a WebSocket). */
  sendJson(value: unknown): void;
  /** Sends raw bytes (media). The buffer must not be changed afterwards. */
  sendBytes(bytes: Uint8Array): void;
  onMessage(listener: (message: ChannelMessage) => void): Unsubscribe;
  /** Called once, with a reason for the log; at once if it is already closed. */
  onClose(listener: (reason: string) => void): Unsubscribe;
  /** Bytes accepted but not yet handed to the operating system; 0 where the transport does not tell. */
  readonly bufferedBytes: number;
  close(): void;
}
