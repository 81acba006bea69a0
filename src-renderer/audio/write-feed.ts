/** A device's sound, piece by piece, into the ring that the audio thread reads. */
import { FeedRing } from './feed-ring.ts';

const PLANAR = 'f32-planar';

/** Ends with the sound. Of more than two channels the first two are taken; one is heard on both sides. */
export async function writeFeed(sound: ReadableStream<AudioData>, memory: SharedArrayBuffer): Promise<void> {
  const ring = new FeedRing(memory);
  const reader = sound.getReader();
  let left = new Float32Array(0);
  let right = new Float32Array(0);
  for (;;) {
    const { value: data, done } = await reader.read().catch(() => ({ value: undefined, done: true as const }));
    if (done) return;
    const { numberOfFrames, numberOfChannels, sampleRate } = data;
    if (left.length !== numberOfFrames) {
      left = new Float32Array(numberOfFrames);
      right = new Float32Array(numberOfFrames);
    }
    data.copyTo(left, { planeIndex: 0, format: PLANAR });
    if (numberOfChannels > 1) data.copyTo(right, { planeIndex: 1, format: PLANAR });
    data.close();
    ring.write(left, numberOfChannels > 1 ? right : left, sampleRate);
  }
}
