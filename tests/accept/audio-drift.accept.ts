/**
 * The whole way of a microphone's sound over ten minutes, in fast-forward: a device, an audio context and an engine with
 * three clocks that differ, deliveries and wake-ups that are late, and the modules that the product runs.
 */
import { expect, test } from 'vitest';
import { AudioTimeline } from '../../src-main/encoder/audio-timeline.ts';
import { DriftReader } from '../../src-renderer/audio/dsp/drift-reader.ts';
import { Mixer } from '../../src-renderer/audio/dsp/mixer.ts';
import { FeedRing } from '../../src-renderer/audio/feed-ring.ts';
import { MeterBoard } from '../../src-renderer/audio/meter-board.ts';
import { framesToUs, SampleClock } from '../../src-renderer/audio/sample-clock.ts';
import { AudioInput } from '../../src-shared/domain/index.ts';

const RATE_HZ = 48_000;
const SECONDS = 600;
const DELIVERY = 480;
const BATCH = 512;

/** late by up to `most` seconds, the same every time */
const late = (n: number, most: number) => (((n * 7_919) % 997) / 997) * most;

/** @returns when each of the clicks, one a second of engine time, comes out, after it was made, in ms */
function run(devicePpm: number, contextPpm: number): { delaysMs: number[]; silenceSamples: number; rebases: number } {
  const deviceHz = RATE_HZ * (1 + devicePpm / 1e6);
  const contextHz = RATE_HZ * (1 + contextPpm / 1e6);
  const ring = new FeedRing();
  const mixer = new Mixer(new MeterBoard(), null);
  mixer.feed('a', new DriftReader(ring));
  mixer.set([{ settings: AudioInput.parse({ id: 'a', name: 'a', deviceId: null }), meterPlace: 1 }]);
  const clock = new SampleClock();
  const timeline = new AudioTimeline(1_024, 0);
  const device = new Float32Array(DELIVERY);
  const delaysMs: number[] = [];
  let deliveries = 0;
  let batch = new Float32Array(BATCH * 2);
  let quiet = 0;
  for (let frame = 0; frame < SECONDS * contextHz; frame += 128) {
    const now = frame / contextHz;
    while (((deliveries + 1) * DELIVERY) / deviceHz + late(deliveries, 0.008) <= now) {
      for (let n = 0; n < DELIVERY; n++) {
        const at = (deliveries * DELIVERY + n) / deviceHz;
        // half a millisecond of sound at each second
        device[n] = at % 1 < 0.0005 ? 0.5 : 0;
      }
      ring.write(device, device, RATE_HZ);
      deliveries++;
    }
    mixer.process();
    for (let n = 0; n < 128; n++) batch[((frame % BATCH) + n) * 2] = batch[((frame % BATCH) + n) * 2 + 1] = mixer.program.left[n]!;
    if ((frame + 128) % BATCH > 0) continue;
    const arrivedUs = ((frame + 128) / contextHz + late(frame, 0.006)) * 1e6;
    clock.add(frame + 128, arrivedUs);
    const first = frame + 128 - BATCH;
    timeline.offer({ kind: 'audio', sampleIndex: first, captureTimeUs: clock.originUs + framesToUs(first), samples: batch });
    batch = new Float32Array(BATCH * 2);
    for (let out = timeline.take(arrivedUs); out; out = timeline.take(arrivedUs))
      for (let n = 0; n < 1_024; n++) {
        const isLoud = Math.abs(out.planes[n]!) > 0.2;
        const second = (out.position + n) / RATE_HZ;
        if (isLoud && quiet > 2_400) delaysMs.push((second % 1) * 1_000);
        quiet = isLoud ? 0 : quiet + 1;
      }
  }
  const { silenceSamples, rebases } = timeline.counts;
  return { delaysMs, silenceSamples, rebases };
}

test.each([
  [100, -100],
  [-100, 100],
])('device %i ppm, context %i ppm: sound is with its picture after ten minutes as at the beginning', (devicePpm, contextPpm) => {
  const { delaysMs, silenceSamples, rebases } = run(devicePpm, contextPpm);
  const settled = delaysMs.slice(3);
  console.log(
    `${devicePpm}/${contextPpm} ppm: sound ${Math.min(...settled).toFixed(1)} to ${Math.max(...settled).toFixed(1)} ms after it was made, ${delaysMs.at(-1)?.toFixed(1)} ms in the end`,
  );
  expect(delaysMs.length).toBeGreaterThan(SECONDS - 3); // none is lost, none comes twice
  expect(delaysMs.length).toBeLessThanOrEqual(SECONDS);
  expect(rebases).toBe(0);
  expect(silenceSamples).toBeLessThan(0.2 * RATE_HZ);
  expect(Math.max(...settled) - Math.min(...settled)).toBeLessThan(20);
  expect(Math.max(...settled)).toBeLessThan(60);
});
