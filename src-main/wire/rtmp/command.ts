/** RTMP commands: a name, a transaction id, a command object and arguments in AMF0. @see Adobe RTMP specification 1.0, 7.2 */
import { type AmfObject, type AmfValue, asObject, decode, encode } from '../amf0.ts';
import { WireError } from '../wire-error.ts';

export interface Command {
  name: string;
  transactionId: number;
  /** connect's properties; null for most commands */
  object: AmfValue;
  args: AmfValue[];
}

/** The information object of onStatus, _result and _error. */
export interface Status {
  level: string;
  code: string;
  description: string;
}

/** longer names serve attacks only */
export const COMMAND_NAME_MAX = 64;

export function encodeCommand({ name, transactionId, object, args }: Command): Uint8Array {
  return encode([name, transactionId, object, ...args]);
}

export function decodeCommand(payload: Uint8Array): Command {
  const [name, transactionId = 0, object = null, ...args] = decode(payload);
  if (typeof name !== 'string' || name.length > COMMAND_NAME_MAX) throw new WireError('a command has no usable name');
  if (typeof transactionId !== 'number') throw new WireError('a command has no transaction id');
  return { name, transactionId, object, args };
}

/** The status that a reply carries, wherever its sender put it; null when it has none. */
export function statusOf(command: Command): Status | null {
  for (const value of [...command.args, command.object]) {
    const entries = asObject(value);
    if (entries && typeof entries.code === 'string') {
      return { level: text(entries, 'level'), code: entries.code, description: text(entries, 'description') };
    }
  }
  return null;
}

const RECONNECT_REQUEST = 'NetConnection.Connect.ReconnectRequest';

/**
 * The server asks for a new connection, since it is about to go or another is nearer.
 * @returns the address to connect to, absolute or relative to the connection's tcUrl, empty for the same; null when this is no such request
 * @see Enhanced RTMP v2, Reconnect Request
 */
export function reconnectRequestOf(command: Command): string | null {
  if (command.name !== 'onStatus') return null;
  for (const value of [...command.args, command.object]) {
    const entries = asObject(value);
    if (entries?.code === RECONNECT_REQUEST) return text(entries, 'tcUrl');
  }
  return null;
}

/** @param tcUrl empty: to the same address */
export function reconnectRequest(tcUrl: string, description: string): Command {
  const info = { level: 'status', code: RECONNECT_REQUEST, ...(tcUrl ? { tcUrl } : {}), description };
  return { name: 'onStatus', transactionId: 0, object: null, args: [info] };
}

/** The message is sent on the stream that it speaks of. */
export function onStatus(level: 'status' | 'error', code: string, description: string): Command {
  return { name: 'onStatus', transactionId: 0, object: null, args: [{ level, code, description }] };
}

function text(entries: AmfObject, key: string): string {
  const value = entries[key];
  return typeof value === 'string' ? value : '';
}
