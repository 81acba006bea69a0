/** Any codec that the live server takes, decoded once for all rungs: on the graphics card whose encoder is used, where it has a decoder. */
import {
  AV_CODEC_ID_AV1,
  AV_CODEC_ID_H264,
  AV_CODEC_ID_HEVC,
  AV_CODEC_ID_VP9,
  AV_HWDEVICE_TYPE_D3D11VA,
  AV_HWDEVICE_TYPE_VAAPI,
  AV_HWDEVICE_TYPE_VIDEOTOOLBOX,
  type AVCodecID,
  type AVHWDeviceType,
  type FFDecoderCodec,
} from 'node-av/constants';
import { Codec, CodecContext, Frame, HardwareDeviceContext, Packet, Rational } from 'node-av/lib';
import { describeEncoder, type EncoderFamily, type VideoEncoderName } from '../../../src-shared/domain/video-encoder.ts';
import { StudioError } from '../../../src-shared/errors.ts';
import type { LadderPicture, LadderSource } from '../../process/ladder-contract.ts';

const SOFTWARE: Record<LadderSource['codec'], AVCodecID> = {
  h264: AV_CODEC_ID_H264,
  hevc: AV_CODEC_ID_HEVC,
  av1: AV_CODEC_ID_AV1,
  vp9: AV_CODEC_ID_VP9,
};
/** Decoders of the graphics card that give pictures in ordinary memory. */
const OWN_DECODERS: Partial<Record<EncoderFamily, string>> = { nvenc: 'cuvid', qsv: 'qsv' };
/** Families whose cards help FFmpeg's own decoders; the pictures are then fetched from the card's memory. */
const DEVICES: Partial<Record<EncoderFamily, AVHWDeviceType>> = {
  vaapi: AV_HWDEVICE_TYPE_VAAPI,
  videotoolbox: AV_HWDEVICE_TYPE_VIDEOTOOLBOX,
  amf: AV_HWDEVICE_TYPE_D3D11VA,
  mf: AV_HWDEVICE_TYPE_D3D11VA,
};
/** Up to here one thread decodes in time; more threads hold back a picture each. */
const ONE_THREAD_PIXELS_PER_S = 1920 * 1080 * 31;
const THREADS = 3;
/** so many pictures that the card refuses one after the other, and the processor decodes from the next IDR on */
const REFUSED_MAX = 3;
const MS = new Rational(1, 1_000);

interface Opened {
  context: CodecContext;
  device: HardwareDeviceContext | null;
  hardware: boolean;
}

export class Decoder {
  readonly #source: LadderSource;
  #opened: Opened;
  readonly #packet = new Packet();
  #refused = 0;

  private constructor(source: LadderSource, opened: Opened) {
    this.#source = source;
    this.#opened = opened;
    this.#packet.alloc();
  }

  /** @param encoder which the rungs are made with. @throws StudioError encoder.open-failed */
  static async open(source: LadderSource, encoder: VideoEncoderName): Promise<Decoder> {
    return new Decoder(source, (await openHardware(source, encoder)) ?? (await openSoftware(source)));
  }

  /** @returns the pictures that are complete now, to be freed by the caller. Broken ones are left out */
  async decode({ ptsMs, dtsMs, key, data }: LadderPicture): Promise<Frame[]> {
    if (key && this.#refused >= REFUSED_MAX && this.#opened.hardware) await this.#leaveCard();
    const packet = this.#packet;
    packet.data = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
    packet.pts = BigInt(ptsMs);
    packet.dts = BigInt(dtsMs);
    packet.timeBase = MS;
    packet.isKeyframe = key;
    const status = await this.#opened.context.sendPacket(packet);
    packet.unref();
    this.#refused = status < 0 ? this.#refused + 1 : 0;
    return status < 0 ? [] : this.#drain();
  }

  close(): void {
    this.#packet.free();
    free(this.#opened);
  }

  async #leaveCard(): Promise<void> {
    const opened = await openSoftware(this.#source);
    free(this.#opened);
    this.#opened = opened;
    this.#refused = 0;
  }

  async #drain(): Promise<Frame[]> {
    const frames: Frame[] = [];
    for (;;) {
      const frame = new Frame();
      frame.alloc();
      if (this.#opened.context.receiveFrameSync(frame) < 0) {
        frame.free();
        return frames;
      }
      const fetched = frame.isHwFrame() ? await fetchFromCard(frame) : frame;
      if (fetched) frames.push(fetched);
    }
  }
}

/** @returns the picture in ordinary memory in place of `frame`, which is freed; null where the card does not give it */
async function fetchFromCard(frame: Frame): Promise<Frame | null> {
  const fetched = new Frame();
  fetched.alloc();
  const status = await frame.hwframeTransferData(fetched);
  if (status >= 0) fetched.copyProps(frame);
  frame.free();
  if (status >= 0) return fetched;
  fetched.free();
  return null;
}

/** @returns null where the encoder's family has no decoder here */
async function openHardware(source: LadderSource, encoder: VideoEncoderName): Promise<Opened | null> {
  const { family, hardware } = describeEncoder(encoder);
  if (!hardware) return null;
  const suffix = OWN_DECODERS[family];
  if (suffix) {
    const context = await openWith(Codec.findDecoderByName(`${source.codec}_${suffix}` as FFDecoderCodec), source, null);
    return context && { context, device: null, hardware: true };
  }
  const type = DEVICES[family];
  if (!type) return null;
  const device = new HardwareDeviceContext();
  const context = device.create(type) < 0 ? null : await openWith(Codec.findDecoder(SOFTWARE[source.codec]), source, device);
  if (context) return { context, device, hardware: true };
  device.free();
  return null;
}

/** @throws StudioError encoder.open-failed */
async function openSoftware(source: LadderSource): Promise<Opened> {
  const context = await openWith(Codec.findDecoder(SOFTWARE[source.codec]), source, null);
  if (context) return { context, device: null, hardware: false };
  throw new StudioError('encoder.open-failed', `This build cannot decode ${source.codec}, so this show has no other qualities.`);
}

async function openWith(
  codec: Codec | null,
  { config, widthPx, heightPx, frameRate }: LadderSource,
  device: HardwareDeviceContext | null,
): Promise<CodecContext | null> {
  if (!codec) return null;
  const context = new CodecContext();
  context.allocContext3(codec);
  if (config) context.extraData = Buffer.from(config);
  if (device) context.hwDeviceCtx = device;
  context.width = widthPx;
  context.height = heightPx;
  context.pktTimebase = MS;
  context.threadCount = widthPx * heightPx * frameRate > ONE_THREAD_PIXELS_PER_S ? THREADS : 1;
  if ((await context.open2(codec, null)) >= 0) return context;
  context.freeContext();
  return null;
}

function free({ context, device }: Opened): void {
  context.freeContext();
  device?.free();
}
