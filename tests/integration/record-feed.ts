/** Real H.264 and AAC packets for the recorder, made by the ffmpeg command line and read with their DTS by ffprobe. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { FilePathSource, Input, MP4 } from 'mediabunny';
import type { AudioHeader, AudioPacket, MediaPacket, VideoHeader, VideoPacket } from '../../src-main/process/packet.ts';
import { RenditionId } from '../../src-shared/domain/index.ts';

export interface Feed {
  video: VideoHeader;
  audio: AudioHeader;
  /** in the order of their decode times */
  packets: MediaPacket[];
}

export interface FeedOptions {
  seconds: number;
  bFrames?: number;
  frameRate?: number;
  gopFrames?: number;
  bitrateKbps?: number;
  size?: { widthPx: number; heightPx: number };
  x264?: string;
}

const renditionId = RenditionId.parse('feed');

/** @param path of the MP4 that is made on the way */
export async function makeFeed(path: string, options: FeedOptions): Promise<Feed> {
  const { seconds, bFrames = 0, frameRate = 30, gopFrames = 30, bitrateKbps = 800, size = { widthPx: 320, heightPx: 180 } } = options;
  const picture = `testsrc2=s=${size.widthPx}x${size.heightPx}:r=${frameRate}:d=${seconds}`;
  const sound = `sine=f=1000:r=48000:d=${seconds},aformat=channel_layouts=stereo`;
  run('ffmpeg', [
    ...['-y', '-f', 'lavfi', '-i', picture, '-f', 'lavfi', '-i', sound],
    ...['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p', '-bf', String(bFrames), '-g', String(gopFrames)],
    ...['-x264-params', `scenecut=0:${options.x264 ?? ''}`, '-b:v', `${bitrateKbps}k`],
    ...['-c:a', 'aac', '-b:a', '128k', path],
  ]);
  const probe = JSON.parse(run('ffprobe', ['-show_packets', '-show_streams', '-of', 'json', path])) as Probe;
  const bytes = readFileSync(path);
  const isVideo = new Map(probe.streams.map((stream) => [stream.index, stream.codec_type === 'video']));
  const packets = probe.packets.map((packet) => toPacket(packet, isVideo.get(packet.stream_index) ?? false, bytes));
  const input = new Input({ formats: [MP4], source: new FilePathSource(path) });
  const configs = [
    await (await input.getPrimaryVideoTrack())?.getDecoderConfig(),
    await (await input.getPrimaryAudioTrack())?.getDecoderConfig(),
  ];
  const [avcc, asc] = configs.map((config) => Uint8Array.from(new Uint8Array(config?.description as ArrayBuffer)));
  input.dispose();
  if (!avcc || !asc) throw new Error('ffmpeg made no H.264 and AAC');
  return {
    video: { kind: 'video', renditionId, codec: 'h264', ...size, frameRate, bitrateKbps, config: avcc },
    audio: { kind: 'audio', codec: 'aac', sampleRateHz: 48_000, channels: 2, bitrateKbps: 128, config: asc },
    packets: packets.sort((a, b) => decodeUs(a) - decodeUs(b)),
  };
}

/** The same packets again, later: as an encoder goes on after a restart. */
export function later(packets: readonly MediaPacket[], shiftUs: number): MediaPacket[] {
  return packets.map((packet) =>
    packet.kind === 'video'
      ? { ...packet, ptsUs: packet.ptsUs + shiftUs, dtsUs: packet.dtsUs + shiftUs }
      : { ...packet, ptsUs: packet.ptsUs + shiftUs },
  );
}

export function run(command: string, args: string[]): string {
  return execFileSync(command, ['-hide_banner', '-v', 'error', ...args], { encoding: 'utf8', maxBuffer: 1 << 28 });
}

export const decodeUs = (packet: MediaPacket) => (packet.kind === 'video' ? packet.dtsUs : packet.ptsUs);

interface Probe {
  streams: { index: number; codec_type: string }[];
  packets: ProbedPacket[];
}

interface ProbedPacket {
  stream_index: number;
  pts_time: string;
  dts_time: string;
  duration_time: string;
  size: string;
  pos: string;
  flags: string;
}

function toPacket(packet: ProbedPacket, isVideo: boolean, file: Uint8Array): MediaPacket {
  const us = (seconds: string) => Math.round(Number(seconds) * 1e6);
  const data = file.slice(Number(packet.pos), Number(packet.pos) + Number(packet.size));
  const common = { ptsUs: us(packet.pts_time), durationUs: us(packet.duration_time), data };
  if (!isVideo) return { kind: 'audio', ...common } satisfies AudioPacket;
  const key = packet.flags.startsWith('K');
  const tick = Math.round(common.ptsUs / 33_333);
  return {
    kind: 'video',
    renditionId,
    ...common,
    dtsUs: us(packet.dts_time),
    key,
    tick,
    captureTimeUs: common.ptsUs,
    repeated: false,
  } satisfies VideoPacket;
}
