/** The child's end of a service: Electron's parentPort in a utilityProcess, Node's IPC channel in a forked child. */

import type { Channel } from '../../src-shared/ipc/channel.ts';
import { messagePortChannel, type PortLike } from '../../src-shared/ipc/message-port-channel.ts';

export interface Parent<Out, In> {
  send(message: Out): void;
  onMessage(listener: (message: In) => void): void;
  /** a MessagePort handed over by the shell, with the label it was sent under; never in a forked child */
  onPort(listener: (label: string, channel: Channel) => void): void;
  /** the parent is gone: a service has nothing left to do and should end */
  onGone(listener: () => void): void;
}

/** Electron's `process.parentPort`, as far as it is used. */
interface ParentPort {
  postMessage(message: unknown): void;
  on(event: 'message', listener: (event: { data: unknown; ports: PortLike[] }) => void): void;
}

/** A message that only carries ports. */
export interface PortEnvelope {
  tidecastPort: string;
}

/** @returns null when this process was started by hand, from a command line */
export function connectParent<Out, In>(): Parent<Out, In> | null {
  const parentPort = (process as unknown as { parentPort?: ParentPort }).parentPort;
  if (parentPort) return process.env['TIDECAST_PARENT'] === 'port' ? fromHandedPort(parentPort) : fromParentPort(parentPort);
  if (process.send) return fromIpc();
  return null;
}

/**
 * Electron's shell, to a service that it started on another's behalf: whoever speaks through the handed port is its parent.
 * @returns null outside of Electron
 */
export function connectShell<Out, In>(): Pick<Parent<Out, In>, 'send' | 'onMessage' | 'onPort'> | null {
  const { parentPort } = process as unknown as { parentPort?: ParentPort };
  return parentPort ? fromParentPort(parentPort) : null;
}

function fromParentPort<Out, In>(port: ParentPort): Parent<Out, In> {
  const isEnvelope = (data: unknown): data is PortEnvelope => typeof data === 'object' && data !== null && 'tidecastPort' in data;
  return {
    send: (message) => port.postMessage(message),
    onMessage: (listener) => port.on('message', ({ data }) => void (isEnvelope(data) || listener(data as In))),
    onPort: (listener) =>
      port.on('message', ({ data, ports }) => {
        if (isEnvelope(data) && ports[0]) listener(data.tidecastPort, messagePortChannel(ports[0]));
      }),
    onGone: () => {}, // Electron ends its utility processes itself
  };
}

/**
 * A service that the shell starts on the engine's behalf talks to the engine, over a port labelled 'parent' that the
 * shell hands it first; see parent-services.ts. What is sent before it comes waits for it; so does what comes before
 * anybody listens, as it does in a forked child: a service may load what it needs before.
 */
function fromHandedPort<Out, In>(port: ParentPort): Parent<Out, In> {
  const { onPort } = fromParentPort<Out, In>(port);
  const listeners: ((message: In) => void)[] = [];
  const unheard: In[] = [];
  const hear = (message: In) => {
    if (listeners.length === 0) unheard.push(message);
    for (const listener of listeners) listener(message);
  };
  const handed = new Promise<Channel>((resolve) =>
    onPort((label, channel) => {
      if (label !== 'parent') return;
      channel.onMessage((message) => message.kind === 'json' && hear(message.value as In));
      resolve(channel);
    }),
  );
  return {
    send: (message) => void handed.then((channel) => channel.sendJson(message)),
    onMessage: (listener) => {
      listeners.push(listener);
      for (const message of unheard.splice(0)) listener(message);
    },
    onPort: (listener) => onPort((label, channel) => void (label === 'parent' || listener(label, channel))),
    onGone: (listener) => void handed.then((channel) => channel.onClose(listener)),
  };
}

function fromIpc<Out, In>(): Parent<Out, In> {
  return {
    send: (message) => void (process.connected && process.send?.(message, () => {})),
    onMessage: (listener) => void process.on('message', (message) => listener(message as In)),
    onPort: () => {},
    onGone: (listener) => void process.on('disconnect', listener),
  };
}
