/** One x264 encoder. Pictures go in with their tick, access units come out; nothing here knows about time or queues. */
import {
  AV_CODEC_FLAG_GLOBAL_HEADER,
  AV_PICTURE_TYPE_I,
  AV_PICTURE_TYPE_NONE,
  AV_PIX_FMT_YUV420P,
  AVCHROMA_LOC_LEFT,
  AVCOL_PRI_BT709,
  AVCOL_RANGE_MPEG,
  AVCOL_SPC_BT709,
  AVCOL_TRC_BT709,
  FF_ENCODER_LIBX264,
} from 'node-av/constants';
import { Codec, CodecContext, Frame, Packet, Rational } from 'node-av/lib';
import type { VideoSettings } from '../../src-shared/domain/rendition.ts';
import { StudioError } from '../../src-shared/errors.ts';
import { annexBToAvcc, avcConfigFromAnnexB } from '../wire/codec-config.ts';
import { keyframeIntervalTicks, VBV_LIMITED_S, VBV_S, x264Options, x264Threads } from './video-options.ts';

export interface AccessUnit {
  /** ticks of the rendition's frame rate */
  pts: number;
  dts: number;
  key: boolean;
  /** NAL units with 4-byte lengths, without parameter sets */
  data: Uint8Array;
}

export class X264Encoder {
  /** AVCDecoderConfigurationRecord */
  readonly config: Uint8Array;
  readonly #context: CodecContext;
  readonly #settings: VideoSettings;
  readonly #packet = new Packet();
  /** shares the picture's memory, with a time and a type of its own */
  readonly #input = new Frame();

  /** @throws StudioError encoder.open-failed */
  constructor(settings: VideoSettings) {
    this.#settings = settings;
    this.#context = openX264(settings);
    this.#packet.alloc();
    this.#input.alloc();
    this.config = avcConfigFromAnnexB(this.#context.extraData ?? new Uint8Array());
  }

  /** Not to be called again before its promise settles. @throws StudioError encoder.crashed */
  async encode(picture: Frame, tick: number, idr: boolean): Promise<AccessUnit[]> {
    const input = this.#input;
    input.unref();
    input.ref(picture);
    input.pts = BigInt(tick);
    input.pictType = idr ? AV_PICTURE_TYPE_I : AV_PICTURE_TYPE_NONE;
    try {
      return this.#drain(await this.#context.sendFrame(input));
    } finally {
      input.unref();
    }
  }

  /** Not while `encode` runs. Below the rate it was opened with the buffer is shorter. */
  setBitrate(bitrateKbps: number): void {
    setRate(this.#context, bitrateKbps, bitrateKbps < this.#settings.bitrateKbps ? VBV_LIMITED_S : VBV_S);
  }

  async flush(): Promise<AccessUnit[]> {
    return this.#drain(await this.#context.sendFrame(null));
  }

  /** Not while `encode` or `flush` run. */
  close(): void {
    this.#input.free();
    this.#packet.free();
    this.#context.freeContext();
  }

  #drain(status: number): AccessUnit[] {
    if (status < 0) throw new StudioError('encoder.crashed', `The video encoder failed (${status}). It is started anew.`);
    const units: AccessUnit[] = [];
    const packet = this.#packet;
    while (this.#context.receivePacketSync(packet) >= 0) {
      // annexBToAvcc copies: the packet's memory is FFmpeg's
      units.push({
        pts: Number(packet.pts),
        dts: Number(packet.dts),
        key: packet.isKeyframe,
        data: annexBToAvcc(packet.data ?? new Uint8Array()),
      });
      packet.unref();
    }
    return units;
  }
}

function openX264(settings: VideoSettings): CodecContext {
  const codec = Codec.findEncoderByName(FF_ENCODER_LIBX264);
  if (!codec) throw new StudioError('encoder.open-failed', 'This build has no H.264 encoder. Install Tidecast again.');
  const context = new CodecContext();
  context.allocContext3(codec);
  const frameRate = rational(settings.frameRate);
  context.width = settings.widthPx;
  context.height = settings.heightPx;
  context.pixelFormat = AV_PIX_FMT_YUV420P;
  context.framerate = frameRate;
  context.timeBase = frameRate.inv();
  context.gopSize = keyframeIntervalTicks(settings);
  context.maxBFrames = settings.bFrames;
  context.threadCount = x264Threads(settings);
  context.colorRange = AVCOL_RANGE_MPEG;
  context.colorSpace = AVCOL_SPC_BT709;
  context.colorPrimaries = AVCOL_PRI_BT709;
  context.colorTrc = AVCOL_TRC_BT709;
  context.chromaLocation = AVCHROMA_LOC_LEFT;
  context.setFlags(AV_CODEC_FLAG_GLOBAL_HEADER);
  setRate(context, settings.bitrateKbps, VBV_S);
  // one by one: a Dictionary given to open2 corrupts the heap
  for (const [name, value] of Object.entries(x264Options(settings))) context.setOption(name, value);
  const status = context.open2Sync(codec, null);
  if (status >= 0) return context;
  context.freeContext();
  throw new StudioError(
    'encoder.open-failed',
    `x264 could not be opened for ${settings.widthPx}x${settings.heightPx} (${status}). Try another size or preset.`,
  );
}

function setRate(context: CodecContext, bitrateKbps: number, bufferS: number): void {
  const bitsPerSecond = bitrateKbps * 1_000;
  context.bitRate = BigInt(bitsPerSecond);
  context.rcMaxRate = BigInt(bitsPerSecond);
  context.rcBufferSize = bitsPerSecond * bufferS;
}

/** 29.97 is 30000/1001. */
function rational(frameRate: number): Rational {
  if (Math.abs(frameRate - Math.round(frameRate)) < 1e-3) return new Rational(Math.round(frameRate), 1);
  const ntsc = (frameRate * 1_001) / 1_000;
  if (Math.abs(ntsc - Math.round(ntsc)) < 1e-2) return new Rational(Math.round(ntsc) * 1_000, 1_001);
  return new Rational(Math.round(frameRate * 1_000), 1_000);
}
