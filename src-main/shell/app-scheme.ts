/** The interface's own origin, app://studio: files of the bundle and pictures of the user, under strict headers. */
import { readFile } from 'node:fs/promises';
import { protocol, type Session } from 'electron';
import { interfaceHeaders } from '../process/interface-headers.ts';
import { findStaticFile } from '../process/static-files.ts';

export const APP_SCHEME = 'app';
export const APP_ORIGIN = 'app://studio';

/** Must be called before the app is ready. */
export function registerAppScheme(): void {
  protocol.registerSchemesAsPrivileged([
    { scheme: APP_SCHEME, privileges: { standard: true, secure: true, supportFetchAPI: true, stream: true, codeCache: true } },
  ]);
}

/** @param asset gives the bytes of `assets/<id>`; null when there is no such asset */
export function serveApp(
  session: Session,
  rendererRoot: string,
  asset: (id: string) => Promise<{ bytes: Uint8Array; mimeType: string } | null>,
): void {
  const headers = interfaceHeaders();
  session.protocol.handle(APP_SCHEME, async (request) => {
    const url = new URL(request.url);
    if (url.host !== 'studio' || request.method !== 'GET') return new Response(null, { status: 404 });
    const assetId = /^\/assets\/([A-Za-z0-9_-]{1,64})$/.exec(url.pathname)?.[1];
    if (assetId !== undefined) {
      const found = await asset(assetId);
      if (found) return new Response(new Uint8Array(found.bytes), { headers: { ...headers, 'content-type': found.mimeType } });
    }
    const file = await findStaticFile(rendererRoot, url.pathname);
    if (!file) return new Response('not found', { status: 404, headers });
    return new Response(await readFile(file.path), { headers: { ...headers, 'content-type': file.contentType } });
  });
}
