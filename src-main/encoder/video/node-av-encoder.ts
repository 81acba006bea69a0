/** FFmpeg's encoders inside this process. */
import { AV_PICTURE_TYPE_I, AV_PICTURE_TYPE_NONE, type AVPixelFormat } from 'node-av/constants';
import { type CodecContext, Frame, Packet } from 'node-av/lib';
import type { VideoSettings } from '../../../src-shared/domain/rendition.ts';
import { StudioError } from '../../../src-shared/errors.ts';
import { PictureFrame } from '../frame.ts';
import { rateFields } from '../options/common.ts';
import type { PictureSize } from '../picture.ts';
import { abilitiesOf } from './abilities.ts';
import type { Emit, EncoderAbilities, EncoderInput, VideoEncoder } from './back-end.ts';
import { type Bitstream, bitstreamOf, sameBytes } from './bitstream.ts';
import { openCodec, setRate } from './codec-context.ts';
import type { SurfaceUpload } from './surface-upload.ts';

export class NodeAvEncoder implements VideoEncoder {
  readonly abilities: EncoderAbilities;
  readonly inputSize: PictureSize;
  readonly inputFormat: AVPixelFormat;
  #config: Uint8Array | null;
  readonly #settings: VideoSettings;
  readonly #bitstream: Bitstream;
  readonly #context: CodecContext;
  readonly #upload: SurfaceUpload | null;
  readonly #emit: Emit;
  readonly #packet = new Packet();
  readonly #picture: PictureFrame;
  /** shares the picture's memory, with a time and a type of its own */
  readonly #input = new Frame();
  #closed = false;

  private constructor(
    settings: VideoSettings,
    emit: Emit,
    context: CodecContext,
    inputFormat: AVPixelFormat,
    upload: SurfaceUpload | null,
  ) {
    this.abilities = abilitiesOf(settings.encoder);
    this.inputSize = settings;
    this.inputFormat = inputFormat;
    this.#picture = new PictureFrame(settings);
    this.#settings = settings;
    this.#emit = emit;
    this.#context = context;
    this.#upload = upload;
    this.#packet.alloc();
    this.#input.alloc();
    this.#bitstream = bitstreamOf(settings.encoder);
    const { extraData } = context;
    this.#config = extraData?.length && !this.#bitstream.headerInKeys ? this.#bitstream.config(extraData) : null;
  }

  /** @throws StudioError encoder.open-failed */
  static async open(settings: VideoSettings, emit: Emit): Promise<NodeAvEncoder> {
    const { context, inputFormat, upload } = await openCodec(settings);
    return new NodeAvEncoder(settings, emit, context, inputFormat, upload);
  }

  get config(): Uint8Array | null {
    return this.#config;
  }

  async encode(picture: EncoderInput, tick: number, idr: boolean): Promise<void> {
    const input = this.#input;
    const frame = this.#picture.show(picture);
    input.unref();
    input.ref(this.#upload ? await this.#upload.upload(frame) : frame);
    input.pts = BigInt(tick);
    input.pictType = idr ? AV_PICTURE_TYPE_I : AV_PICTURE_TYPE_NONE;
    try {
      check(await this.#context.sendFrame(input));
    } finally {
      input.unref();
    }
    while (this.#context.receivePacketSync(this.#packet) >= 0) this.#give();
  }

  /** Where the family cannot, nothing happens. */
  setBitrate(bitrateKbps: number): void {
    setRate(this.#context, rateFields(this.#settings, bitrateKbps));
  }

  /** What it looked ahead is encoded now, picture by picture on another thread: sound and other renditions go on here. */
  async flush(): Promise<void> {
    check(await this.#context.sendFrame(null));
    while ((await this.#context.receivePacket(this.#packet)) >= 0) this.#give();
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#input.free();
    this.#picture.free();
    this.#packet.free();
    this.#context.freeContext();
    this.#upload?.close();
  }

  #give(): void {
    const packet = this.#packet;
    const bitstream = this.#bitstream;
    const bytes = packet.data ?? new Uint8Array();
    const key = packet.isKeyframe;
    // an encoder that has no parameter sets when it opens has them in its first access unit
    const config = key && (!this.#config || bitstream.headerInKeys) ? this.#newConfig(bitstream.config(bytes)) : null;
    this.#emit({ pts: Number(packet.pts), dts: Number(packet.dts), key, data: bitstream.accessUnit(bytes), config });
    packet.unref();
  }

  #newConfig(config: Uint8Array): Uint8Array | null {
    if (sameBytes(config, this.#config)) return null;
    this.#config = config;
    return config;
  }
}

function check(status: number): void {
  if (status < 0) throw new StudioError('encoder.crashed', `The video encoder failed (${status}). It is started anew.`);
}
