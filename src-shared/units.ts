/** Conversions between the units that names carry. */

export const US_PER_MS = 1_000;
export const US_PER_S = 1_000_000;
export const AUDIO_SAMPLE_RATE_HZ = 48_000;
export const AUDIO_CHANNELS = 2;
/** Length of the flash and of the beep of an A/V test source. */
export const AV_TEST_PULSE_MS = 100;

/** Presentation time of an output tick, in microseconds since the engine's epoch. */
export function tickToUs(tick: number, frameRate: number): number {
  return Math.round((tick * US_PER_S) / frameRate);
}

/** The output tick that is due at a time, in microseconds since the engine's epoch. */
export function usToTick(timeUs: number, frameRate: number): number {
  return Math.floor((timeUs * frameRate) / US_PER_S);
}

/** Presentation time of an audio sample, in microseconds since the engine's epoch. @param rateHz samples a second */
export function samplesToUs(samples: number, rateHz = AUDIO_SAMPLE_RATE_HZ): number {
  return Math.round((samples * US_PER_S) / rateHz);
}

/** Bytes of one I420 picture: a full-size luma plane and two quarter-size chroma planes. Sizes are even. */
export function i420Bytes(width: number, height: number): number {
  return (width * height * 3) / 2;
}

export function dbToGain(gainDb: number): number {
  return 10 ** (gainDb / 20);
}

/** Linear amplitude (full scale 1) to dBFS; silence is floored at -120. */
export function gainToDb(gain: number): number {
  return gain <= 1e-6 ? -120 : 20 * Math.log10(gain);
}
