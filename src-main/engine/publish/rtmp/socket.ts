/** Finds the server's addresses, opens TCP and TLS: with a limit on each step and failures that say which step it was. */
import type { LookupAddress } from 'node:dns';
import { connect, isIP, type LookupFunction, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { names } from '../names.ts';
import { closedFailure, networkFailure, type Stage, timeoutFailure } from './failures.ts';
import type { RtmpUrl } from './url.ts';

const KEEP_ALIVE_MS = 10_000;
/** How long each of several addresses has before the next is tried; Node's 250 ms are too short for a far server. */
const NEXT_ADDRESS_MS = 1_000;

export interface SocketOptions {
  /** for each step */
  timeoutMs: number;
  tlsCa: string | string[] | null;
  /** ends the attempt; the promise rejects */
  signal: AbortSignal;
  /** the server's port has; what follows may still go wrong */
  onAnswered: () => void;
  /** TCP that is open already, to be used instead of a new one */
  open?: Socket | null;
  /** the system's, unless given */
  lookup?: LookupFunction;
}

export interface OpenSocket {
  /** to write to and read from */
  socket: Socket;
  /** the TCP socket beneath; without TLS the same */
  plain: Socket;
}

/** @throws StudioError saying which step failed; nothing is left open then */
export async function openSocket(url: RtmpUrl, options: SocketOptions): Promise<OpenSocket> {
  const { host } = url;
  const { timeoutMs, tlsCa, signal, onAnswered } = options;
  const plain = options.open ?? (await openPlain(url, options));
  plain.setNoDelay(true).setKeepAlive(true, KEEP_ALIVE_MS);
  onAnswered();
  if (!url.secure) return { socket: plain, plain };
  // a server name is sent for names only (RFC 6066, 3)
  const secure = connectTls({ socket: plain, host, ...(isIP(host) ? {} : { servername: host }), ...(tlsCa ? { ca: tlsCa } : {}) });
  await opened(secure, 'secureConnect', 'tls', url.label, timeoutMs, signal);
  return { socket: secure, plain };
}

async function openPlain(url: RtmpUrl, options: SocketOptions): Promise<Socket> {
  const { host, port, label } = url;
  const addresses = isIP(host) ? null : await lookUp(url, options);
  const lookup = addresses ? { lookup: given(addresses) } : {};
  const plain = connect({ host, port, autoSelectFamilyAttemptTimeout: NEXT_ADDRESS_MS, ...lookup });
  await opened(plain, 'connect', 'connect', label, options.timeoutMs, options.signal);
  return plain;
}

/** A look-up cannot be called off: past its time, its answer is not waited for. */
function lookUp({ host, label }: RtmpUrl, { timeoutMs, signal, lookup = names.fresh }: SocketOptions): Promise<LookupAddress[]> {
  return new Promise((resolve, reject) => {
    const settle = (outcome: () => void) => {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
      outcome();
    };
    const onAbort = () => settle(() => reject(closedFailure('dns', label)));
    const timer = setTimeout(() => settle(() => reject(timeoutFailure('dns', label, timeoutMs))), timeoutMs);
    signal.addEventListener('abort', onAbort);
    if (signal.aborted) return onAbort();
    lookup(host, { all: true }, (error, addresses) => {
      if (error) settle(() => reject(networkFailure(error, 'dns', label)));
      else settle(() => resolve(addresses as LookupAddress[]));
    });
  });
}

/** For `connect`, which looks up a name itself unless it is told. */
function given(addresses: LookupAddress[]): LookupFunction {
  return (_name, { all }, callback) => {
    const [first] = addresses;
    if (all || !first) callback(null, addresses);
    else callback(null, first.address, first.family);
  };
}

/** Waits for the socket's event; on anything else the socket is destroyed. */
function opened(socket: Socket, event: string, stage: Stage, label: string, timeoutMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const finish = (error: Error | null) => {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
      socket.off(event, onOpen).off('error', onError).off('close', onClose);
      socket.on('error', () => {}); // a destroyed socket may still complain, and one that opened may fail before anybody listens
      if (!error) return resolve();
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
