/// <reference lib="es2024.sharedmemory" />
/** Entry of the audio worker: hands devices' sound to the audio thread, stamps the mix with engine time and sends it; its connection also keeps the clock. */
import { encodeAudio } from '../../src-shared/ipc/media.ts';
import { AUDIO_CHANNELS } from '../../src-shared/units.ts';
import { adoptWelcome, ClockSync } from '../compositor/clock/clock-sync.ts';
import { localUs, MediaClock } from '../compositor/clock/media-clock.ts';
import { ConnectionRequests } from '../compositor/link/connection-requests.ts';
import { MediaLink } from '../compositor/link/media-link.ts';
import type { FromAudioWorker, ToAudioWorker } from './messages.ts';
import { framesToUs, SampleClock } from './sample-clock.ts';
import { SampleRing } from './sample-ring.ts';
import { writeFeed } from './write-feed.ts';

const connections = new ConnectionRequests((request: FromAudioWorker) => self.postMessage(request));
let link: MediaLink | null = null;

self.onmessage = ({ data }: MessageEvent<ToAudioWorker>) => {
  switch (data.type) {
    case 'start':
      return start(data);
    case 'wanted':
      if (link) link.wanted = data.wanted;
      return;
    case 'reopen':
      return link?.reopen();
    case 'feed':
      return void writeFeed(data.sound, data.ring);
    case 'connection':
      return connections.settle(data);
    default:
      return data satisfies never;
  }
};

function start({ clock: clockMemory, ring: ringMemory }: Extract<ToAudioWorker, { type: 'start' }>): void {
  const clock = new MediaClock(clockMemory);
  const sync = new ClockSync(clock, (sentAtMs) => media.channel?.sendJson({ type: 'ping', sentAtMs }));
  let sampleIndex = 0;
  const media = new MediaLink({
    role: 'audio',
    request: () => connections.request(),
    onOpen(timeUs) {
      sampleIndex = 0;
      adoptWelcome(clock, timeUs);
      sync.burst();
    },
    onReply: (reply) => reply.type === 'pong' && sync.onPong(reply.sentAtMs, reply.timeUs),
  });
  link = media;
  void pump(new SampleRing(ringMemory), clock, (samples, lostFrames, captureTimeUs) => {
    if (!media.channel) return;
    if (sampleIndex > 0) sampleIndex += lostFrames;
    media.channel.sendBytes(encodeAudio({ sampleIndex, captureTimeUs, samples }));
    sampleIndex += samples.length / AUDIO_CHANNELS;
  });
}

/** Hands on what the audio thread has rendered, whenever it notifies. */
async function pump(
  ring: SampleRing,
  clock: MediaClock,
  deliver: (samples: Float32Array, lostFrames: number, captureTimeUs: number) => void,
): Promise<never> {
  const sampleClock = new SampleClock();
  let frames = ring.position; // and not what is written: the audio thread may have gone on since the ring was opened
  for (;;) {
    await Atomics.waitAsync(ring.counters, 0, frames | 0).value;
    const nowUs = localUs();
    const { samples, lostFrames } = ring.read();
    const first = frames + lostFrames;
    frames = first + samples.length / AUDIO_CHANNELS;
    sampleClock.add(frames, nowUs);
    clock.audioOriginUs = sampleClock.originUs - framesToUs(ring.startFrame);
    if (samples.length > 0) deliver(samples, lostFrames, sampleClock.originUs + framesToUs(first) + clock.offsetUs - ring.aheadUs);
  }
}
