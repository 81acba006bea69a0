import { spawn } from 'node:child_process';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { SoundEncoder } from '../../src-main/encoder/audio-encoder.ts';
import { AudioProgram } from '../../src-main/encoder/audio-program.ts';
import type { AudioPacket } from '../../src-main/process/packet.ts';
import { parseAacConfig } from '../../src-main/wire/codec-config.ts';
import { AudioSettings } from '../../src-shared/domain/rendition.ts';
import { encodeAudio } from '../../src-shared/ipc/media.ts';
import { EncoderUnderTest, eventually, ORIGIN, sleep } from '../support/encoder-harness.ts';
import { openMediaSocket } from '../support/media-feeder.ts';

const SIZE = { widthPx: 320, heightPx: 180, frameRate: 30 };
const FRAME_SAMPLES = 1_024;

/** Decodes to the left channel. FFmpeg drops no priming samples from ADTS, so sample 0 is at the first packet's time. */
async function decodeLeft(packets: AudioPacket[], rateIndex = 3): Promise<Float32Array> {
  const ffmpeg = spawn('ffmpeg', ['-v', 'error', '-f', 'aac', '-i', 'pipe:0', '-f', 'f32le', '-ac', '2', 'pipe:1']);
  const chunks: Buffer[] = [];
  ffmpeg.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  const ended = new Promise((resolve) => ffmpeg.on('close', resolve));
  for (const { data } of packets) {
    ffmpeg.stdin.write(adts(data.length, rateIndex));
    ffmpeg.stdin.write(data);
  }
  ffmpeg.stdin.end();
  await ended;
  const raw = Buffer.concat(chunks);
  return Float32Array.from({ length: raw.length / 8 }, (_, n) => raw.readFloatLE(n * 8));
}

/** ISO/IEC 14496-3, 1.A.2.2: AAC-LC, stereo, no CRC. @param rateIndex of table 1.18: 3 is 48 kHz, 4 is 44.1 */
function adts(dataBytes: number, rateIndex: number): Uint8Array {
  const length = dataBytes + 7;
  return Uint8Array.of(0xff, 0xf1, 0x40 | (rateIndex << 2), 0x80 | (length >> 11), (length >> 3) & 0xff, ((length & 7) << 5) | 0x1f, 0xfc);
}

afterEach(() => void vi.unstubAllEnvs());

describe('encoder process: sound', () => {
  test.each(['node-av', 'without-node-av'])('a click keeps its capture time through the encoder, to a millisecond: %s', async (backEnd) => {
    vi.stubEnv('TIDECAST_VIDEO_BACK_END', backEnd);
    await using encoder = await EncoderUnderTest.start();
    encoder.demand(SIZE);
    const socket = await openMediaSocket({ url: encoder.mediaUrl, origin: ORIGIN, token: () => encoder.token() }, 'audio');
    const engineUs = () => Number((process.hrtime.bigint() - encoder.epochNs) / 1_000n);
    const startUs = engineUs();
    const clicksUs: number[] = [];
    for (let block = 0; block < 150; block++) {
      const samples = new Float32Array(960);
      const captureTimeUs = startUs + block * 10_000;
      if (block % 40 === 39) {
        for (let n = 0; n < 24; n++) samples[n * 2] = samples[n * 2 + 1] = n % 2 ? -0.8 : 0.8;
        clicksUs.push(captureTimeUs);
      }
      socket.send(encodeAudio({ sampleIndex: block * 480, captureTimeUs, samples }));
      await sleep(Math.max(0, (captureTimeUs + 10_000 - engineUs()) / 1_000));
    }
    socket.terminate();
    await encoder.stop();

    const header = encoder
      .of('header')
      .map(({ header }) => header)
      .find(({ kind }) => kind === 'audio');
    expect(parseAacConfig(header!.config)).toMatchObject({ objectType: 2, sampleRateHz: 48_000, channels: 2 });
    const packets = encoder.sound();
    packets.forEach(({ ptsUs, durationUs }, n) => {
      expect(Math.abs(ptsUs - packets[0]!.ptsUs - (n * FRAME_SAMPLES * 1e6) / 48_000)).toBeLessThanOrEqual(1);
      expect(durationUs).toBe(21_333);
    });
    const left = await decodeLeft(packets);
    for (const clickUs of clicksUs) {
      const around = Math.round(((clickUs - packets[0]!.ptsUs) * 48_000) / 1e6);
      const loudest = peak(left, around - 2_000, around + 2_000);
      expect(Math.abs(loudest - around) / 48).toBeLessThan(1.0);
    }
  });

  test('a sound card 300 ppm fast is followed: no gap, no re-base, and the tone comes out', async () => {
    await using encoder = await EncoderUnderTest.start();
    encoder.demand(SIZE);
    const feeder = await encoder.feed({ ...SIZE, sends: () => false, toneHz: 1_000, driftPpm: 300 });
    feeder.start();
    await eventually(() => encoder.sound().length > 190, '4 s of sound');
    const { silenceMs } = encoder.of('stats').at(-1)!.stats;
    await feeder.close();
    await encoder.stop();
    const last = encoder.of('stats').at(-1)!.stats;
    expect(last.audioRebases).toBe(0);
    expect(silenceMs).toBeLessThan(1_000); // before the feeder began
    const left = await decodeLeft(encoder.sound());
    const tone = left.subarray(96_000, 144_000);
    let crossings = 0;
    for (let n = 1; n < tone.length; n++) if (tone[n - 1]! < 0 && tone[n]! >= 0) crossings++;
    expect(crossings).toBeGreaterThanOrEqual(999);
    expect(crossings).toBeLessThanOrEqual(1_001);
  });

  test('samples that are no numbers become silence, and the sound goes on without a hole', async () => {
    await using encoder = await EncoderUnderTest.start();
    encoder.demand(SIZE);
    const socket = await openMediaSocket({ url: encoder.mediaUrl, origin: ORIGIN, token: () => encoder.token() }, 'audio');
    const startUs = Number((process.hrtime.bigint() - encoder.epochNs) / 1_000n);
    const samples = new Float32Array(960)
      .fill(0.1)
      .fill(Number.NaN, 100, 102)
      .fill(Number.POSITIVE_INFINITY, 200, 201)
      .fill(1e30, 300, 301);
    for (let block = 0; block < 20; block++)
      socket.send(encodeAudio({ sampleIndex: block * 480, captureTimeUs: startUs + block * 10_000, samples }));
    await eventually(() => encoder.sound().length > 40, 'sound after it');
    socket.terminate();
    await encoder.stop();
    expect(encoder.of('failed')).toEqual([]);
    const sound = encoder.sound();
    for (let n = 1; n < sound.length; n++) expect(sound[n]!.ptsUs - sound[n - 1]!.ptsUs).toBeLessThanOrEqual(21_334);
  });

  test('after a frame that the native encoder refuses, another encoder goes on, at most once a second', () => {
    let nowUs = 0;
    const said: string[] = [];
    const packets: AudioPacket[] = [];
    const program = new AudioProgram(
      { nowUs: () => nowUs, epochNs: 0n },
      { header: () => said.push('header'), packet: (packet) => packets.push(packet), failed: () => said.push('failed') },
      (settings) => new SoundEncoder(settings),
    );
    program.setSettings(AudioSettings.parse({}));
    const offer = (block: number, value: number) => {
      nowUs = (block + 1) * 10_000;
      program.offer({ kind: 'audio', sampleIndex: block * 480, captureTimeUs: block * 10_000, samples: new Float32Array(960).fill(value) });
    };
    for (let block = 0; block < 400; block++) offer(block, block >= 20 && block < 30 ? Number.NaN : 0.1);
    expect(said).toEqual(['header', 'failed', 'header']);
    const gapsUs = packets.slice(1).map(({ ptsUs }, n) => ptsUs - packets[n]!.ptsUs);
    expect(Math.min(...gapsUs)).toBeGreaterThan(0);
    expect(Math.max(...gapsUs)).toBeLessThan(1_100_000);
    expect(packets.at(-1)!.ptsUs).toBeGreaterThan(3_900_000);
    program.setSettings(null);
  });

  test('at 44.1 kHz, too, no number of bitrate changes moves the sound: every packet where the one before ends, a click in its place', async () => {
    const { program, offer, packets } = soundProgram();
    const settings = AudioSettings.parse({ sampleRateHz: 44_100 });
    program.setSettings(settings);
    for (let block = 0; block < 300; block++) {
      if (block % 23 === 22) program.setSettings({ ...settings, bitrateKbps: 96 + block });
      offer(block, block === 280);
    }
    program.setSettings(null);
    packets.forEach(({ ptsUs }, n) =>
      expect(Math.abs(ptsUs - packets[0]!.ptsUs - (n * FRAME_SAMPLES * 1e6) / 44_100), `packet ${n}`).toBeLessThanOrEqual(1),
    );
    const left = await decodeLeft(packets, 4);
    const around = Math.round(((2_800_000 - packets[0]!.ptsUs) * 44_100) / 1e6);
    expect(Math.abs(peak(left, around - 4_000, around + 4_000) - around) / 44.1).toBeLessThan(2);
  });

  test('settings that no encoder can be opened with are told, and the sound goes on as it was', () => {
    const { program, offer, packets, said } = soundProgram();
    const settings = AudioSettings.parse({});
    program.setSettings(settings);
    for (let block = 0; block < 100; block++) {
      if (block === 40) program.setSettings({ ...settings, codec: 'he-aac' });
      if (block === 60) program.setSettings(settings);
      offer(block);
    }
    program.setSettings(null);
    expect(said).toEqual(['header 160', 'failed: HE-AAC']);
    expect(Math.max(...stepsUs(packets))).toBeLessThanOrEqual(21_334);
    expect(packets.at(-1)!.ptsUs).toBeGreaterThan(900_000);
  });

  test.each([48_000, 44_100] as const)('sound made once more at %i Hz goes on over changes without a hole, to its end', (sampleRateHz) => {
    const { program, offer, packets, further } = soundProgram();
    const id = 'further';
    const settings = AudioSettings.parse({ sampleRateHz });
    program.setSettings(AudioSettings.parse({ codec: 'opus' }));
    program.setTwins([{ id, settings }]);
    for (let block = 0; block < 200; block++) {
      if (block % 30 === 29) program.setTwins([{ id, settings: { ...settings, bitrateKbps: 96 + block } }]);
      offer(block);
    }
    program.setSettings(null);
    const frameUs = (FRAME_SAMPLES * 1e6) / sampleRateHz;
    expect(Math.min(...stepsUs(further))).toBeGreaterThan(frameUs - 2);
    expect(Math.max(...stepsUs(further))).toBeLessThan(frameUs + 2);
    const { ptsUs, durationUs } = packets.at(-1)!;
    expect(further.at(-1)!.ptsUs + further.at(-1)!.durationUs).toBeGreaterThanOrEqual(ptsUs + durationUs - 20_000); // Opus fills up a last packet of its delay
  });

  test('further sound that changes its channels loses nothing of what was in hand', () => {
    const { program, offer, further } = soundProgram();
    const id = 'further';
    const settings = AudioSettings.parse({});
    program.setSettings(settings);
    program.setTwins([{ id, settings }]);
    for (let block = 0; block < 100; block++) {
      if (block === 50) program.setTwins([{ id, settings: { ...settings, channels: 1 } }]);
      offer(block);
    }
    program.setSettings(null);
    expect(Math.max(...stepsUs(further))).toBeLessThanOrEqual(21_334);
  });

  test('the header tells the bitrate that is made', () => {
    const encoder = new SoundEncoder(AudioSettings.parse({ bitrateKbps: 512, channels: 1 }));
    expect(encoder.header.bitrateKbps).toBe(288);
    encoder.close();
  });

  test.each(['node-av', 'without-node-av'])('a new sound bitrate has its own header and leaves no hole: %s', async (backEnd) => {
    vi.stubEnv('TIDECAST_VIDEO_BACK_END', backEnd);
    await using encoder = await EncoderUnderTest.start();
    encoder.demand(SIZE);
    await eventually(() => encoder.sound().length > 10, 'sound');
    encoder.send({ type: 'demand', demand: SIZE, audio: AudioSettings.parse({ bitrateKbps: 96 }) });
    const count = encoder.sound().length;
    await eventually(() => encoder.sound().length > count + 20, 'sound');
    await encoder.stop();
    expect(encoder.of('header').map(({ header }) => header.bitrateKbps)).toEqual([160, 96]);
    const sound = encoder.sound();
    for (let n = 1; n < sound.length; n++) expect(sound[n]!.ptsUs - sound[n - 1]!.ptsUs).toBeLessThanOrEqual(21_334);
    for (let n = 1; n < sound.length; n++) expect(sound[n]!.ptsUs).toBeGreaterThan(sound[n - 1]!.ptsUs);
  });
});

const stepsUs = (packets: AudioPacket[]) => packets.slice(1).map(({ ptsUs }, n) => ptsUs - packets[n]!.ptsUs);

/** A program without a process; `offer` is given blocks of 10 ms, one of them with a click. */
function soundProgram() {
  let nowUs = 0;
  const [packets, further, said]: [AudioPacket[], AudioPacket[], string[]] = [[], [], []];
  const program = new AudioProgram(
    { nowUs: () => nowUs, epochNs: 0n },
    {
      header: ({ bitrateKbps, sound }) => void (sound ?? said.push(`header ${bitrateKbps}`)),
      packet: (packet) => void (packet.sound ? further : packets).push(packet),
      failed: (error) =>
        void said.push(
          `failed: ${String((error as Error).message)
            .slice(0, 7)
            .trim()}`,
        ),
    },
    (settings, before) => new SoundEncoder(settings, before),
  );
  const offer = (block: number, clicks = false) => {
    nowUs = (block + 1) * 10_000;
    const samples = Float32Array.from({ length: 960 }, (_, n) => (clicks && n < 48 ? (n % 4 < 2 ? -0.8 : 0.8) : 0));
    program.offer({ kind: 'audio', sampleIndex: block * 480, captureTimeUs: block * 10_000, samples });
  };
  return { program, offer, packets, further, said };
}

function peak(samples: Float32Array, from: number, to: number): number {
  let at = Math.max(0, from);
  for (let n = at; n < Math.min(samples.length, to); n++) if (Math.abs(samples[n]!) > Math.abs(samples[at]!)) at = n;
  return at;
}
