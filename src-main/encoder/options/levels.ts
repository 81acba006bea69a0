/** Levels: what a decoder is promised. One that is too low for what is encoded some encoders refuse to open with. */
import type { VideoSettings } from '../../../src-shared/domain/rendition.ts';
import { describeEncoder, type VideoCodec } from '../../../src-shared/domain/video-encoder.ts';

/** Largest picture and most a second, in luma samples (H.264: in macroblocks of 256), and the highest bitrate. */
type Limits = [picture: number, perSecond: number, kbps: number];

const LIMITS: Record<VideoCodec, Record<string, Limits>> = {
  /** ITU-T H.264, table A-1 */
  h264: {
    '1.0': [99, 1_485, 64],
    '1.1': [396, 3_000, 192],
    '1.2': [396, 6_000, 384],
    '1.3': [396, 11_880, 768],
    '2.0': [396, 11_880, 2_000],
    '2.1': [792, 19_800, 4_000],
    '2.2': [1_620, 20_250, 4_000],
    '3.0': [1_620, 40_500, 10_000],
    '3.1': [3_600, 108_000, 14_000],
    '3.2': [5_120, 216_000, 20_000],
    '4.0': [8_192, 245_760, 20_000],
    '4.1': [8_192, 245_760, 50_000],
    '4.2': [8_704, 522_240, 50_000],
    '5.0': [22_080, 589_824, 135_000],
    '5.1': [36_864, 983_040, 240_000],
    '5.2': [36_864, 2_073_600, 240_000],
    '6.0': [139_264, 4_177_920, 240_000],
    '6.1': [139_264, 8_355_840, 480_000],
    '6.2': [139_264, 16_711_680, 800_000],
  },
  /** ITU-T H.265, tables A.8 and A.9, Main tier */
  hevc: {
    '1.0': [36_864, 552_960, 128],
    '2.0': [122_880, 3_686_400, 1_500],
    '2.1': [245_760, 7_372_800, 3_000],
    '3.0': [552_960, 16_588_800, 6_000],
    '3.1': [983_040, 33_177_600, 10_000],
    '4.0': [2_228_224, 66_846_720, 12_000],
    '4.1': [2_228_224, 133_693_440, 20_000],
    '5.0': [8_912_896, 267_386_880, 25_000],
    '5.1': [8_912_896, 534_773_760, 40_000],
    '5.2': [8_912_896, 1_069_547_520, 60_000],
    '6.0': [35_651_584, 1_069_547_520, 60_000],
    '6.1': [35_651_584, 2_139_095_040, 120_000],
    '6.2': [35_651_584, 4_278_190_080, 240_000],
  },
  /** AV1 Bitstream & Decoding Process, A.3, Main tier; it leaves 2.2, 2.3, 3.2 and the like undefined */
  av1: {
    '2.0': [147_456, 4_423_680, 1_500],
    '2.1': [278_784, 8_363_520, 3_000],
    '3.0': [665_856, 19_975_680, 6_000],
    '3.1': [1_065_024, 31_950_720, 10_000],
    '4.0': [2_359_296, 70_778_880, 12_000],
    '4.1': [2_359_296, 141_557_760, 20_000],
    '5.0': [8_912_896, 267_386_880, 30_000],
    '5.1': [8_912_896, 534_773_760, 40_000],
    '5.2': [8_912_896, 1_069_547_520, 60_000],
    '5.3': [8_912_896, 1_069_547_520, 60_000],
    '6.0': [35_651_584, 1_069_547_520, 60_000],
    '6.1': [35_651_584, 2_139_095_040, 100_000],
    '6.2': [35_651_584, 4_278_190_080, 160_000],
    '6.3': [35_651_584, 4_278_190_080, 160_000],
  },
};

/** The level as "4.0"; null when none is asked for, when the codec has no such, or when it is too low for these settings. */
export function levelOf(settings: VideoSettings): string | null {
  if (settings.level === null) return null;
  const level = settings.level.includes('.') ? settings.level : `${settings.level}.0`;
  const { codec } = describeEncoder(settings.encoder);
  const limits = LIMITS[codec][level];
  return limits && fits(settings, codec, limits) ? level : null;
}

/** The lowest level that these settings fit into, as "4.0"; null when there is none. */
export function leastLevel(settings: VideoSettings): string | null {
  const { codec } = describeEncoder(settings.encoder);
  return Object.entries(LIMITS[codec]).find(([, limits]) => fits(settings, codec, limits))?.[0] ?? null;
}

function fits(settings: VideoSettings, codec: VideoCodec, [picture, perSecond, kbps]: Limits): boolean {
  const { widthPx, heightPx, frameRate, rateControl, bitrateKbps, maxBitrateKbps } = settings;
  const size = codec === 'h264' ? Math.ceil(widthPx / 16) * Math.ceil(heightPx / 16) : widthPx * heightPx;
  const peakKbps = rateControl === 'vbr' ? Math.max(bitrateKbps, maxBitrateKbps ?? 1.5 * bitrateKbps) : bitrateKbps;
  return size <= picture && size * frameRate <= perSecond && (rateControl === 'cq' || peakKbps <= kbps);
}

/** "4.0" as "4", which some of FFmpeg's tables write. */
export const shortLevel = (level: string | null) => level?.replace(/\.0$/, '') ?? null;
