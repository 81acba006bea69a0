/** Our encoder without its media connection: pictures lie in memory, packets go to the parent as in a show. */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { AV_LOG_ERROR } from 'node-av/constants';
import { Log } from 'node-av/lib';
import { Encoder } from '../../src-main/encoder/encoder.ts';
import { monotonicClock } from '../../src-main/process/clock.ts';
import { Emitter } from '../../src-shared/disposable.ts';
import { RenditionId } from '../../src-shared/domain/ids.ts';
import type { VideoSettings } from '../../src-shared/domain/rendition.ts';
import type { Channel, ChannelMessage } from '../../src-shared/ipc/channel.ts';
import { MEDIA_HEADER_BYTES, type MediaHello, writeVideoHeader } from '../../src-shared/ipc/media.ts';
import { i420Bytes } from '../../src-shared/units.ts';
import { cameraLike } from './camera-like.ts';

export interface EncodeTask {
  /** the first has the size and the rate of the pictures */
  renditions: VideoSettings[];
  frames: number;
  warmUpFrames: number;
}

export interface EncodeSpent {
  /** CPU of all threads while the frames after the warm-up were encoded */
  spentMs: number;
  /** over the second half of the warm-up: looking costs CPU */
  loopDelayP99Ms: number;
  /** of the pictures after the warm-up, those that every rendition has encoded: fewer where it could not keep up */
  encodedShare: number;
}

const LOOP_RESOLUTION_MS = 2;

Log.setLevel(AV_LOG_ERROR);
const { renditions, frames, warmUpFrames } = JSON.parse(process.argv[2] ?? '') as EncodeTask;
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

let encoded = 0;
const encoder = new Encoder(clock.epochNs, (reply) => {
  if (reply.type === 'packet' && reply.packet.kind === 'video' && !reply.packet.repeated) encoded++;
  process.send?.(reply);
});
await encoder.start(null);
encoder.acceptPort(channel);
messages.emit({ kind: 'json', value: { type: 'hello', version: 1, token: '', role: 'video' } satisfies MediaHello });
encoder.receive({ type: 'demand', demand: { widthPx, heightPx, frameRate }, audio: { codec: 'aac', bitrateKbps: 160 } });
renditions.forEach((video, n) => encoder.receive({ type: 'open', rendition: { id: RenditionId.parse(`bench-${n}`), video } }));

const first = Math.ceil((clock.nowUs() * frameRate) / 1e6) + 1;
const loopDelay = monitorEventLoopDelay({ resolution: LOOP_RESOLUTION_MS });
let from = process.cpuUsage();
for (let n = 0; n < warmUpFrames + frames; n += 1) {
  await sleep(Math.max(0, ((first + n) * 1_000) / frameRate - clock.nowUs() / 1_000));
  if (n === Math.floor(warmUpFrames / 2)) loopDelay.enable();
  if (n === warmUpFrames) {
    from = process.cpuUsage();
    encoded = 0;
    loopDelay.disable();
  }
  const message = pictures[n % pictures.length] as Uint8Array;
  writeVideoHeader(message, { widthPx, heightPx, tick: first + n, captureTimeUs: clock.nowUs() });
  messages.emit({ kind: 'bytes', bytes: message });
}
await sleep(1_000 / frameRate);
const { user, system } = process.cpuUsage(from);
const spent: EncodeSpent = {
  spentMs: (user + system) / 1_000,
  // the histogram counts from one of its own ticks to the next
  loopDelayP99Ms: loopDelay.percentile(99) / 1e6 - LOOP_RESOLUTION_MS,
  encodedShare: encoded / (frames * renditions.length),
};
process.send?.(spent, () => process.exit(0));
