/** Any codec that the live server takes, decoded once for all rungs: on the graphics card whose encoder is used, where it has a decoder. */
import {
  AV_CODEC_ID_AV1,
  AV_CODEC_ID_H264,
  AV_CODEC_ID_HEVC,
  AV_CODEC_ID_VP9,
  type AVCodecID,
  type FFDecoderCodec,
} from 'node-av/constants';
import { Codec, CodecContext, Frame, Packet, Rational } from 'node-av/lib';
import { describeEncoder, type EncoderFamily, type VideoEncoderName } from '../../../src-shared/domain/video-encoder.ts';
import { StudioError } from '../../../src-shared/errors.ts';
import type { LadderPicture, LadderSource } from '../../process/ladder-contract.ts';

const SOFTWARE: Record<LadderSource['codec'], AVCodecID> = {
  h264: AV_CODEC_ID_H264,
  hevc: AV_CODEC_ID_HEVC,
  av1: AV_CODEC_ID_AV1,
  vp9: AV_CODEC_ID_VP9,
};
/** Decoders of the graphics card that give pictures in ordinary memory. The other families decode in software. */
const HARDWARE: Partial<Record<EncoderFamily, string>> = { nvenc: 'cuvid', qsv: 'qsv' };
/** Up to here one thread decodes in time; more threads hold back a picture each. */
const ONE_THREAD_PIXELS_PER_S = 1920 * 1080 * 31;
const THREADS = 3;
const MS = new Rational(1, 1_000);

export class Decoder {
  readonly #context: CodecContext;
  readonly #packet = new Packet();

  private constructor(context: CodecContext) {
    this.#context = context;
    this.#packet.alloc();
  }

  /** @param encoder which the rungs are made with. @throws StudioError encoder.open-failed */
  static async open(source: LadderSource, encoder: VideoEncoderName): Promise<Decoder> {
    const { family, hardware } = describeEncoder(encoder);
    const own = hardware && HARDWARE[family] ? Codec.findDecoderByName(`${source.codec}_${HARDWARE[family]}` as FFDecoderCodec) : null;
    const context = (own && (await openWith(own, source))) ?? (await openWith(Codec.findDecoder(SOFTWARE[source.codec]), source));
    if (context) return new Decoder(context);
    throw new StudioError('encoder.open-failed', `This build cannot decode ${source.codec}, so this show has no other qualities.`);
  }

  /** @returns the pictures that are complete now, to be freed by the caller. Broken ones are left out */
  async decode({ ptsMs, dtsMs, key, data }: LadderPicture): Promise<Frame[]> {
    const packet = this.#packet;
    packet.data = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
    packet.pts = BigInt(ptsMs);
    packet.dts = BigInt(dtsMs);
    packet.timeBase = MS;
    packet.isKeyframe = key;
    const status = await this.#context.sendPacket(packet);
    packet.unref();
    return status < 0 ? [] : this.#drain();
  }

  close(): void {
    this.#packet.free();
    this.#context.freeContext();
  }

  #drain(): Frame[] {
    const frames: Frame[] = [];
    for (;;) {
      const frame = new Frame();
      frame.alloc();
      if (this.#context.receiveFrameSync(frame) < 0) {
        frame.free();
        return frames;
      }
      frames.push(frame);
    }
  }
}

async function openWith(codec: Codec | null, { config, widthPx, heightPx, frameRate }: LadderSource): Promise<CodecContext | null> {
  if (!codec) return null;
  const context = new CodecContext();
  context.allocContext3(codec);
  if (config) context.extraData = Buffer.from(config);
  context.width = widthPx;
  context.height = heightPx;
  context.pktTimebase = MS;
  context.threadCount = widthPx * heightPx * frameRate > ONE_THREAD_PIXELS_PER_S ? THREADS : 1;
  if ((await context.open2(codec, null)) >= 0) return context;
  context.freeContext();
  return null;
}
