/** Part of a file as an answer, read as the reader takes it. */
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream';
import { type HlsExchange, type Resource, sendHead } from '../hls/replies.ts';

export interface FileResource extends Omit<Resource, 'pieces'> {
  path: string;
  /** the resource's first byte in the file */
  at: number;
  bytes: number;
}

/** @param stalledMs a reader that takes nothing for so long is let go */
export function sendFilePart(exchange: HlsExchange, resource: FileResource, stalledMs: number): void {
  const range = sendHead(exchange, resource);
  if (!range) return;
  const { response } = exchange;
  const { path, at } = resource;
  response.setTimeout(stalledMs, () => response.destroy());
  // a reader that left, or a file that vanished: the connection is closed
  pipeline(createReadStream(path, { start: at + range.first, end: at + range.last }), response, () => {});
}
