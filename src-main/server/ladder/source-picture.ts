/** What the ladder is made from, as the stream's headers and metadata tell it. */
import { findPictureTimes, type PictureTimes } from '../../../src-shared/picture-times.ts';
import type { AmfObject } from '../../wire/amf0.ts';
import { parseMetadata, parseVideoBody } from '../../wire/flv.ts';
import { isExVideoBody, parseExVideoBody } from '../../wire/flv-extended-video.ts';
import type { MediaFrame, StreamHeaders } from '../hub/frame.ts';
import { type AudioFormat, readAudioHeader, readVideoHeader } from '../out/hls/media-format.ts';
import type { SourcePicture } from './policy.ts';

const VP9 = 'vp09';
const RATE_UNKNOWN_FPS = 30;
const RATE_MOST_FPS = 120;
/** so many pictures tell the rate, where the publisher does not */
const COUNTED_LEAST = 10;

export interface SourceVideo extends SourcePicture {
  /** avcC, hvcC, av1C; of VP9 nothing that a decoder needs */
  config: Uint8Array | null;
  /** as in RFC 6381 */
  codecString: string;
}

export interface SourceFormat {
  video: SourceVideo | null;
  audio: AudioFormat | null;
  /** 0: no sound */
  audioKbps: number;
  /** the publisher's onMetaData */
  metadata: AmfObject;
}

const AUDIO_KBPS = 160;

/** @param frames lately, for what the headers do not tell. @returns null for what cannot be read, or is not there */
export function readSource({ metadata: script, video, audio }: StreamHeaders, frames: readonly MediaFrame[]): SourceFormat {
  const metadata = (script && attempt(() => parseMetadata(script))) || {};
  return {
    video: video && readVideo(video, metadata, frames),
    audio: audio && attempt(() => readAudioHeader(audio)),
    audioKbps: audio ? (number(metadata, 'audiodatarate') ?? AUDIO_KBPS) : 0,
    metadata,
  };
}

/** The coded picture in a tag. @returns null for one that cannot be read */
export const pictureIn = (body: Uint8Array): Uint8Array | null =>
  attempt(() => (isExVideoBody(body) ? (parseExVideoBody(body).tracks[0]?.data ?? null) : parseVideoBody(body).data));

/** The times that a publisher of ours gave it; null where there are none, as in AV1 and VP9 there cannot be. */
export const timesIn = (picture: Uint8Array, video: SourceVideo | null): PictureTimes | null =>
  video?.codec === 'h264' || video?.codec === 'hevc' ? findPictureTimes(picture, video.codec) : null;

function readVideo(header: Uint8Array, entries: AmfObject, frames: readonly MediaFrame[]): SourceVideo | null {
  const frameRate = rateOf(entries, frames);
  const bitrateKbps = number(entries, 'videodatarate');
  const format = attempt(() => readVideoHeader(header));
  if (format) {
    const { codec, config, codecString, widthPx, heightPx } = format;
    return { codec, config, codecString, widthPx, heightPx, frameRate, bitrateKbps };
  }
  const [widthPx, heightPx] = [number(entries, 'width'), number(entries, 'height')];
  if (!widthPx || !heightPx || !isVp9(header)) return null; // its header does not tell the size
  return { codec: 'vp9', config: null, codecString: VP9, widthPx, heightPx, frameRate, bitrateKbps };
}

const isVp9 = (header: Uint8Array) => isExVideoBody(header) && attempt(() => parseExVideoBody(header))?.tracks[0]?.fourCc === VP9;

/** As the publisher says; else counted. */
function rateOf(entries: AmfObject, frames: readonly MediaFrame[]): number {
  const said = number(entries, 'framerate');
  if (said && said <= RATE_MOST_FPS) return said;
  const pictures = frames.filter(({ kind }) => kind === 'video');
  const [first, last] = [pictures[0], pictures.at(-1)];
  if (!first || !last || pictures.length < COUNTED_LEAST) return RATE_UNKNOWN_FPS;
  const counted = ((pictures.length - 1) * 1_000) / Math.max(1, last.timestampMs - first.timestampMs);
  return Math.min(RATE_MOST_FPS, Math.max(1, Math.round(counted)));
}

function number(entries: AmfObject, name: string): number | null {
  const value = entries[name];
  return typeof value === 'number' && Number.isFinite(value) && value >= 1 ? value : null;
}

function attempt<T>(read: () => T): T | null {
  try {
    return read();
  } catch {
    return null; // what is broken here is told by who plays it
  }
}
