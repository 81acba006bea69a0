/** The two ways a part's samples become bytes. */
import { fragmentHead, type TrackRun } from '../../../wire/mp4/fragment.ts';
import { initSegment } from '../../../wire/mp4/movie.ts';
import type { AudioTrack, VideoTrack } from '../../../wire/mp4/track.ts';
import { TsMuxer } from '../../../wire/mpegts/muxer.ts';
import { WireError } from '../../../wire/wire-error.ts';
import type { AudioFormat, StreamFormat, VideoFormat } from './media-format.ts';
import type { CutPart, MediaSample } from './segmenter.ts';

export type HlsFormat = 'fmp4' | 'ts';

export interface PartMuxer {
  /** Media Initialization Section; null where each part brings its own tables */
  readonly init: Uint8Array | null;
  /** Pieces to be sent one after the other. Samples are not copied where the format allows it. */
  mux(part: CutPart): Uint8Array[];
}

/** @throws WireError for a format that does not fit */
export function createMuxer(kind: HlsFormat, format: StreamFormat): PartMuxer {
  return kind === 'ts' ? createTsMuxer(format) : new FragmentMuxer(format);
}

/** @see RFC 8216bis, 3.1.1; HEVC and AV1 have no place in its MPEG-TS (HLS Authoring Specification, 1.5) */
function createTsMuxer({ video, audio }: StreamFormat): PartMuxer {
  if (video && video.codec !== 'h264') throw new WireError(`${video.codec.toUpperCase()} has no place in MPEG-TS segments`);
  if (audio && audio.codec !== 'aac') throw new WireError('Opus has no place in MPEG-TS segments');
  const muxer = new TsMuxer({ avc: video?.config ?? null, aac: audio?.config ?? null });
  return { init: null, mux: ({ samples }) => muxer.mux(samples) };
}

const VIDEO_ID = 1;
const AUDIO_ID = 2;
/** ticks of pictures; sounds have their sample rate */
const VIDEO_TIMESCALE = 90_000;
/** a rounding error apart, sound goes on without a gap */
const SNAP_TICKS = 1;

/**
 * Movie fragments with both tracks, one a part. Times are the stream's own, without an edit list: a player has to place
 * them in its own timeline anyway.
 * @see RFC 8216bis, 3.1.2
 */
class FragmentMuxer implements PartMuxer {
  readonly init: Uint8Array;
  readonly #sampleRateHz: number;
  #sequence = 0;
  #nextSoundTicks = Number.NEGATIVE_INFINITY;

  constructor({ video, audio }: StreamFormat) {
    this.#sampleRateHz = audio?.sampleRateHz ?? 1;
    const tracks = [...(video ? [videoTrack(video)] : []), ...(audio ? [audioTrack(audio)] : [])];
    this.init = initSegment(tracks, 0);
  }

  mux({ samples, startMs, durationMs }: CutPart): Uint8Array[] {
    const pictures = samples.filter(({ kind }) => kind === 'video');
    const sounds = samples.filter(({ kind }) => kind === 'audio');
    const runs = [
      ...(pictures.length > 0 ? [pictureRun(pictures, startMs + durationMs)] : []),
      ...(sounds.length > 0 ? [this.#soundRun(sounds)] : []),
    ];
    this.#sequence += 1;
    const head = fragmentHead(this.#sequence, runs).bytes;
    return [head, ...runs.flatMap((run) => run.samples.map(({ data }) => data))];
  }

  #soundRun(sounds: readonly MediaSample[]): TrackRun {
    const starts = sounds.map(({ dtsMs, durationMs }) => {
      const ticks = Math.round((dtsMs * this.#sampleRateHz) / 1_000);
      const start = Math.abs(ticks - this.#nextSoundTicks) <= SNAP_TICKS ? this.#nextSoundTicks : ticks;
      this.#nextSoundTicks = start + Math.round((durationMs * this.#sampleRateHz) / 1_000);
      return start;
    });
    return { trackId: AUDIO_ID, decodeTicks: starts[0] ?? 0, samples: withDurations(sounds, starts, this.#nextSoundTicks, () => 0) };
  }
}

function pictureRun(pictures: readonly MediaSample[], endMs: number): TrackRun {
  const ticks = (timeMs: number) => Math.round((timeMs * VIDEO_TIMESCALE) / 1_000);
  const starts = pictures.map(({ dtsMs }) => ticks(dtsMs));
  const offset = ({ ptsMs, dtsMs }: MediaSample) => ticks(ptsMs - dtsMs);
  return { trackId: VIDEO_ID, decodeTicks: starts[0] ?? 0, samples: withDurations(pictures, starts, ticks(endMs), offset) };
}

/** A sample lasts until the next one, so that a gap stays in its place. */
function withDurations(
  samples: readonly MediaSample[],
  starts: readonly number[],
  endTicks: number,
  offset: (sample: MediaSample) => number,
): TrackRun['samples'] {
  return samples.map((sample, i) => ({
    durationTicks: Math.max(1, (starts[i + 1] ?? endTicks) - (starts[i] as number)),
    compositionOffsetTicks: offset(sample),
    key: sample.kind === 'audio' || sample.key,
    data: sample.data,
  }));
}

function videoTrack({ codec, config, widthPx, heightPx }: VideoFormat): VideoTrack {
  return {
    kind: 'video',
    id: VIDEO_ID,
    timescale: VIDEO_TIMESCALE,
    startTicks: 0,
    widthPx,
    heightPx,
    codec,
    descriptions: [{ widthPx, heightPx, config }],
    colour: null,
  };
}

function audioTrack({ codec, config, sampleRateHz, channels }: AudioFormat): AudioTrack {
  return { kind: 'audio', id: AUDIO_ID, timescale: sampleRateHz, startTicks: 0, channels, sampleRateHz, bitrateBps: 0, codec, config };
}
