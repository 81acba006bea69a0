/** A step in a strip's chain: works on blocks of up to 128 frames at 48 kHz, and allocates nothing while it does. */
export interface Processor<Settings> {
  /** how much later sound comes out, in frames */
  readonly latencyFrames: number;
  /** Takes effect with the next block; what has been heard stays in the filter, so that nothing clicks. */
  set(settings: Settings): void;
  /**
   * In place, both of the same length.
   * @param key the strip that is listened to instead, where the settings name one; silence otherwise
   */
  process(left: Float32Array, right: Float32Array, key: StereoBlock): void;
}

export interface StereoBlock {
  readonly left: Float32Array;
  readonly right: Float32Array;
}

export const BLOCK_FRAMES = 128;
