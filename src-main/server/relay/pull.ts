/** One attempt to get a stream from another server. */
import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import type { AmfObject } from '../../wire/amf0.ts';
import { FlvReader, parseMetadata, TAG } from '../../wire/flv.ts';
import type { RelayAddress } from './address.ts';
import { RtmpClient, type RtmpClientLimits } from './rtmp-client.ts';
import { LOOP_REASON, VIA_HEADER } from './via.ts';

export interface PullEvents {
  metadata(entries: AmfObject): void;
  media(kind: 'video' | 'audio', timestampMs: number, body: Uint8Array): void;
  /** exactly once; what to tell the user, and whether the way through these servers was refused */
  ended(reason: string, isLoop: boolean): void;
}

export interface Pull {
  close(): void;
}

export function pullRtmp(address: RelayAddress, limits: RtmpClientLimits, via: string, events: PullEvents): Pull {
  return new RtmpClient(address, { action: 'play', via }, limits, { ...events, started: () => {}, drain: () => {} });
}

export function pullFlv(address: RelayAddress, limits: RtmpClientLimits, via: string, events: PullEvents): Pull {
  let reason: string | null = null;
  let isLoop = false;
  const request = (address.secure ? requestHttps : requestHttp)(address.url, {
    headers: { accept: 'video/x-flv', [VIA_HEADER]: via },
    agent: false,
  });
  const give = (why: string) => {
    reason ??= why;
    request.destroy();
  };
  const deadline = setTimeout(() => give('did not answer'), limits.handshakeMs);
  request.on('response', (response) => {
    clearTimeout(deadline);
    isLoop = response.statusCode === 508;
    if (isLoop) return give(`${LOOP_REASON} (HTTP 508)`);
    if (response.statusCode !== 200) return give(`refused (HTTP ${response.statusCode})`);
    request.setTimeout(limits.publisherSilentMs, () => give('sent nothing for too long'));
    const reader = new FlvReader({ tagMaxBytes: limits.messageBytesMax });
    response.on('error', () => {}); // 'close' follows
    response.on('data', (bytes: Buffer) => {
      try {
        for (const { type, timestampMs, data } of reader.feed(bytes)) take(type, timestampMs, data);
      } catch {
        give('does not send FLV');
      }
    });
  });
  const take = (type: number, timestampMs: number, data: Uint8Array) => {
    if (data.length === 0) return;
    if (type === TAG.video || type === TAG.audio) return events.media(type === TAG.video ? 'video' : 'audio', timestampMs, data);
    const metadata = type === TAG.script && data.length <= limits.commandBytesMax ? parseMetadata(data) : null;
    if (metadata) events.metadata(metadata);
  };
  request.on('error', (error: NodeJS.ErrnoException) => {
    reason ??= `could not be reached (${error.code ?? error.message})`;
  });
  request.on('close', () => {
    clearTimeout(deadline);
    events.ended(`${address.label} ${reason ?? 'closed the connection'}`, isLoop);
  });
  request.end();
  return { close: () => give('was let go') };
}
