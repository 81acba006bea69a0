/** What a master playlist says of an output, measured in its segments. */
import type { Variant } from '../../../wire/hls/master-playlist.ts';
import type { Ladder } from '../../ladder/ladder.ts';
import { PEAK_FACTOR } from '../../ladder/policy.ts';
import type { HlsFormat } from './muxers.ts';
import type { HlsOutput } from './output.ts';

/** what is to come may be larger than what was measured so far */
const PEAK_MARGIN = 1.25;
const FRAME_RATES = [10, 12, 15, 20, 24_000 / 1_001, 24, 25, 30_000 / 1_001, 30, 48, 50, 60_000 / 1_001, 60, 90, 100, 120];
/** RTMP has whole milliseconds: a rate measured over seconds is off by so much at most */
const MEASURED_WITHIN = 0.002;

export function describeVariant(output: HlsOutput, uri: string): Variant {
  const { video, audio } = output.streamFormat;
  const segments = output.window.listed;
  const rates = segments.map(({ sizeBytes, durationMs }) => (sizeBytes * 8_000) / Math.max(1, durationMs));
  const bytes = segments.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  const lengthMs = segments.reduce((sum, { durationMs }) => sum + durationMs, 0);
  const pictures = segments.reduce((sum, { parts }) => sum + parts.reduce((count, part) => count + part.pictures, 0), 0);
  const averageBps = (bytes * 8_000) / Math.max(1, lengthMs);
  const { widthPx, heightPx } = video ?? { widthPx: 0, heightPx: 0 };
  return {
    uri,
    peakBps: Math.max(...rates) * PEAK_MARGIN,
    averageBps,
    codecs: [video?.codecString, audio?.codecString].filter((codec) => codec !== undefined),
    picture: video ? { widthPx, heightPx, frameRate: nearestRate((pictures * 1_000) / Math.max(1, lengthMs)) } : null,
  };
}

/** what fragments, or packets of MPEG-TS, add to the media */
const CONTAINER_FACTOR = { fmp4: 1.02, ts: 1.1 } as const;

/** Rungs as they are planned, whether they are made already or not: nobody has measured those that are not. */
export function describeRungs(ladder: Ladder | null, format: HlsFormat, uri: (name: string) => string): Variant[] {
  const { audio = null, audioKbps = 0 } = ladder?.format ?? {};
  if (format === 'ts' && audio && audio.codec !== 'aac') return []; // sound is passed on as it is
  return (ladder?.offers ?? []).map(({ name, video, codecString }) => {
    const { widthPx, heightPx, frameRate, bitrateKbps } = video;
    const factor = 1_000 * CONTAINER_FACTOR[format];
    return {
      uri: uri(name),
      peakBps: (bitrateKbps * PEAK_FACTOR + audioKbps) * factor,
      averageBps: (bitrateKbps + audioKbps) * factor,
      codecs: [codecString, ...(audio ? [audio.codecString] : [])],
      picture: { widthPx, heightPx, frameRate },
    };
  });
}

/** The rate that is meant by a measured one. */
export function nearestRate(measured: number): number {
  const [nearest = measured] = FRAME_RATES.toSorted((a, b) => Math.abs(a - measured) - Math.abs(b - measured));
  return Math.abs(nearest - measured) <= measured * MEASURED_WITHIN ? nearest : measured;
}
