/** A JPEG of a picture, for lists and previews. */
import { AV_PIX_FMT_YUVJ420P, AVCOL_RANGE_JPEG, AVCOL_SPC_BT470BG, FF_ENCODER_MJPEG } from 'node-av/constants';
import { Codec, CodecContext, Frame, Packet, Rational, SoftwareScaleContext } from 'node-av/lib';
import { StudioError } from '../../src-shared/errors.ts';

const QUALITY = 3; // of 2 (best) to 31
const FF_LAMBDA = 118; // FF_QP2LAMBDA

/**
 * @param widthPx wanted; the height follows the picture's shape
 * @throws StudioError internal
 */
export function jpegThumbnail(picture: Frame, widthPx: number): Uint8Array {
  const size = { width: even(Math.min(widthPx, picture.width)), height: even((widthPx * picture.height) / picture.width) };
  const small = toJpegColours(picture, size);
  const context = new CodecContext();
  const packet = new Packet();
  try {
    const codec = Codec.findEncoderByName(FF_ENCODER_MJPEG);
    context.allocContext3(codec);
    context.width = size.width;
    context.height = size.height;
    context.pixelFormat = AV_PIX_FMT_YUVJ420P;
    context.colorRange = AVCOL_RANGE_JPEG;
    context.timeBase = new Rational(1, 1);
    context.setOption('flags', '+qscale');
    context.globalQuality = QUALITY * FF_LAMBDA;
    check(context.open2Sync(codec, null));
    small.pts = 0n;
    small.quality = QUALITY * FF_LAMBDA;
    packet.alloc();
    check(context.sendFrameSync(small));
    check(context.receivePacketSync(packet));
    return Uint8Array.from(packet.data ?? []);
  } finally {
    packet.free();
    context.freeContext();
    small.free();
  }
}

/** JPEG is full range with BT.601 coefficients (ITU-T T.871, 7). The scaler reads both ends from the frames. */
function toJpegColours(picture: Frame, { width, height }: { width: number; height: number }): Frame {
  const small = new Frame();
  small.alloc();
  small.width = width;
  small.height = height;
  small.format = AV_PIX_FMT_YUVJ420P;
  small.colorRange = AVCOL_RANGE_JPEG;
  small.colorSpace = AVCOL_SPC_BT470BG;
  small.getBuffer(0);
  const scaler = new SoftwareScaleContext();
  scaler.allocContext();
  try {
    check(scaler.scaleFrameSync(small, picture));
    return small;
  } catch (error) {
    small.free();
    throw error;
  } finally {
    scaler.freeContext();
  }
}

function even(value: number): number {
  return Math.max(2, Math.round(value / 2) * 2);
}

function check(status: number): void {
  if (status < 0) throw new StudioError('internal', `The thumbnail could not be made (${status}).`);
}
