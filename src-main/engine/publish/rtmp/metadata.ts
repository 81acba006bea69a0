import type { AudioHeader, MediaHeader, VideoHeader } from '../../../process/packet.ts';
import { AmfArray, type AmfObject, encode } from '../../../wire/amf0.ts';
import { fourCcNumber } from '../../../wire/flv-extended.ts';
import { AUDIO_FOURCC } from '../../../wire/flv-extended-audio.ts';
import { VIDEO_FOURCC } from '../../../wire/flv-extended-video.ts';

/** FLV's numbers, E.5. What has none has its four characters as a number (Enhanced RTMP, Enhancing onMetaData). */
const NUMBERS: Record<string, number> = { h264: 7, aac: 10 };

export interface TrackHeader {
  track: number;
  header: MediaHeader;
}

/**
 * onMetaData as RTMP carries it; servers hand it on to players.
 * @param others tracks besides the default ones
 */
export function buildOnMetaData(video: VideoHeader | null, audio: AudioHeader | null, others: readonly TrackHeader[] = []): Uint8Array {
  const entries = {
    duration: 0,
    ...(video && describeVideo(video, NUMBERS[video.codec])),
    ...(audio && {
      audiocodecid: NUMBERS[audio.codec] ?? fourCcNumber(AUDIO_FOURCC[audio.codec]),
      audiodatarate: audio.bitrateKbps,
      audiosamplerate: audio.sampleRateHz,
      audiosamplesize: 16,
      audiochannels: audio.channels,
      stereo: audio.channels === 2,
    }),
    ...trackMaps(others),
    encoder: 'Tidecast',
  };
  return encode(['@setDataFrame', 'onMetaData', new AmfArray(entries)]);
}

function describeVideo({ widthPx, heightPx, frameRate, bitrateKbps, codec }: VideoHeader, number?: number): AmfObject {
  const videocodecid = number ?? fourCcNumber(VIDEO_FOURCC[codec]);
  return { width: widthPx, height: heightPx, framerate: frameRate, videocodecid, videodatarate: bitrateKbps };
}

/** Tracks from 1 on, by number. @see Enhanced RTMP v2, Enhancing onMetaData */
function trackMaps(others: readonly TrackHeader[]): AmfObject {
  const video: [string, AmfObject][] = [];
  const audio: [string, AmfObject][] = [];
  for (const { track, header } of others) {
    if (header.kind === 'video') video.push([`${track}`, describeVideo(header)]);
    else {
      const { bitrateKbps, channels, sampleRateHz, codec } = header;
      const about = { audiodatarate: bitrateKbps, channels, samplerate: sampleRateHz, audiocodecid: fourCcNumber(AUDIO_FOURCC[codec]) };
      audio.push([`${track}`, about]);
    }
  }
  return {
    ...(video.length > 0 && { videoTrackIdInfoMap: Object.fromEntries(video) }),
    ...(audio.length > 0 && { audioTrackIdInfoMap: Object.fromEntries(audio) }),
  };
}
