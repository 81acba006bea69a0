/** The stages of glass-to-glass, for pages that do without zod, too. */

/**
 * The way of one picture from the camera to the screen, in order. Each is the time until the next begins; null: not known,
 * and then it is part of the next one that is.
 */
export const GLASS_STAGES = [
  /** from the camera's shutter (or the frame's coming to the page) until the page composes */
  'capture',
  /** composing, converting, and on to the encoder */
  'compose',
  'encode',
  /** from the encoder to the publisher's socket */
  'publish',
  /** in another quality than the publisher's: decoding, scaling and encoding on the live server */
  'ladder',
  /** until the live server has it, and while it is there: for HLS also until its part is complete */
  'server',
  /** from the live server to the player */
  'network',
  /** in the player, until the decoder takes it */
  'buffer',
  'decode',
  /** from the decoder to the screen */
  'render',
] as const;

export type GlassStage = (typeof GLASS_STAGES)[number];
