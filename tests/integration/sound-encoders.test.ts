/** Our sound encoders on real FFmpeg: what they say of themselves, and where their packets lie. */
import { expect, test } from 'vitest';
import { SoundEncoder } from '../../src-main/encoder/audio-encoder.ts';
import { audioFormat } from '../../src-main/encoder/audio-format.ts';
import { parseAacConfig } from '../../src-main/wire/codec-config.ts';
import { opusPacketSamples, parseOpusHead } from '../../src-main/wire/opus.ts';
import { samplesToUs } from '../../src-shared/units.ts';

const START = 48_000;

function encode(codec: 'aac' | 'opus', frames: number) {
  const encoder = new SoundEncoder({ codec, bitrateKbps: 128 });
  const { frameSamples } = audioFormat(codec);
  const packets = Array.from({ length: frames }, (_, n) => {
    const planes = Float32Array.from(
      { length: frameSamples * 2 },
      (_, i) => 0.3 * Math.sin((2 * Math.PI * 440 * (i % frameSamples)) / 48_000),
    );
    return encoder.encode({ position: START + n * frameSamples, planes });
  }).flat();
  packets.push(...encoder.flush());
  const { header } = encoder;
  encoder.close();
  return { header, packets, frameSamples };
}

test.each(['aac', 'opus'] as const)(
  '%s: packets follow on each other, the first before the first sample by the encoder’s delay',
  (codec) => {
    const { header, packets, frameSamples } = encode(codec, 50);
    expect(header).toMatchObject({ codec, sampleRateHz: 48_000, channels: 2, bitrateKbps: 128 });
    expect(packets.length).toBeGreaterThanOrEqual(50);
    const first = START - audioFormat(codec).delaySamples;
    packets.forEach(({ ptsUs, durationUs }, n) => {
      expect(ptsUs).toBe(samplesToUs(first + n * frameSamples));
      expect(durationUs).toBe(samplesToUs(frameSamples));
    });
  },
);

test('Opus is 20 ms a packet near its rate, and its header has the delay as pre-skip', () => {
  const { header, packets } = encode('opus', 100);
  expect(parseOpusHead(header.config)).toMatchObject({ channels: 2, preSkipSamples: audioFormat('opus').delaySamples, mapping: null });
  expect(new Set(packets.map(({ data }) => opusPacketSamples(data)))).toEqual(new Set([960]));
  const kbps = (packets.reduce((sum, { data }) => sum + data.length, 0) * 8) / (packets.length * 20);
  expect(kbps).toBeGreaterThan(60);
  expect(kbps).toBeLessThan(160);
});

test('AAC is AAC-LC', () => {
  expect(parseAacConfig(encode('aac', 1).header.config)).toEqual({ objectType: 2, sampleRateHz: 48_000, channels: 2 });
});

test('HE-AAC cannot be made, and the reason is told', () => {
  expect(() => new SoundEncoder({ codec: 'he-aac', bitrateKbps: 64 })).toThrow(/licence of libfdk_aac does not fit the GPL/);
});
