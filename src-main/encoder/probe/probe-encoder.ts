/** What one encoder can do, found by encoding with it. Software is the same everywhere: of that a table tells more. */
import type { EncoderCapabilities, EncoderSkills } from '../../../src-shared/domain/encoder-capabilities.ts';
import type { VideoSettings } from '../../../src-shared/domain/rendition.ts';
import { describeEncoder, type VideoEncoderName } from '../../../src-shared/domain/video-encoder.ts';
import { encoderOptions } from '../options/encoder-options.ts';
import type { ProbeMeans } from './means.ts';
import { unavailableReason } from './reason.ts';
import { surroundings } from './surroundings.ts';
import { opens, probeSettings, type TrialResult, tryEncoder } from './trial.ts';

const LARGEST = { maxWidthPx: 7_680, maxHeightPx: 4_320 };
/** From the largest, which is tried first. VAAPI takes 20 surfaces of the size at once: no 8K from there. */
const SIZES = [LARGEST, { maxWidthPx: 3_840, maxHeightPx: 2_160 }, { maxWidthPx: 1_920, maxHeightPx: 1_080 }];

/** A picture further, an IDR is asked for; half way, the bitrate falls to a quarter. */
const TRIAL = { pictures: 36, idrAt: 7, bitrateAt: { tick: 16, bitrateKbps: 500 } };
const FEW_PICTURES = 6;
/** After the change an encoder may take some pictures to follow. */
const SETTLED_AT = 24;

/** What FFmpeg has said since the last time it was asked for. */
export type Said = () => Promise<string[]>;

/**
 * @param measured whether everything is tried, as with hardware
 * @returns never rejects: whatever fails is the reason
 */
export async function probeEncoder(
  means: ProbeMeans,
  encoder: VideoEncoderName,
  said: Said,
  measured: boolean = describeEncoder(encoder).hardware,
): Promise<EncoderCapabilities> {
  try {
    const settings = probeSettings(encoder, { keyframeIntervalS: 10 });
    const trial = await tryEncoder(means, settings, measured ? TRIAL : { pictures: FEW_PICTURES });
    if (!trial.units.some(({ key }) => key)) return unavailable(encoder, { code: 'no-keyframe', detail: '' });
    return { encoder, available: true, skills: measured ? await measuredSkills(means, encoder, trial) : knownSkills(means, encoder) };
  } catch (error) {
    const fallback = error instanceof Error ? error.message : String(error);
    const lines = await said();
    return unavailable(encoder, unavailableReason(encoder, lines.length > 0 ? lines : [fallback], fallback, surroundings()));
  }
}

const unavailable = (encoder: VideoEncoderName, reason: Extract<EncoderCapabilities, { available: false }>['reason']) =>
  ({ encoder, available: false, reason }) satisfies EncoderCapabilities;

/** To try all of it would cost a start seconds of CPU; tests/integration/encoder-probe.test.ts does, and finds the same. */
function knownSkills(means: ProbeMeans, encoder: VideoEncoderName): EncoderSkills {
  const { inPlaceBitrate, onDemandIdr } = means.abilitiesOf(encoder);
  const bFrames = encoder !== 'libsvtav1'; // it orders its pictures itself
  return { bFrames, tenBit: true, inPlaceBitrate, onDemandIdr, lowLatency: true, ...LARGEST, maxFps1080p: null };
}

async function measuredSkills(means: ProbeMeans, encoder: VideoEncoderName, { units, firstAfter }: TrialResult): Promise<EncoderSkills> {
  const hd = { widthPx: 1_920, heightPx: 1_080, bitrateKbps: 6_000 };
  const timed = await tryEncoder(means, probeSettings(encoder, hd), { pictures: 12 }).catch(() => null);
  return {
    bFrames: await hasBFrames(means, encoder),
    tenBit: await hasTenBit(means, encoder),
    inPlaceBitrate: followsBitrate(units),
    onDemandIdr: units.some(({ key, pts }) => key && pts === TRIAL.idrAt),
    lowLatency: firstAfter <= 1,
    ...(await largest(means, encoder)),
    maxFps1080p: timed && Math.round(12_000 / timed.encodeMs),
  };
}

/** Its packets shrink with the bitrate, without a keyframe that another encoder would have begun with. */
function followsBitrate(units: TrialResult['units']): boolean {
  const { tick } = TRIAL.bitrateAt;
  const before = units.filter(({ pts, key }) => pts > TRIAL.idrAt && pts < tick && !key);
  const after = units.filter(({ pts }) => pts >= SETTLED_AT);
  const mean = (some: typeof units) => some.reduce((bytes, { data }) => bytes + data.length, 0) / Math.max(1, some.length);
  return before.length > 0 && after.length > 0 && !after.some(({ key }) => key) && mean(after) < 0.6 * mean(before);
}

async function hasBFrames(means: ProbeMeans, encoder: VideoEncoderName): Promise<boolean> {
  const settings = probeSettings(encoder, { tune: 'none', bFrames: 2 });
  if (lacks(settings, 'bFrames')) return false;
  const { units } = await tryEncoder(means, settings, { pictures: 9 }).catch(() => ({ units: [] }));
  return units.some(({ pts }, index) => pts < (units[index - 1]?.pts ?? pts));
}

async function hasTenBit(means: ProbeMeans, encoder: VideoEncoderName): Promise<boolean> {
  const settings = probeSettings(encoder, { bitDepth: 10 });
  if (lacks(settings, 'bitDepth')) return false;
  const { units } = await tryEncoder(means, settings, { pictures: 3 }).catch(() => ({ units: [] }));
  return units.length > 0;
}

const lacks = (settings: VideoSettings, what: keyof VideoSettings) =>
  encoderOptions(settings).ignored.some(({ setting }) => setting === what);

async function largest(means: ProbeMeans, encoder: VideoEncoderName): Promise<{ maxWidthPx: number; maxHeightPx: number }> {
  const sizes = describeEncoder(encoder).family === 'vaapi' ? SIZES.slice(1) : SIZES;
  for (const size of sizes) {
    const settings = probeSettings(encoder, { widthPx: size.maxWidthPx, heightPx: size.maxHeightPx, bitrateKbps: 20_000 });
    if (await opens(means, settings)) return size;
  }
  return { maxWidthPx: 1_280, maxHeightPx: 720 };
}
