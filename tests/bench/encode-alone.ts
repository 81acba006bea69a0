/** Our encoder without its media connection: pictures lie in memory, packets go to the parent as in a show. */
import { setTimeout as sleep } from 'node:timers/promises';
import { AV_LOG_ERROR } from 'node-av/constants';
import { Log } from 'node-av/lib';
import { Encoder } from '../../src-main/encoder/encoder.ts';
import { loadMediaTools } from '../../src-main/encoder/load-media-tools.ts';
import { monotonicClock } from '../../src-main/process/clock.ts';
import { Emitter } from '../../src-shared/disposable.ts';
import { RenditionId } from '../../src-shared/domain/ids.ts';
import { AudioSettings, type VideoSettings } from '../../src-shared/domain/rendition.ts';
import type { Channel, ChannelMessage } from '../../src-shared/ipc/channel.ts';
import { MEDIA_HEADER_BYTES, type MediaHello, writeVideoHeader } from '../../src-shared/ipc/media.ts';
import { i420Bytes } from '../../src-shared/units.ts';
import { cameraLike } from './camera-like.ts';

export interface EncodeTask {
  /** the first has the size and the rate of the pictures */
  renditions: VideoSettings[];
}

/** its first message: pictures come from now on, until it is ended */
export interface EncodeStarted {
  started: true;
}

Log.setLevel(AV_LOG_ERROR);
const { renditions } = JSON.parse(process.argv[2] ?? '') as EncodeTask;
const { widthPx, heightPx, frameRate } = renditions[0]!;
const clock = monotonicClock();
const messages = new Emitter<ChannelMessage>();
const channel: Channel = {
  sendJson: () => {},
  sendBytes: () => {},
  onMessage: (listener) => messages.on(listener),
  onClose: () => () => {},
  bufferedBytes: 0,
  close: () => {},
};
const pictures = cameraLike(widthPx, heightPx, 30).map((planes) => {
  const message = new Uint8Array(MEDIA_HEADER_BYTES + i420Bytes(widthPx, heightPx));
  message.set(planes, MEDIA_HEADER_BYTES);
  return message;
});

const encoder = new Encoder(clock.epochNs, await loadMediaTools(), (reply) => void process.send?.(reply));
await encoder.start(null);
encoder.acceptPort(channel);
messages.emit({ kind: 'json', value: { type: 'hello', version: 1, token: '', role: 'video' } satisfies MediaHello });
encoder.receive({ type: 'demand', demand: { widthPx, heightPx, frameRate }, audio: AudioSettings.parse({}) });
renditions.forEach((video, n) => encoder.receive({ type: 'open', rendition: { id: RenditionId.parse(`bench-${n}`), video } }));

process.send?.({ started: true } satisfies EncodeStarted);
const first = Math.ceil((clock.nowUs() * frameRate) / 1e6) + 1;
for (let n = 0; ; n += 1) {
  await sleep(Math.max(0, ((first + n) * 1_000) / frameRate - clock.nowUs() / 1_000));
  const message = pictures[n % pictures.length] as Uint8Array;
  writeVideoHeader(message, { widthPx, heightPx, tick: first + n, captureTimeUs: clock.nowUs() });
  messages.emit({ kind: 'bytes', bytes: message });
}
