/** Our sound encoders, of both back ends: what they say of themselves, and where their packets lie. */
import { describe, expect, test } from 'vitest';
import type { OpenSound } from '../../src-main/encoder/audio-back-end.ts';
import { SoundEncoder } from '../../src-main/encoder/audio-encoder.ts';
import { audioFormat } from '../../src-main/encoder/audio-format.ts';
import { CommandLineSound } from '../../src-main/encoder/command-line-sound.ts';
import { parseAacConfig } from '../../src-main/wire/codec-config.ts';
import { opusPacketSamples, parseOpusHead } from '../../src-main/wire/opus.ts';
import { samplesToUs } from '../../src-shared/units.ts';

const START = 48_000;

/** @param gapFrames are left out in the middle, as a stalled process leaves them */
async function encode(open: OpenSound, codec: 'aac' | 'opus', frames: number, gapFrames = 0) {
  const encoder = open({ codec, bitrateKbps: 128 });
  const { frameSamples } = audioFormat(codec);
  const packets = Array.from({ length: frames }, (_, n) => {
    const planes = Float32Array.from(
      { length: frameSamples * 2 },
      (_, i) => 0.3 * Math.sin((2 * Math.PI * 440 * (i % frameSamples)) / 48_000),
    );
    const at = n < frames / 2 ? n : n + gapFrames;
    return encoder.encode({ position: START + at * frameSamples, planes });
  }).flat();
  packets.push(...(await encoder.flush()));
  const { header } = encoder;
  encoder.close();
  encoder.close(); // idempotent
  if (!header) throw new Error('it has told no header');
  return { header, packets, frameSamples };
}

const BACK_ENDS: [name: string, open: OpenSound][] = [
  ['node-av', (settings) => new SoundEncoder(settings)],
  ['the ffmpeg program', (settings) => new CommandLineSound(settings)],
];

describe.each(BACK_ENDS)('%s', (_, open) => {
  test.each(['aac', 'opus'] as const)(
    '%s: packets follow on each other, the first before the first sample by the encoder’s delay',
    async (codec) => {
      const { header, packets, frameSamples } = await encode(open, codec, 50);
      expect(header).toMatchObject({ codec, sampleRateHz: 48_000, channels: 2, bitrateKbps: 128 });
      expect(packets.length).toBeGreaterThanOrEqual(50);
      const first = START - audioFormat(codec).delaySamples;
      packets.forEach(({ ptsUs, durationUs }, n) => {
        expect(ptsUs).toBe(samplesToUs(first + n * frameSamples));
        expect(durationUs).toBe(samplesToUs(frameSamples));
      });
    },
  );

  test('a gap in the sound is one in the packets', async () => {
    const { packets, frameSamples } = await encode(open, 'aac', 50, 100);
    const steps = packets.slice(1).map(({ ptsUs }, n) => Math.round(((ptsUs - packets[n]!.ptsUs) * 48_000) / 1e6 / frameSamples));
    expect(steps.filter((step) => step !== 1)).toEqual([101]);
    expect(steps.indexOf(101)).toBeGreaterThanOrEqual(24);
    expect(steps.indexOf(101)).toBeLessThanOrEqual(26);
  });

  test('Opus is 20 ms a packet near its rate, and its header has the delay as pre-skip', async () => {
    const { header, packets } = await encode(open, 'opus', 100);
    expect(parseOpusHead(header.config)).toMatchObject({ channels: 2, preSkipSamples: audioFormat('opus').delaySamples, mapping: null });
    expect(new Set(packets.map(({ data }) => opusPacketSamples(data)))).toEqual(new Set([960]));
    const kbps = (packets.reduce((sum, { data }) => sum + data.length, 0) * 8) / (packets.length * 20);
    expect(kbps).toBeGreaterThan(60);
    expect(kbps).toBeLessThan(160);
  });

  test('AAC is AAC-LC', async () => {
    expect(parseAacConfig((await encode(open, 'aac', 4)).header.config)).toEqual({ objectType: 2, sampleRateHz: 48_000, channels: 2 });
  });

  test('HE-AAC cannot be made, and the reason is told', () => {
    expect(() => open({ codec: 'he-aac', bitrateKbps: 64 })).toThrow(/licence of libfdk_aac does not fit the GPL/);
  });
});
