import { expect, test } from 'vitest';
import { SampleRing } from './sample-ring.ts';

const ramp = (start: number, length: number) => Float32Array.from({ length }, (_, n) => start + n);
const negative = (samples: Float32Array) => samples.map((sample) => -sample);

test('what is written on one side is read on the other, once and interleaved', () => {
  const reader = new SampleRing();
  const writer = new SampleRing(reader.memory);
  writer.write(ramp(0, 3), negative(ramp(0, 3)), 256);
  writer.write(ramp(3, 1), negative(ramp(3, 1)), 259);
  expect(reader.read()).toEqual({ samples: Float32Array.of(0, -0, 1, -1, 2, -2, 3, -3), lostFrames: 0 });
  expect(reader.read().samples).toHaveLength(0);
  expect(reader.startFrame).toBe(256);
});

test('goes on past the end of the ring and past 2^32 frames', () => {
  const reader = new SampleRing();
  Atomics.store(reader.counters, 0, -64); // 2^32 - 64
  const late = new SampleRing(reader.memory);
  const writer = new SampleRing(reader.memory);
  for (let block = 0; block < 2; block++) writer.write(ramp(block * 128, 128), ramp(block * 128, 128), block * 128);
  const { samples, lostFrames } = late.read();
  expect(lostFrames).toBe(0);
  expect([...samples.filter((_, index) => index % 2 === 0)]).toEqual([...ramp(0, 256)]);
});

test('a reader that was a whole ring late says how much it lost, and goes on', () => {
  const reader = new SampleRing();
  const writer = new SampleRing(reader.memory);
  for (let block = 0; block < 9; block++) writer.write(ramp(0, 8_192), ramp(0, 8_192), block * 8_192);
  expect(reader.read()).toEqual({ samples: new Float32Array(0), lostFrames: 9 * 8_192 });
  writer.write(ramp(5, 1), ramp(6, 1), 9 * 8_192);
  expect(reader.read()).toEqual({ samples: Float32Array.of(5, 6), lostFrames: 0 });
});

test('a reader that opens a ring in use begins where it was opened, whatever is written before it first reads', () => {
  const writer = new SampleRing();
  writer.write(ramp(0, 128), ramp(0, 128), 0);
  const reader = new SampleRing(writer.memory);
  writer.write(ramp(5, 2), ramp(5, 2), 128);
  expect(reader.position).toBe(128);
  expect(reader.read().samples).toEqual(Float32Array.of(5, 5, 6, 6));
  expect(reader.position).toBe(130);
});

test('render quanta that the audio thread left out are silence', () => {
  const reader = new SampleRing();
  const writer = new SampleRing(reader.memory);
  writer.write(ramp(1, 1), ramp(1, 1), 1_000);
  writer.write(ramp(2, 1), ramp(2, 1), 1_003);
  expect(reader.read().samples).toEqual(Float32Array.of(1, 1, 0, 0, 0, 0, 2, 2));
  expect(reader.startFrame).toBe(1_000);
});
