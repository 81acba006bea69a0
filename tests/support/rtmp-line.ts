/** One RTMP connection of the product with nothing above it, and everything that befell it. */
import { setTimeout as sleep } from 'node:timers/promises';
import { RtmpConnection } from '../../src-main/engine/publish/rtmp/connection.ts';
import type { ConnectionOptions } from '../../src-main/engine/publish/rtmp/connection-options.ts';
import { parseRtmpUrl } from '../../src-main/engine/publish/rtmp/url.ts';
import { mediaMessage } from '../../src-main/wire/rtmp/message.ts';
import type { StudioError } from '../../src-shared/errors.ts';

export interface RtmpLine {
  connection: RtmpConnection;
  lost: StudioError[];
  /** `bytes` of media, a message of 2,000 bytes each 5 ms */
  send(bytes: number): Promise<void>;
}

export async function openRtmpLine(url: string, options: Partial<ConnectionOptions> = {}): Promise<RtmpLine> {
  const lost: StudioError[] = [];
  const connection = await RtmpConnection.publish({
    url: parseRtmpUrl(url),
    streamKey: 'key',
    connectTimeoutMs: 5_000,
    replyTimeoutMs: 5_000,
    stallMs: 4_000,
    tlsCa: null,
    signal: new AbortController().signal,
    onAnswered: () => {},
    onReconnectRequest: () => {},
    onLost: (failure) => lost.push(failure),
    onProgress: () => {},
    ...options,
  });
  const put = () => connection.send(mediaMessage('video', connection.streamId, 0, new Uint8Array(2_000)));
  const send = async (bytes: number) => {
    for (let sent = 0; sent < bytes; sent += put()) {
      if (lost.length > 0) return;
      await sleep(5);
    }
  };
  return { connection, lost, send };
}
