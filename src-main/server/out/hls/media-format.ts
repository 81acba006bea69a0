/**
 * What a stream is made of, as segments need it, from the tag bodies that pass through the hub.
 * @see Adobe, Video File Format Specification 10.1, E.4.2 and E.4.3; Veovera, Enhanced RTMP v2
 */
import { parseAv1Config } from '../../../wire/av1.ts';
import { avcConfigSize, parseAacConfig, parseAvcConfig } from '../../../wire/codec-config.ts';
import { parseAudioBody, parseVideoBody } from '../../../wire/flv.ts';
import { AUDIO_FOURCC, isExAudioBody, parseExAudioBody } from '../../../wire/flv-extended-audio.ts';
import { isExVideoBody, parseExVideoBody, VIDEO_FOURCC } from '../../../wire/flv-extended-video.ts';
import { parseHevcSps } from '../../../wire/hevc.ts';
import { parseHevcConfig } from '../../../wire/hevc-config.ts';
import { aacCodec, av1Codec, avcCodec, hevcCodec, OPUS_CODEC } from '../../../wire/hls/codec-strings.ts';
import { splitAvcc } from '../../../wire/nal.ts';
import { opusPacketSamples, parseOpusHead } from '../../../wire/opus.ts';
import { WireError } from '../../../wire/wire-error.ts';

export interface VideoFormat {
  codec: 'h264' | 'hevc' | 'av1';
  /** avcC, hvcC or av1C */
  config: Uint8Array;
  /** of a NAL unit's length; of no meaning in AV1 */
  lengthBytes: number;
  /** as in RFC 6381 */
  codecString: string;
  widthPx: number;
  heightPx: number;
}

export interface AudioFormat {
  codec: 'aac' | 'opus';
  /** AudioSpecificConfig or OpusHead */
  config: Uint8Array;
  codecString: string;
  sampleRateHz: number;
  channels: number;
}

export interface StreamFormat {
  video: VideoFormat | null;
  audio: AudioFormat | null;
}

const AAC_FRAME_SAMPLES = 1_024;
/** 6,144 bits a channel, of eight (ISO/IEC 14496-3, 4.5.1.1) */
const AAC_FRAME_MAX_BYTES = 6_144;
const OPUS_RATE_HZ = 48_000;

/** The format that a sequence header announces. @throws WireError for other codecs, and for headers that cannot be read */
export function readVideoHeader(body: Uint8Array): VideoFormat {
  const { fourCc, data } = videoPayload(body);
  const config = data.slice(); // the connection's buffer may be larger
  if (fourCc === VIDEO_FOURCC.h264) {
    const { lengthBytes } = parseAvcConfig(config);
    return { codec: 'h264', config, lengthBytes, codecString: avcCodec(config), ...avcConfigSize(config) };
  }
  if (fourCc === VIDEO_FOURCC.hevc) {
    const { lengthBytes, sps } = parseHevcConfig(config);
    if (!sps[0]) throw new WireError('an HEVC configuration record has no SPS');
    const { widthPx, heightPx } = parseHevcSps(sps[0]);
    return { codec: 'hevc', config, lengthBytes, codecString: hevcCodec(config), widthPx, heightPx };
  }
  if (fourCc === VIDEO_FOURCC.av1) {
    const { widthPx, heightPx } = parseAv1Config(config);
    return { codec: 'av1', config, lengthBytes: 0, codecString: av1Codec(config), widthPx, heightPx };
  }
  throw new WireError(`video of the codec ${fourCc} has no place in HLS here`);
}

export function readAudioHeader(body: Uint8Array): AudioFormat {
  const { fourCc, data } = audioPayload(body);
  const config = data.slice();
  if (fourCc === AUDIO_FOURCC.aac) {
    const { sampleRateHz, channels } = parseAacConfig(config);
    return { codec: 'aac', config, codecString: aacCodec(config), sampleRateHz, channels };
  }
  if (fourCc === AUDIO_FOURCC.opus)
    return { codec: 'opus', config, codecString: OPUS_CODEC, sampleRateHz: OPUS_RATE_HZ, channels: parseOpusHead(config).channels };
  throw new WireError(`sound of the codec ${fourCc} has no place in HLS here`);
}

/** @throws WireError for a codec that has no place here: its frames need not wait for a header */
export function checkVideoCodec(body: Uint8Array): void {
  const { fourCc } = videoPayload(body);
  if (!Object.values<string>(VIDEO_FOURCC).includes(fourCc)) throw new WireError(`video of the codec ${fourCc} has no place in HLS here`);
}

/** @throws WireError for a codec that has no place here */
export function checkAudioCodec(body: Uint8Array): void {
  const { fourCc } = audioPayload(body);
  if (!Object.values<string>(AUDIO_FOURCC).includes(fourCc)) throw new WireError(`sound of the codec ${fourCc} has no place in HLS here`);
}

/** The coded picture in a tag, a view of it. @throws WireError when the tag, or the access unit in it, is broken */
export function readPicture(body: Uint8Array, { codec, lengthBytes }: VideoFormat): Uint8Array {
  const { fourCc, data } = videoPayload(body);
  if (fourCc !== VIDEO_FOURCC[codec] || data.length === 0) throw new WireError('a picture is not of the codec that was announced');
  if (codec !== 'av1') splitAvcc(data, lengthBytes); // what no muxer could take and no decoder read ends here
  return data;
}

export function readSound(body: Uint8Array, { codec }: AudioFormat): Uint8Array {
  const { fourCc, data } = audioPayload(body);
  if (fourCc !== AUDIO_FOURCC[codec] || data.length === 0) throw new WireError('sound is not of the codec that was announced');
  if (codec === 'aac' && data.length > AAC_FRAME_MAX_BYTES) throw new WireError('an AAC frame is too long');
  return data;
}

/** @throws WireError for an Opus packet of an impossible length */
export function soundSamples({ codec }: AudioFormat, data: Uint8Array): number {
  return codec === 'aac' ? AAC_FRAME_SAMPLES : opusPacketSamples(data);
}

export function sameFormat(a: StreamFormat, b: StreamFormat): boolean {
  return sameTrack(a.video, b.video) && sameTrack(a.audio, b.audio);
}

function sameTrack(a: VideoFormat | AudioFormat | null, b: VideoFormat | AudioFormat | null): boolean {
  if (!a || !b) return a === b;
  return a.codec === b.codec && a.config.length === b.config.length && a.config.every((byte, i) => byte === b.config[i]);
}

function videoPayload(body: Uint8Array): { fourCc: string; data: Uint8Array } {
  if (!isExVideoBody(body)) return { fourCc: VIDEO_FOURCC.h264, data: parseVideoBody(body).data };
  const [track] = parseExVideoBody(body).tracks;
  if (!track) throw new WireError('a video tag has no track');
  return track;
}

function audioPayload(body: Uint8Array): { fourCc: string; data: Uint8Array } {
  if (!isExAudioBody(body)) return { fourCc: AUDIO_FOURCC.aac, data: parseAudioBody(body).data };
  const [track] = parseExAudioBody(body).tracks;
  if (!track) throw new WireError('an audio tag has no track');
  return track;
}
