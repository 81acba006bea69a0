/** Clips of any codec, made by FFmpeg's encoders in this process and cut by our own wire code. A moving picture and a tone. */
import {
  AV_CHANNEL_ORDER_NATIVE,
  AV_CODEC_FLAG_GLOBAL_HEADER,
  AV_LOG_ERROR,
  AV_PIX_FMT_YUV420P,
  AV_SAMPLE_FMT_FLT,
  AV_SAMPLE_FMT_FLTP,
  AVCOL_PRI_BT709,
  AVCOL_RANGE_MPEG,
  AVCOL_SPC_BT709,
  AVCOL_TRC_BT709,
  type FFEncoderCodec,
} from 'node-av/constants';
import { Codec, CodecContext, Frame, Log, Packet, Rational } from 'node-av/lib';
import type { AudioHeader, AudioPacket, VideoHeader, VideoPacket } from '../../src-main/process/packet.ts';
import { av1ConfigFromObus } from '../../src-main/wire/av1.ts';
import { annexBToAvcc, avcConfigFromAnnexB } from '../../src-main/wire/codec-config.ts';
import { hevcSample } from '../../src-main/wire/hevc.ts';
import { hevcConfigFromAnnexB } from '../../src-main/wire/hevc-config.ts';
import { av1Sample } from '../../src-main/wire/obu.ts';
import { RenditionId } from '../../src-shared/domain/index.ts';
import { AUDIO_SAMPLE_RATE_HZ, samplesToUs, tickToUs } from '../../src-shared/units.ts';
import type { Clip } from './h264-feed.ts';

const FRAME_RATE = 30;
/** 6.4 s: whole frames of picture, of AAC and of Opus */
const FRAMES = 192;
const GOP_FRAMES = 15;
const CHANNELS = 2;

const VIDEO = {
  h264: { encoder: 'libx264', options: { preset: 'ultrafast', sc_threshold: '0' }, config: avcConfigFromAnnexB, sample: annexBToAvcc },
  hevc: {
    encoder: 'libx265',
    options: { preset: 'ultrafast', 'x265-params': 'log-level=none:scenecut=0:open-gop=0:pools=none' },
    config: hevcConfigFromAnnexB,
    sample: hevcSample,
  },
  av1: { encoder: 'libsvtav1', options: { preset: '10', 'svtav1-params': 'lp=1:scd=0' }, config: av1ConfigFromObus, sample: av1Sample },
} as const;
const AUDIO = {
  aac: { encoder: 'aac', format: AV_SAMPLE_FMT_FLTP, frameSamples: 1_024 },
  opus: { encoder: 'libopus', format: AV_SAMPLE_FMT_FLT, frameSamples: 960 },
} as const;

export interface CodedClipOptions {
  video: VideoHeader['codec'];
  audio: AudioHeader['codec'];
  bFrames?: number;
  widthPx?: number;
  heightPx?: number;
  renditionId?: RenditionId;
}

export async function makeCodedClip(options: CodedClipOptions): Promise<Clip> {
  Log.setLevel(AV_LOG_ERROR);
  const [picture, sound] = [await encodeVideo(options), encodeAudio(options.audio)];
  const packets = [...picture.packets, ...sound.packets].sort((a, b) => decodeUs(a) - decodeUs(b));
  return { video: picture.header, audio: sound.header, packets, durationUs: tickToUs(FRAMES, FRAME_RATE) };
}

async function encodeVideo({
  video,
  bFrames = 0,
  widthPx = 192,
  heightPx = 108,
  renditionId = RenditionId.parse('feed'),
}: CodedClipOptions) {
  const { encoder, options, config, sample } = VIDEO[video];
  const context = open(encoder as FFEncoderCodec, options, (context) => {
    Object.assign(context, { width: widthPx, height: heightPx, pixelFormat: AV_PIX_FMT_YUV420P, gopSize: GOP_FRAMES, bitRate: 300_000n });
    Object.assign(context, { framerate: new Rational(FRAME_RATE, 1), timeBase: new Rational(1, FRAME_RATE), threadCount: 1 });
    Object.assign(context, {
      colorRange: AVCOL_RANGE_MPEG,
      colorSpace: AVCOL_SPC_BT709,
      colorPrimaries: AVCOL_PRI_BT709,
      colorTrc: AVCOL_TRC_BT709,
    });
    if (video !== 'av1') context.maxBFrames = bFrames;
  });
  const frame = new Frame();
  frame.alloc();
  Object.assign(frame, { width: widthPx, height: heightPx, format: AV_PIX_FMT_YUV420P });
  frame.getBuffer(0);
  const raw = await drain(context, FRAMES, (i) => {
    frame.makeWritable();
    frame.fromBuffer(movingPicture(widthPx, heightPx, i));
    frame.pts = BigInt(i);
    return frame;
  });
  const header = config(video === 'av1' ? (raw[0] as Raw).data : (context.extraData as Uint8Array)); // SVT-AV1 says another one while it opens
  const packets = raw.map(({ pts, dts, key, data }): VideoPacket => {
    const [ptsUs, dtsUs] = [tickToUs(pts, FRAME_RATE), tickToUs(dts, FRAME_RATE)];
    const times = { ptsUs, dtsUs, durationUs: tickToUs(1, FRAME_RATE), captureTimeUs: ptsUs };
    return { kind: 'video', renditionId, ...times, key, data: sample(data), tick: pts, repeated: false };
  });
  frame.free();
  context.freeContext();
  const about: VideoHeader = {
    kind: 'video',
    renditionId,
    codec: video,
    widthPx,
    heightPx,
    frameRate: FRAME_RATE,
    bitrateKbps: 300,
    config: header,
  };
  return { header: about, packets };
}

function encodeAudio(codec: AudioHeader['codec']): { header: AudioHeader; packets: AudioPacket[] } {
  const { encoder, format, frameSamples } = AUDIO[codec];
  const context = open(encoder as FFEncoderCodec, {}, (context) => {
    Object.assign(context, { sampleFormat: format, sampleRate: AUDIO_SAMPLE_RATE_HZ, bitRate: 96_000n });
    Object.assign(context, {
      channelLayout: { order: AV_CHANNEL_ORDER_NATIVE, nbChannels: CHANNELS, mask: 3n },
      timeBase: new Rational(1, AUDIO_SAMPLE_RATE_HZ),
    });
  });
  const frame = new Frame();
  const packet = new Packet();
  frame.alloc();
  packet.alloc();
  Object.assign(frame, { format, sampleRate: AUDIO_SAMPLE_RATE_HZ, channelLayout: context.channelLayout, nbSamples: frameSamples });
  frame.getBuffer(0);
  const packets: AudioPacket[] = [];
  const count = (FRAMES * AUDIO_SAMPLE_RATE_HZ) / FRAME_RATE / frameSamples;
  for (let i = 0; i <= count && packets.length < count; i += 1) {
    frame.makeWritable();
    frame.fromBuffer(tone(i * frameSamples, frameSamples, format === AV_SAMPLE_FMT_FLTP));
    frame.pts = BigInt(i * frameSamples);
    if (context.sendFrameSync(frame) < 0) throw new Error(`${encoder} failed`);
    while (context.receivePacketSync(packet) >= 0 && packets.length < count) {
      const data = Uint8Array.from(packet.data ?? []);
      packets.push({ kind: 'audio', ptsUs: samplesToUs(packets.length * frameSamples), durationUs: samplesToUs(frameSamples), data });
      packet.unref();
    }
  }
  const config = Uint8Array.from(context.extraData ?? []);
  const header: AudioHeader = { kind: 'audio', codec, sampleRateHz: AUDIO_SAMPLE_RATE_HZ, channels: CHANNELS, bitrateKbps: 96, config };
  frame.free();
  packet.free();
  context.freeContext();
  return { header, packets };
}

interface Raw {
  pts: number;
  dts: number;
  key: boolean;
  data: Uint8Array;
}

async function drain(context: CodecContext, count: number, frameAt: (i: number) => Frame): Promise<Raw[]> {
  const packet = new Packet();
  packet.alloc();
  const raw: Raw[] = [];
  for (let i = 0; i <= count; i += 1) {
    const status = await context.sendFrame(i < count ? frameAt(i) : null);
    if (status < 0) throw new Error(`an encoder failed (${status})`);
    while (context.receivePacketSync(packet) >= 0) {
      const data = Uint8Array.from(packet.data ?? []);
      raw.push({ pts: Number(packet.pts), dts: Number(packet.dts), key: packet.isKeyframe, data });
      packet.unref();
    }
  }
  packet.free();
  return raw;
}

function open(name: FFEncoderCodec, options: Record<string, string>, set: (context: CodecContext) => void): CodecContext {
  const codec = Codec.findEncoderByName(name);
  if (!codec) throw new Error(`there is no ${name}`);
  const context = new CodecContext();
  context.allocContext3(codec);
  set(context);
  context.setFlags(AV_CODEC_FLAG_GLOBAL_HEADER);
  for (const [key, value] of Object.entries(options)) context.setOption(key, value);
  const status = context.open2Sync(codec, null);
  if (status < 0) throw new Error(`${name} did not open (${status})`);
  return context;
}

/** Bars that wander by two pixels a frame. */
function movingPicture(widthPx: number, heightPx: number, frame: number): Buffer {
  const bytes = Buffer.alloc((widthPx * heightPx * 3) / 2, 128);
  for (let y = 0; y < heightPx; y += 1)
    for (let x = 0; x < widthPx; x += 1) bytes[y * widthPx + x] = 32 + (((x + 2 * frame) * 5 + y) % 192);
  return bytes;
}

function tone(at: number, samples: number, planar: boolean): Buffer {
  const values = new Float32Array(samples * CHANNELS);
  for (let i = 0; i < samples; i += 1) {
    const value = 0.3 * Math.sin((2 * Math.PI * 440 * (at + i)) / AUDIO_SAMPLE_RATE_HZ);
    for (let channel = 0; channel < CHANNELS; channel += 1) values[planar ? channel * samples + i : i * CHANNELS + channel] = value;
  }
  return Buffer.from(values.buffer);
}

const decodeUs = (packet: VideoPacket | AudioPacket) => (packet.kind === 'video' ? packet.dtsUs : packet.ptsUs);
