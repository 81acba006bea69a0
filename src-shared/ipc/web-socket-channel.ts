/** `Channel` over a WebSocket, the browser's or the one of `ws`. Text frames are JSON, binary frames are bytes. */
import { Emitter } from '../disposable.ts';
import { parse, stringify } from './bytes-json.ts';
import type { Channel, ChannelMessage } from './channel.ts';

/** The part of the WebSocket interface that browsers and the `ws` package share. */
export interface WebSocketLike {
  binaryType: string;
  readonly readyState: number;
  readonly bufferedAmount: number;
  send(data: string | Uint8Array<ArrayBuffer>): void;
  close(code?: number, reason?: string): void;
  addEventListener(type: 'message', listener: (event: { data: unknown }) => void): void;
  addEventListener(type: 'close', listener: (event: { code: number; reason: string }) => void): void;
}

const OPEN = 1;

/** @param socket an open or opening socket; frames sent before it is open are dropped by the socket itself */
export function webSocketChannel(socket: WebSocketLike): Channel {
  const messages = new Emitter<ChannelMessage>();
  const closes = new Emitter<string>();
  let closedBecause: string | null = null;

  const close = (reason: string) => {
    if (closedBecause !== null) return;
    closedBecause = reason;
    closes.emit(reason);
  };
  socket.binaryType = 'arraybuffer';
  socket.addEventListener('message', ({ data }) => {
    if (typeof data !== 'string') return messages.emit({ kind: 'bytes', bytes: new Uint8Array(data as ArrayBuffer) });
    let value: unknown;
    try {
      value = parse(data);
    } catch {
      return socket.close(1007, 'not JSON');
    }
    messages.emit({ kind: 'json', value });
  });
  socket.addEventListener('close', ({ code, reason }) => close(reason || `code ${code}`));

  return {
    sendJson: (value) => void (socket.readyState === OPEN && socket.send(stringify(value))),
    sendBytes: (bytes) => void (socket.readyState === OPEN && socket.send(bytes as Uint8Array<ArrayBuffer>)),
    onMessage: (listener) => messages.on(listener),
    onClose(listener) {
      if (closedBecause !== null) listener(closedBecause);
      return closes.on(listener);
    },
    get bufferedBytes() {
      return socket.bufferedAmount;
    },
    close() {
      socket.close(1000);
      close('closed here');
    },
  };
}
