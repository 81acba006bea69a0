/** One connection to the engine: a MessagePort from the shell, or a WebSocket with a token in its first message. */
import { StudioError } from '../../src-shared/errors.ts';
import type { Channel } from '../../src-shared/ipc/channel.ts';
import { messagePortChannel } from '../../src-shared/ipc/message-port-channel.ts';
import { webSocketChannel } from '../../src-shared/ipc/web-socket-channel.ts';
import { awaitPort, invokeShell, shellBridge } from './shell.ts';
import { takeToken } from './token.ts';

export async function connectChannel(): Promise<Channel> {
  if (!shellBridge) return openWebSocket(browserEngineUrl(), takeToken());
  const arriving = awaitPort((message) => message.tidecast === 'engine-port');
  arriving.catch(() => {}); // awaited below only when a port is on its way
  const engine = await invokeShell('shell.engine', undefined);
  if (engine.kind === 'webSocket') return openWebSocket(engine.url, engine.token);
  return messagePortChannel(await arriving);
}

function browserEngineUrl(): string {
  return `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/engine`;
}

/** Resolves once the hello has been sent; a refused token closes the channel with a reason that says so. */
function openWebSocket(url: string, token: string): Promise<Channel> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url);
    const channel = webSocketChannel(socket);
    socket.addEventListener('open', () => {
      channel.sendJson({ type: 'hello', token });
      resolve(channel);
    });
    channel.onClose((reason) => reject(new StudioError('ipc.disconnected', `The studio engine does not answer (${reason}).`)));
  });
}
