/** FFmpeg's native AAC-LC encoder (libfdk_aac's licence does not fit the GPL): 48 kHz stereo, 1,024 samples a packet. */
import {
  AV_CHANNEL_ORDER_NATIVE,
  AV_CODEC_FLAG_GLOBAL_HEADER,
  AV_PROFILE_AAC_LOW,
  AV_SAMPLE_FMT_FLTP,
  FF_ENCODER_AAC,
} from 'node-av/constants';
import { Codec, CodecContext, Frame, Packet, Rational } from 'node-av/lib';
import { StudioError } from '../../src-shared/errors.ts';
import { AUDIO_CHANNELS, AUDIO_SAMPLE_RATE_HZ, samplesToUs } from '../../src-shared/units.ts';
import type { AudioHeader, AudioPacket } from '../process/packet.ts';
import type { AudioFrame } from './audio-timeline.ts';

export const AAC_FRAME_SAMPLES = 1_024;
const STEREO = { order: AV_CHANNEL_ORDER_NATIVE, nbChannels: AUDIO_CHANNELS, mask: 3n };

export class AacEncoder {
  readonly header: AudioHeader;
  readonly #context: CodecContext;
  readonly #frame = new Frame();
  readonly #packet = new Packet();

  /** @throws StudioError encoder.open-failed */
  constructor(bitrateKbps: number) {
    this.#context = openAac(bitrateKbps);
    this.#frame.alloc();
    this.#frame.format = AV_SAMPLE_FMT_FLTP;
    this.#frame.sampleRate = AUDIO_SAMPLE_RATE_HZ;
    this.#frame.channelLayout = STEREO;
    this.#frame.nbSamples = AAC_FRAME_SAMPLES;
    this.#frame.getBuffer(0);
    this.#packet.alloc();
    this.header = {
      kind: 'audio',
      codec: 'aac',
      sampleRateHz: AUDIO_SAMPLE_RATE_HZ,
      channels: AUDIO_CHANNELS,
      bitrateKbps,
      config: Uint8Array.from(this.#context.extraData ?? []),
    };
  }

  /**
   * Well under a millisecond of work, so it is done here and now.
   * @returns packets whose time is that of their first sample; the very first lies a frame before the first sample
   */
  encode({ position, planes }: AudioFrame): AudioPacket[] {
    // points at the planes, without a copy: the native encoder takes the samples before sendFrameSync returns
    this.#frame.fromBuffer(Buffer.from(planes.buffer, planes.byteOffset, planes.byteLength));
    this.#frame.pts = BigInt(position);
    return this.#drain(this.#context.sendFrameSync(this.#frame));
  }

  flush(): AudioPacket[] {
    return this.#drain(this.#context.sendFrameSync(null));
  }

  close(): void {
    this.#frame.free();
    this.#packet.free();
    this.#context.freeContext();
  }

  #drain(status: number): AudioPacket[] {
    if (status < 0) throw new StudioError('encoder.crashed', `The sound encoder failed (${status}). It is started anew.`);
    const packets: AudioPacket[] = [];
    while (this.#context.receivePacketSync(this.#packet) >= 0) {
      const { pts, data } = this.#packet;
      // copied: the packet's memory is FFmpeg's
      packets.push({
        kind: 'audio',
        ptsUs: samplesToUs(Number(pts)),
        durationUs: samplesToUs(AAC_FRAME_SAMPLES),
        data: Uint8Array.from(data ?? []),
      });
      this.#packet.unref();
    }
    return packets;
  }
}

function openAac(bitrateKbps: number): CodecContext {
  const codec = Codec.findEncoderByName(FF_ENCODER_AAC);
  if (!codec) throw new StudioError('encoder.open-failed', 'This build has no AAC encoder. Install Tidecast again.');
  const context = new CodecContext();
  context.allocContext3(codec);
  context.profile = AV_PROFILE_AAC_LOW;
  context.sampleFormat = AV_SAMPLE_FMT_FLTP;
  context.sampleRate = AUDIO_SAMPLE_RATE_HZ;
  context.channelLayout = STEREO;
  context.timeBase = new Rational(1, AUDIO_SAMPLE_RATE_HZ);
  context.bitRate = BigInt(bitrateKbps * 1_000);
  context.setFlags(AV_CODEC_FLAG_GLOBAL_HEADER);
  const status = context.open2Sync(codec, null);
  if (status >= 0) return context;
  context.freeContext();
  throw new StudioError(
    'encoder.open-failed',
    `The AAC encoder could not be opened at ${bitrateKbps} kbps (${status}). Try another audio bitrate.`,
  );
}
