/** Finding the file behind a URL path, and its type. For every place that serves files: shell, browser host, live server. */
import { stat } from 'node:fs/promises';
import { extname, join, normalize, sep } from 'node:path';

const TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.wasm': 'application/wasm',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
};

export interface StaticFile {
  path: string;
  contentType: string;
  sizeBytes: number;
}

/**
 * @param root directory that may be read
 * @param urlPath the path of a URL, still percent-encoded; `/` means index.html
 * @returns null when there is no such file or the path leads out of the root
 */
export async function findStaticFile(root: string, urlPath: string): Promise<StaticFile | null> {
  let decoded: string;
  try {
    decoded = decodeURIComponent(urlPath);
  } catch {
    return null;
  }
  if (decoded.includes('\0')) return null;
  const path = normalize(join(root, decoded.endsWith('/') ? `${decoded}index.html` : decoded));
  if (path !== root && !path.startsWith(root.endsWith(sep) ? root : root + sep)) return null;
  const found = await stat(path).catch(() => null);
  if (!found?.isFile()) return null;
  return { path, contentType: TYPES[extname(path).toLowerCase()] ?? 'application/octet-stream', sizeBytes: found.size };
}
