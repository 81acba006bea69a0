/** Our sound encoders, of both back ends: what they say of themselves, where their packets lie, and what is heard of them. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { OpenSound, SoundBackEnd } from '../../src-main/encoder/audio-back-end.ts';
import { SoundEncoder } from '../../src-main/encoder/audio-encoder.ts';
import { audioFormat } from '../../src-main/encoder/audio-format.ts';
import { CommandLineSound } from '../../src-main/encoder/command-line-sound.ts';
import { RecordingFile } from '../../src-main/engine/record/recording-file.ts';
import type { AudioPacket } from '../../src-main/process/packet.ts';
import { parseAacConfig } from '../../src-main/wire/codec-config.ts';
import { opusPacketSamples, parseOpusHead } from '../../src-main/wire/opus.ts';
import { AudioSettings } from '../../src-shared/domain/rendition.ts';
import { samplesToUs } from '../../src-shared/units.ts';
import { makeCodedClip } from '../support/coded-feed.ts';
import type { Clip } from '../support/h264-feed.ts';
import { decodedSound, listen, soundAt } from '../support/sound.ts';
import { run } from './record-feed.ts';

const START = 48_000;

let folder: string;
let film: Clip;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tidecast-sound-'));
  film = await makeCodedClip({ video: 'h264', audio: 'aac' });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A program that has just been started on a busy machine has not the time to end in, yet. */
const atWork = (encoder: SoundBackEnd) => vi.waitFor(() => expect(encoder.header).not.toBeNull(), { timeout: 20_000 });

/** @param gapFrames are left out in the middle, as a stalled process leaves them */
async function encode(open: OpenSound, codec: 'aac' | 'opus', frames: number, gapFrames = 0) {
  const encoder = open(AudioSettings.parse({ codec, bitrateKbps: 128 }));
  const { frameSamples } = audioFormat(codec);
  const packets = Array.from({ length: frames }, (_, n) => {
    const planes = Float32Array.from(
      { length: frameSamples * 2 },
      (_, i) => 0.3 * Math.sin((2 * Math.PI * 440 * (i % frameSamples)) / 48_000),
    );
    const at = n < frames / 2 ? n : n + gapFrames;
    return encoder.encode({ position: START + at * frameSamples, planes });
  }).flat();
  await atWork(encoder);
  packets.push(...(await encoder.flush()));
  const { header } = encoder;
  encoder.close();
  encoder.close(); // idempotent
  if (!header) throw new Error('it has told no header');
  return { header, packets, frameSamples };
}

/** 4 s of a sound on both sides, half as loud on the right, cut as the timeline cuts it. */
async function encodeSound(open: OpenSound, settings: AudioSettings) {
  const encoder = open(settings);
  const { frameSamples } = audioFormat(settings.codec === 'opus' ? 'opus' : 'aac');
  const packets: AudioPacket[] = [];
  for (let n = 0; n < (4 * 48_000) / frameSamples; n += 1) {
    const left = Float32Array.from({ length: frameSamples }, (_, i) => soundAt((n * frameSamples + i) / 48_000));
    packets.push(...encoder.encode({ position: n * frameSamples, planes: Float32Array.of(...left, ...left.map((value) => value / 2)) }));
    // a program takes 2 s of sound before it has started, and then as fast as it goes
    if (n === 40) await atWork(encoder);
    else if (n - packets.length > 60)
      await sleep(20); // on a busy machine that is no faster than they are played
    else if (n % 20 === 0) await sleep(5);
  }
  packets.push(...(await encoder.flush()));
  const { header } = encoder;
  encoder.close();
  if (!header) throw new Error('it has told no header');
  return { header, packets };
}

const SHAPES = [
  { codec: 'aac', sampleRateHz: 44_100, channels: 2, bitrateKbps: 160 },
  { codec: 'aac', sampleRateHz: 44_100, channels: 1, bitrateKbps: 512 }, // twice what one channel can make use of
  { codec: 'aac', sampleRateHz: 48_000, channels: 1, bitrateKbps: 128 },
  { codec: 'opus', sampleRateHz: 48_000, channels: 1, bitrateKbps: 512 },
] as const;

const BACK_ENDS: [name: string, open: OpenSound][] = [
  ['node-av', (settings) => new SoundEncoder(settings)],
  ['the ffmpeg program', (settings) => new CommandLineSound(settings)],
];

describe.each(BACK_ENDS)('%s', (backEnd, open) => {
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

  test.each(SHAPES)(
    '$codec at $sampleRateHz Hz, $channels channels: a film of it plays the same sound, on time to its end',
    async (shape) => {
      const settings = AudioSettings.parse(shape);
      const { header, packets } = await encodeSound(open, settings);
      const { codec, sampleRateHz, channels } = settings;
      expect(header).toMatchObject({ codec, sampleRateHz, channels });
      if (codec === 'aac') expect(parseAacConfig(header.config)).toEqual({ objectType: 2, sampleRateHz, channels });
      else expect(parseOpusHead(header.config)).toMatchObject({ channels, sourceRateHz: 48_000, mapping: null });
      const stepUs = samplesToUs(codec === 'aac' ? 1_024 : 960, sampleRateHz);
      packets.forEach(({ ptsUs, durationUs }, n) => {
        expect(durationUs).toBe(stepUs);
        expect(Math.abs(ptsUs - packets[0]!.ptsUs - n * stepUs)).toBeLessThanOrEqual(n / 2 + 1);
      });

      const path = join(folder, `${codec}-${sampleRateHz}-${channels}-${backEnd}.mp4`);
      const recording = await RecordingFile.create(path, {
        video: film.video,
        audio: header,
        requestIdr: () => {},
        onFailure: (error) => {
          throw error;
        },
      });
      const pictures = film.packets.filter(({ kind }) => kind === 'video');
      for (const packet of [...pictures, ...packets].toSorted((a, b) => a.ptsUs - b.ptsUs)) recording.write(packet);
      expect((await recording.close()).failure).toBeNull();
      const [about] = JSON.parse(run('ffprobe', ['-show_streams', '-select_streams', 'a', '-of', 'json', path])).streams;
      expect(about).toMatchObject({ codec_name: codec, sample_rate: String(sampleRateHz), channels });

      const heard = await decodedSound(path, channels);
      const gains = channels === 1 ? [0.75] : [1, 0.5]; // mono is half of each side
      for (const [side, gain] of gains.entries())
        for (const fromS of [0.5, 2, 3.7]) {
          const found = listen(heard[side]!, sampleRateHz, fromS);
          expect(found.likeness).toBeGreaterThan(0.98);
          expect(Math.abs(found.lateSamples)).toBeLessThanOrEqual(1);
          expect(Math.abs(found.gain - gain)).toBeLessThan(0.03);
        }
    },
  );

  test('at 44,100 Hz a hole stays where it is, and what comes after it begins there', async () => {
    const encoder = open(AudioSettings.parse({ sampleRateHz: 44_100 }));
    const packets = Array.from({ length: 100 }, (_, n) => {
      const position = n * 1_024 + (n < 50 ? 0 : 48_000);
      return encoder.encode({ position, planes: new Float32Array(2_048).fill(0.1) });
    }).flat();
    await atWork(encoder);
    packets.push(...(await encoder.flush()));
    encoder.close();
    const steps = packets.slice(1).map(({ ptsUs }, n) => ptsUs - packets[n]!.ptsUs);
    const holes = steps.filter((stepUs) => stepUs > 30_000);
    expect(holes).toHaveLength(1);
    expect(Math.abs(holes[0]! - 1e6 - 23_220)).toBeLessThan(25_000); // a frame that the hole cuts off may go with it
    const endUs = packets.at(-1)!.ptsUs + packets.at(-1)!.durationUs;
    expect(Math.abs(endUs - samplesToUs(100 * 1_024 + 48_000))).toBeLessThan(25_000);
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
    expect(() => open(AudioSettings.parse({ codec: 'he-aac', bitrateKbps: 64 }))).toThrow(/licence of libfdk_aac does not fit the GPL/);
  });
});
