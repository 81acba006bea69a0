/** `Channel` over a MessagePort: the browser's, or Electron's `MessagePortMain` through the same small shape. */
import { Emitter } from '../disposable.ts';
import type { Channel, ChannelMessage } from './channel.ts';

/** The part of a MessagePort that both worlds share; `on` is Electron's and Node's form, `addEventListener` the browser's. */
export interface PortLike {
  postMessage(value: unknown): void;
  start?(): void;
  close(): void;
  addEventListener?(type: 'message' | 'close', listener: (event: { data?: unknown }) => void): void;
  on?(type: 'message' | 'close', listener: (event: { data?: unknown }) => void): unknown;
}

export function messagePortChannel(port: PortLike): Channel {
  const messages = new Emitter<ChannelMessage>();
  const closes = new Emitter<string>();
  let closedBecause: string | null = null;

  const listen = (type: 'message' | 'close', listener: (event: { data?: unknown }) => void) =>
    port.addEventListener ? port.addEventListener(type, listener) : port.on?.(type, listener);
  const close = (reason: string) => {
    if (closedBecause !== null) return;
    closedBecause = reason;
    closes.emit(reason);
  };
  listen('message', ({ data }) =>
    messages.emit(data instanceof Uint8Array ? { kind: 'bytes', bytes: data } : { kind: 'json', value: data }),
  );
  listen('close', () => close('the other side closed the port'));
  port.start?.();

  return {
    // Never with a transfer list: an ArrayBuffer transferred across processes arrives as null.
    sendJson: (value) => void (closedBecause === null && port.postMessage(value)),
    sendBytes: (bytes) => void (closedBecause === null && port.postMessage(bytes)),
    onMessage: (listener) => messages.on(listener),
    onClose(listener) {
      if (closedBecause !== null) listener(closedBecause);
      return closes.on(listener);
    },
    bufferedBytes: 0,
    close() {
      port.close();
      close('closed here');
    },
  };
}
