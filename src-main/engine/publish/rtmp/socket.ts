/** Opens TCP and TLS with a limit on each step and failures that say which step it was. */
import { connect, isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { closedFailure, networkFailure, type Stage, timeoutFailure } from './failures.ts';
import type { RtmpUrl } from './url.ts';

const KEEP_ALIVE_MS = 10_000;

export interface SocketOptions {
  timeoutMs: number;
  tlsCa: string | string[] | null;
  /** ends the attempt; the promise rejects */
  signal: AbortSignal;
}

export async function openSocket(url: RtmpUrl, { timeoutMs, tlsCa, signal }: SocketOptions): Promise<Socket> {
  const { host, port } = url;
  const plain = connect({ host, port, noDelay: true, keepAlive: true, keepAliveInitialDelay: KEEP_ALIVE_MS });
  await opened(plain, 'connect', 'connect', url.label, timeoutMs, signal);
  if (!url.secure) return plain;
  // a server name is sent for names only (RFC 6066, 3)
  const secure = connectTls({ socket: plain, host, ...(isIP(host) ? {} : { servername: host }), ...(tlsCa ? { ca: tlsCa } : {}) });
  await opened(secure, 'secureConnect', 'tls', url.label, timeoutMs, signal);
  return secure;
}

/** Waits for the socket's event; on anything else the socket is destroyed. */
function opened(socket: Socket, event: string, stage: Stage, label: string, timeoutMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const finish = (error: Error | null) => {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
      socket.off(event, onOpen).off('error', onError).off('close', onClose);
      if (!error) return resolve();
      socket.on('error', () => {}); // a destroyed socket may still complain
      socket.destroy();
      reject(error);
    };
    const onOpen = () => finish(null);
    const onError = (error: Error) => finish(networkFailure(error, stage, label));
    const onClose = () => finish(closedFailure(stage, label));
    const onAbort = () => finish(closedFailure(stage, label));
    const timer = setTimeout(() => finish(timeoutFailure(stage, label, timeoutMs)), timeoutMs);
    socket.on(event, onOpen).on('error', onError).on('close', onClose);
    signal.addEventListener('abort', onAbort);
    if (signal.aborted) onAbort();
  });
}
