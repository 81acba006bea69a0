/** Where the media engine finds the encoder: an address with a one-time token, or a port from the shell. */

import type { EngineLink } from './engine-link.ts';
import { awaitPort, invokeShell } from './shell.ts';

export type MediaAddress = { kind: 'webSocket'; url: string; token: string } | { kind: 'port'; port: MessagePort };

export async function openMedia(link: EngineLink): Promise<MediaAddress> {
  const endpoint = await link.invoke('media.open');
  if (endpoint.kind === 'webSocket') return endpoint;
  const requestId = crypto.randomUUID();
  const arriving = awaitPort((message) => message.tidecast === 'media-port' && message.requestId === requestId);
  await invokeShell('shell.mediaPort', { requestId });
  return { kind: 'port', port: await arriving };
}
