import type { AudioHeader, VideoHeader } from '../../../process/packet.ts';
import { AmfArray, encode } from '../../../wire/amf0.ts';

const CODEC = { avc: 7, aac: 10 } as const; // FLV's numbers, E.5

/** onMetaData as RTMP carries it; servers hand it on to players. */
export function buildOnMetaData(video: VideoHeader | null, audio: AudioHeader | null): Uint8Array {
  const entries = {
    duration: 0,
    ...(video && {
      width: video.widthPx,
      height: video.heightPx,
      framerate: video.frameRate,
      videocodecid: CODEC.avc,
      videodatarate: video.bitrateKbps,
    }),
    ...(audio && {
      audiocodecid: CODEC.aac,
      audiodatarate: audio.bitrateKbps,
      audiosamplerate: audio.sampleRateHz,
      audiosamplesize: 16,
      audiochannels: audio.channels,
      stereo: audio.channels === 2,
    }),
    encoder: 'Tidecast',
  };
  return encode(['@setDataFrame', 'onMetaData', new AmfArray(entries)]);
}
