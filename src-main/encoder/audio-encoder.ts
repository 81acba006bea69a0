/** The sound encoders: FFmpeg's native AAC-LC and libopus. */
import {
  AV_CODEC_FLAG_GLOBAL_HEADER,
  AV_PROFILE_AAC_LOW,
  AV_SAMPLE_FMT_FLT,
  AV_SAMPLE_FMT_FLTP,
  FF_ENCODER_AAC,
  FF_ENCODER_LIBOPUS,
} from 'node-av/constants';
import { Codec, CodecContext, Frame, Packet, Rational } from 'node-av/lib';
import { type AudioSettings, usedAudioKbps } from '../../src-shared/domain/rendition.ts';
import { StudioError } from '../../src-shared/errors.ts';
import { AUDIO_SAMPLE_RATE_HZ, samplesToUs } from '../../src-shared/units.ts';
import type { AudioHeader, AudioPacket } from '../process/packet.ts';
import { codecOf, interleave, type SoundBackEnd, toMono } from './audio-back-end.ts';
import { type AudioCodec, audioFormat } from './audio-format.ts';
import type { AudioFrame } from './audio-timeline.ts';
import { channelLayout, SoundRate, type SoundShape } from './sound-rate.ts';

const ENCODERS = {
  aac: { name: FF_ENCODER_AAC, sampleFormat: AV_SAMPLE_FMT_FLTP, options: {} },
  // a live rate has to keep near its average
  opus: { name: FF_ENCODER_LIBOPUS, sampleFormat: AV_SAMPLE_FMT_FLT, options: { vbr: 'constrained', frame_duration: '20' } },
} as const;

export class SoundEncoder implements SoundBackEnd {
  readonly header: AudioHeader;
  readonly #frameSamples: number;
  /** null: the encoder has the studio's own rate */
  #rate: SoundRate | null;
  readonly #context: CodecContext;
  readonly #frame = new Frame();
  readonly #packet = new Packet();
  /** for an encoder that wants its channels sample by sample */
  readonly #interleaved: Float32Array | null;
  #closed = false;

  /** @param before see OpenSound. @throws StudioError encoder.open-failed */
  constructor(settings: AudioSettings, before: SoundBackEnd | null = null) {
    const codec = codecOf(settings);
    const { frameSamples } = audioFormat(codec);
    const { sampleRateHz, channels } = settings;
    this.#frameSamples = frameSamples;
    this.#context = open(codec, settings);
    this.#interleaved = ENCODERS[codec].sampleFormat === AV_SAMPLE_FMT_FLT ? new Float32Array(frameSamples * channels) : null;
    this.#frame.alloc();
    this.#frame.format = ENCODERS[codec].sampleFormat;
    this.#frame.sampleRate = sampleRateHz;
    this.#frame.channelLayout = channelLayout(channels);
    this.#frame.nbSamples = frameSamples;
    this.#frame.getBuffer(0);
    this.#packet.alloc();
    this.header = {
      kind: 'audio',
      codec,
      sampleRateHz,
      channels,
      bitrateKbps: usedAudioKbps(settings),
      config: Uint8Array.from(this.#context.extraData ?? []),
    };
    const shape = { sampleRateHz, channels, frameSamples };
    if (sampleRateHz === AUDIO_SAMPLE_RATE_HZ) this.#rate = null;
    else this.#rate = (before instanceof SoundEncoder ? before.#handOver(shape) : null) ?? new SoundRate(shape);
  }

  /** Well under a millisecond of work, so it is done here and now. */
  encode({ position, planes }: AudioFrame): AudioPacket[] {
    const frame = { position, planes: this.header.channels === 1 ? toMono(planes) : planes };
    return (this.#rate?.convert(frame) ?? [frame]).flatMap((one) => this.#encode(one));
  }

  flush(): AudioPacket[] {
    const rest = (this.#rate?.rest() ?? []).flatMap((one) => this.#encode(one));
    return [...rest, ...this.#drain(this.#context.sendFrameSync(null))];
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#rate?.free();
    this.#frame.free();
    this.#packet.free();
    this.#context.freeContext();
  }

  /** @returns null where the frames to come are of another shape */
  #handOver(shape: SoundShape): SoundRate | null {
    if (!this.#rate?.makes(shape)) return null;
    const rate = this.#rate;
    this.#rate = null;
    return rate;
  }

  /** @param frame in the encoder's own rate and channels */
  #encode({ position, planes }: AudioFrame): AudioPacket[] {
    const samples = this.#interleaved ? interleave(planes, this.#interleaved, this.header.channels) : planes;
    // points at the samples, without a copy: both encoders take them before sendFrameSync returns
    this.#frame.fromBuffer(Buffer.from(samples.buffer, samples.byteOffset, samples.byteLength));
    this.#frame.pts = BigInt(position);
    return this.#drain(this.#context.sendFrameSync(this.#frame));
  }

  #drain(status: number): AudioPacket[] {
    if (status < 0) throw new StudioError('encoder.crashed', `The sound encoder failed (${status}). It is started anew.`);
    const packets: AudioPacket[] = [];
    while (this.#context.receivePacketSync(this.#packet) >= 0) {
      const { pts, data } = this.#packet;
      // copied: the packet's memory is FFmpeg's
      packets.push({
        kind: 'audio',
        ptsUs: samplesToUs(Number(pts), this.header.sampleRateHz),
        durationUs: samplesToUs(this.#frameSamples, this.header.sampleRateHz),
        data: Uint8Array.from(data ?? []),
      });
      this.#packet.unref();
    }
    return packets;
  }
}

function open(name: AudioCodec, settings: AudioSettings): CodecContext {
  const { bitrateKbps, sampleRateHz, channels } = settings;
  const { name: encoder, sampleFormat, options } = ENCODERS[name];
  const label = audioFormat(name).label;
  const codec = Codec.findEncoderByName(encoder);
  if (!codec) throw new StudioError('encoder.open-failed', `This build has no ${label} encoder. Install Tidecast again.`);
  const context = new CodecContext();
  context.allocContext3(codec);
  if (name === 'aac') context.profile = AV_PROFILE_AAC_LOW;
  context.sampleFormat = sampleFormat;
  context.sampleRate = sampleRateHz;
  context.channelLayout = channelLayout(channels);
  context.timeBase = new Rational(1, sampleRateHz);
  context.bitRate = BigInt(usedAudioKbps(settings) * 1_000);
  context.setFlags(AV_CODEC_FLAG_GLOBAL_HEADER);
  for (const [key, value] of Object.entries(options)) context.setOption(key, value);
  const status = context.open2Sync(codec, null);
  if (status >= 0) return context;
  context.freeContext();
  throw new StudioError(
    'encoder.open-failed',
    `The ${label} encoder could not be opened at ${bitrateKbps} kbps (${status}). Try another audio bitrate.`,
  );
}
