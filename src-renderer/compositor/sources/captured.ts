/** When a device captured a picture. */

/** Chromium's, not yet in the types of dom-webcodecs. @see W3C, VideoFrame Metadata Registry, captureTime */
interface FrameMetadata {
  /** milliseconds since the time origin */
  captureTime?: number;
}

/** Older than so much no live picture is: a clock that is not ours. */
const AGE_MAX_US = 2_000_000;

/**
 * By the device's own word, where the browser passes it on; else when the picture came to us.
 * @param nowUs local time, at which the picture came
 * @returns local time in microseconds
 */
export function capturedUs(frame: { readonly timestamp: number; metadata?: () => FrameMetadata }, nowUs: number): number {
  const { captureTime } = frame.metadata?.() ?? {};
  const us = captureTime === undefined ? nowUs : (performance.timeOrigin + captureTime) * 1_000;
  return us <= nowUs && us > nowUs - AGE_MAX_US ? us : nowUs;
}
