/** Which rungs a show may have, what each costs, and how many of them this machine can make. Pure. */
import type { LadderStep } from '../../../src-shared/domain/ladder.ts';
import { VideoSettings } from '../../../src-shared/domain/rendition.ts';
import type { VideoCodec } from '../../../src-shared/domain/video-encoder.ts';
import { leastLevel } from '../../encoder/options/levels.ts';

/** What the ladder has to know of the picture that it is made from. */
export interface SourcePicture {
  codec: VideoCodec | 'vp9';
  widthPx: number;
  heightPx: number;
  frameRate: number;
  /** null: nobody knows */
  bitrateKbps: number | null;
}

/** A rendition in H.264, made from the source's pictures with IDRs where the source has them. */
export interface RungPlan {
  /** by its shorter side: "480p" */
  name: string;
  video: VideoSettings;
  /** as in RFC 6381 */
  codecString: string;
}

/** the shorter side, and kbps at 30 pictures a second */
const STEPS: readonly [sidePx: number, bitrateKbps: number][] = [
  [1080, 4_500],
  [720, 2_500],
  [480, 1_200],
  [360, 700],
  [240, 350],
];
const RUNGS_MAX = 3;
/** of what is above it: a rung that takes hardly less is of no use to anyone */
const SIDE_MOST = 0.9;
const BITRATE_MOST = 0.7;
const BITRATE_LEAST_KBPS = 150;
/** H.264 needs so much more than HEVC, VP9 and AV1 for the same picture */
const H264_FACTOR = 1.5;
const HIGH_RATE_FPS = 40;
const HIGH_RATE_FACTOR = 1.5;
/** a GOP of the rung's own, where the source has none for so long */
const KEYFRAME_INTERVAL_S = 10;
/** what the decoder's buffer holds: with it, 2 s of a rung are at most 1.25 times its bitrate */
const BUFFER_S = 0.5;
export const PEAK_FACTOR = 1.25;

/**
 * The best first. Never larger than the source; of HEVC, AV1 and VP9 also one of the source's size, so that every browser
 * can watch.
 * @param wanted those that are to be had at most
 */
export function rungsFor(source: SourcePicture, wanted: 'auto' | readonly LadderStep[] = 'auto'): RungPlan[] {
  const side = Math.min(source.widthPx, source.heightPx);
  const smaller = STEPS.filter(([sidePx]) => sidePx <= side * SIDE_MOST);
  const steps =
    wanted === 'auto' ? smaller.slice(0, RUNGS_MAX) : smaller.filter(([sidePx]) => wanted.some((step) => step === `${sidePx}p`));
  const equivalent = source.codec !== 'h264';
  const sides = equivalent ? [side, ...steps.map(([sidePx]) => sidePx)] : steps.map(([sidePx]) => sidePx);
  let aboveKbps = source.bitrateKbps === null ? null : source.bitrateKbps * (equivalent ? H264_FACTOR / BITRATE_MOST : 1);
  return sides.map((sidePx) => {
    const usualKbps = usualBitrate(sidePx, source.frameRate);
    const bitrateKbps = Math.round(
      Math.max(BITRATE_LEAST_KBPS, Math.min(usualKbps, (aboveKbps ?? Number.POSITIVE_INFINITY) * BITRATE_MOST)),
    );
    aboveKbps = bitrateKbps;
    return planRung(source, sidePx, bitrateKbps);
  });
}

/** Between the steps it goes with the area. */
function usualBitrate(sidePx: number, frameRate: number): number {
  const [stepPx, stepKbps] = STEPS.find(([stepPx]) => stepPx <= sidePx) ?? (STEPS.at(-1) as [number, number]);
  return stepKbps * (sidePx / stepPx) ** 1.5 * (frameRate > HIGH_RATE_FPS ? HIGH_RATE_FACTOR : 1);
}

function planRung(source: SourcePicture, sidePx: number, bitrateKbps: number): RungPlan {
  const scale = sidePx / Math.min(source.widthPx, source.heightPx);
  const video = VideoSettings.parse({
    widthPx: even(source.widthPx * scale),
    heightPx: even(source.heightPx * scale),
    frameRate: source.frameRate,
    bitrateKbps,
    bufferS: BUFFER_S,
    keyframeIntervalS: KEYFRAME_INTERVAL_S,
    preset: 'veryfast',
    tune: 'zerolatency',
    profile: 'main',
  });
  const level = leastLevel(video);
  return { name: `${sidePx}p`, video: { ...video, level }, codecString: mainProfile(level) };
}

const even = (px: number) => Math.max(64, 2 * Math.round(px / 2));

/** Main profile as x264 writes it, with constraint_set1_flag. @see ITU-T H.264, A.2.2; ISO/IEC 14496-15, annex E.3 */
function mainProfile(level: string | null): string {
  const number = Math.round(Number(level ?? '5.2') * 10);
  return `avc1.4d40${number.toString(16).padStart(2, '0')}`;
}

/** Of a core, for each luma sample: measured with 720p to 540p, 360p and 240p, 25 ms of CPU a source picture. */
const DECODE_NS = 5.5;
const RUNG_NS = 24;
/** the studio's own encoder and the viewers live on this machine, too */
const CORES_MOST = 0.5;

export const decodeCores = ({ widthPx, heightPx, frameRate }: SourcePicture) => widthPx * heightPx * frameRate * DECODE_NS * 1e-9;
export const rungCores = ({ video }: RungPlan) => video.widthPx * video.heightPx * video.frameRate * RUNG_NS * 1e-9;

/** Cores that all ladders of a machine may take. */
export const ladderCores = (cores: number) => cores * CORES_MOST;

/**
 * Those that can be had on so many cores, all at once: from the cheapest up, but first of all, if it fits, the one that stands in
 * for the source where browsers cannot play that. The cheapest is always tried: whether it works shows when it falls behind.
 */
export function affordable(rungs: readonly RungPlan[], source: SourcePicture, cores: number): RungPlan[] {
  const cheapestFirst = rungs.toSorted((a, b) => rungCores(a) - rungCores(b));
  let left = cores - decodeCores(source);
  const taken = new Set<RungPlan>();
  const standIn = source.codec === 'h264' ? undefined : rungs[0];
  const order = standIn && rungCores(standIn) <= left ? [standIn, ...cheapestFirst.filter((rung) => rung !== standIn)] : cheapestFirst;
  for (const rung of order) {
    left -= rungCores(rung);
    if (taken.size > 0 && left < 0) break;
    taken.add(rung);
  }
  return rungs.filter((rung) => taken.has(rung));
}
