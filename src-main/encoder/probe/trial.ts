/** One encoder opened and given pictures, as the probe does it again and again with other settings. */
import { VideoSettings } from '../../../src-shared/domain/rendition.ts';
import { describeEncoder, type VideoEncoderName } from '../../../src-shared/domain/video-encoder.ts';
import type { AccessUnit } from '../video/back-end.ts';
import type { ProbeMeans, TestPicture } from './means.ts';

export interface TrialPlan {
  pictures: number;
  /** ticks at which an IDR is asked for */
  idrAt?: number;
  /** the tick from which the bitrate is another */
  bitrateAt?: { tick: number; bitrateKbps: number };
}

export interface TrialResult {
  units: AccessUnit[];
  /** how many pictures had gone in when the first packet came out */
  firstAfter: number;
  encodeMs: number;
}

/** As many different pictures as it takes to be no still. */
const PICTURES = 4;
export const PROBE_FRAME_RATE = 30;

export function probeSettings(encoder: VideoEncoderName, more: Partial<VideoSettings>): VideoSettings {
  const size = { widthPx: 320, heightPx: 180 };
  const { codec } = describeEncoder(encoder);
  return VideoSettings.parse({ ...size, frameRate: PROBE_FRAME_RATE, bitrateKbps: 2_000, codec, encoder, preset: 'ultrafast', ...more });
}

/** @throws StudioError encoder.open-failed, encoder.crashed */
export async function tryEncoder(
  means: ProbeMeans,
  settings: VideoSettings,
  { pictures, idrAt, bitrateAt }: TrialPlan,
): Promise<TrialResult> {
  const units: AccessUnit[] = [];
  let given = 0;
  let firstAfter = Number.POSITIVE_INFINITY;
  const encoder = await means.open(settings, (unit) => {
    firstAfter = Math.min(firstAfter, given);
    units.push(unit);
  });
  const shown: TestPicture[] = [];
  try {
    for (let index = 0; index < Math.min(pictures, PICTURES); index++) {
      shown.push(means.picture(settings, encoder, index));
    }
    const startMs = performance.now();
    for (; given < pictures; ) {
      const picture = shown[given % PICTURES];
      if (!picture) break;
      if (given === bitrateAt?.tick) encoder.setBitrate(bitrateAt.bitrateKbps);
      await encoder.encode(picture, given++, given - 1 === idrAt);
    }
    await encoder.flush();
    return { units, firstAfter, encodeMs: performance.now() - startMs };
  } finally {
    await encoder.close();
    for (const picture of shown) picture.free();
  }
}

/** Whether it opens with these settings. */
export async function opens(means: ProbeMeans, settings: VideoSettings): Promise<boolean> {
  try {
    if (!means.tellsWhenOpened) return (await tryEncoder(means, settings, { pictures: 1 })).units.length > 0;
    await (await means.open(settings, () => {})).close();
    return true;
  } catch {
    return false;
  }
}
