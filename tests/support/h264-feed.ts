/** Real H.264 and AAC without the encoder process: a short clip made by the FFmpeg command line, played in a loop. */
import { spawn } from 'node:child_process';
import type { Clock } from '../../src-main/process/clock.ts';
import type { AudioHeader, AudioPacket, MediaPacket, VideoHeader, VideoPacket } from '../../src-main/process/packet.ts';
import { avcConfigSize, parseAacConfig } from '../../src-main/wire/codec-config.ts';
import { FlvReader, parseAudioBody, parseVideoBody, TAG } from '../../src-main/wire/flv.ts';
import { RenditionId } from '../../src-shared/domain/index.ts';
import { samplesToUs, tickToUs } from '../../src-shared/units.ts';

const FRAME_RATE = 30;
/** 64 frames at 30 fps last as long as 100 AAC frames at 48 kHz, so that a loop has no seam */
const FRAMES = 64;
const AAC_FRAMES = 100;
const AAC_FRAME_SAMPLES = 1_024;
const GOP_FRAMES = 16;
export const CLIP_US = tickToUs(FRAMES, FRAME_RATE);
const RENDITION = RenditionId.parse('feed');

export interface Clip {
  video: VideoHeader;
  audio: AudioHeader;
  /** in sending order, from time 0 */
  packets: MediaPacket[];
  /** after which it begins anew */
  durationUs: number;
}

export interface ClipOptions {
  bFrames?: number;
  widthPx?: number;
  heightPx?: number;
  bitrateKbps?: number;
}

export async function makeClip({ bFrames = 0, widthPx = 320, heightPx = 180, bitrateKbps = 800 }: ClipOptions = {}): Promise<Clip> {
  const inputs = ['-f', 'lavfi', '-i', `testsrc2=s=${widthPx}x${heightPx}:r=${FRAME_RATE}`, '-f', 'lavfi', '-i', 'sine=r=48000'];
  const video = [
    '-c:v',
    'libx264',
    '-preset',
    'veryfast',
    '-g',
    `${GOP_FRAMES}`,
    '-sc_threshold',
    '0',
    '-bf',
    `${bFrames}`,
    '-pix_fmt',
    'yuv420p',
  ];
  const rate = ['-b:v', `${bitrateKbps}k`, '-maxrate', `${bitrateKbps}k`, '-bufsize', `${bitrateKbps}k`, '-x264-params', 'filler=1'];
  const audio = ['-c:a', 'aac', '-ac', '2', '-b:a', '128k'];
  const flv = await ffmpeg([...inputs, '-t', '2.6', ...video, ...rate, ...audio, '-f', 'flv', '-']);
  return readClip(flv, bitrateKbps);
}

function readClip(flv: Uint8Array, bitrateKbps: number): Clip {
  const tags = new FlvReader().feed(flv);
  const videos = tags.filter(({ type }) => type === TAG.video).map(({ data }) => parseVideoBody(data));
  const audios = tags.filter(({ type }) => type === TAG.audio).map(({ data }) => parseAudioBody(data));
  const avcC = videos.find(({ packet }) => packet === 'header')?.data as Uint8Array;
  const aacC = audios.find(({ packet }) => packet === 'header')?.data as Uint8Array;
  const pictures = videos.filter(({ packet }) => packet === 'nalu').slice(0, FRAMES);
  const sounds = audios.filter(({ packet }) => packet === 'frame').slice(0, AAC_FRAMES);
  if (pictures.length !== FRAMES || sounds.length !== AAC_FRAMES)
    throw new Error(`ffmpeg made ${pictures.length} pictures and ${sounds.length} sounds`);
  const packets: MediaPacket[] = [
    ...pictures.map(({ data, key, compositionMs }, i): VideoPacket => {
      const delayFrames = Math.round((compositionMs * FRAME_RATE) / 1_000);
      const [dtsUs, ptsUs] = [tickToUs(i, FRAME_RATE), tickToUs(i + delayFrames, FRAME_RATE)];
      const durationUs = tickToUs(1, FRAME_RATE);
      return { kind: 'video', renditionId: RENDITION, ptsUs, dtsUs, durationUs, key, data, tick: i, captureTimeUs: ptsUs, repeated: false };
    }),
    ...sounds.map(
      ({ data }, i): AudioPacket => ({
        kind: 'audio',
        ptsUs: samplesToUs(i * AAC_FRAME_SAMPLES),
        durationUs: samplesToUs(AAC_FRAME_SAMPLES),
        data,
      }),
    ),
  ];
  packets.sort((a, b) => packetUs(a) - packetUs(b));
  const { sampleRateHz, channels } = parseAacConfig(aacC);
  return {
    video: {
      kind: 'video',
      renditionId: RENDITION,
      codec: 'h264',
      ...avcConfigSize(avcC),
      frameRate: FRAME_RATE,
      bitrateKbps,
      config: avcC,
    },
    audio: { kind: 'audio', codec: 'aac', sampleRateHz, channels, bitrateKbps: 128, config: aacC },
    packets,
    durationUs: CLIP_US,
  };
}

/** Plays a clip in a loop, in real time, with times on the clock. @returns stops it */
export function playClip(clip: Clip, clock: Clock, sink: (packet: MediaPacket) => void): () => void {
  const startUs = clock.nowUs();
  let index = 0;
  const timer = setInterval(() => {
    for (;;) {
      const packet = clipPacket(clip, index, startUs);
      if (packetUs(packet) > clock.nowUs()) return;
      sink(packet);
      index += 1;
    }
  }, 5);
  return () => clearInterval(timer);
}

/** The n-th packet of the endless loop that begins at `startUs`. */
export function clipPacket(clip: Clip, n: number, startUs = 0): MediaPacket {
  const packet = clip.packets[n % clip.packets.length] as MediaPacket;
  const shiftUs = startUs + Math.floor(n / clip.packets.length) * clip.durationUs;
  return packet.kind === 'video'
    ? { ...packet, ptsUs: packet.ptsUs + shiftUs, dtsUs: packet.dtsUs + shiftUs, captureTimeUs: packet.captureTimeUs + shiftUs }
    : { ...packet, ptsUs: packet.ptsUs + shiftUs };
}

function packetUs(packet: MediaPacket): number {
  return packet.kind === 'video' ? packet.dtsUs : packet.ptsUs;
}

/** Runs ffmpeg and gives its standard output. */
export async function ffmpeg(args: string[]): Promise<Uint8Array> {
  return run('ffmpeg', ['-v', 'error', '-nostdin', ...args]);
}

/** Runs ffprobe on a file and gives one line per packet: stream type, dts, pts (seconds), flags. */
export async function probePackets(file: string): Promise<{ kind: string; dtsS: number; ptsS: number; key: boolean }[]> {
  const text = new TextDecoder().decode(
    await run('ffprobe', ['-v', 'error', '-show_entries', 'packet=codec_type,dts_time,pts_time,flags', '-of', 'json', file]),
  );
  const { packets } = JSON.parse(text) as { packets: { codec_type: string; dts_time: string; pts_time: string; flags: string }[] };
  return packets.map((packet) => ({
    kind: packet.codec_type,
    dtsS: Number(packet.dts_time),
    ptsS: Number(packet.pts_time),
    key: packet.flags.includes('K'),
  }));
}

function run(command: string, args: string[]): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    const output: Uint8Array[] = [];
    let complaint = '';
    child.stdout.on('data', (bytes: Uint8Array) => output.push(bytes));
    child.stderr.on('data', (bytes: Uint8Array) => (complaint += bytes));
    child.on('error', reject);
    child.on('close', (code) =>
      code === 0 ? resolve(new Uint8Array(Buffer.concat(output))) : reject(new Error(`${command} ended with ${code}: ${complaint}`)),
    );
  });
}
