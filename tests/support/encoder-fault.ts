/**
 * A driver that fails, in a real encoder process: `NODE_OPTIONS=--import=<this file>` loads it there before everything
 * else, and it makes FFmpeg's `avcodec_send_frame` and `avcodec_open2` fail as they do when a driver is lost. The product
 * knows nothing of it.
 *
 * TIDECAST_FAULT=frame:N        the Nth picture given to a video encoder of a process fails, and all after it
 * TIDECAST_FAULT=signal         likewise from the next picture after a SIGUSR2 on
 * TIDECAST_FAULT=encoder:NAME   that encoder cannot be opened, as when all sessions of a graphics card are taken
 * TIDECAST_FAULT=slow:MS:PX     a picture of PX pixels takes MS more, others less or more by their size
 */
import { pathToFileURL } from 'node:url';

/** AVERROR_EXTERNAL: what NVENC and QSV answer when their device is gone */
const AVERROR_EXTERNAL = -542_398_533;

/** For `startHost({ env })`. */
export function encoderFault(fault: string): Record<string, string> {
  return { NODE_OPTIONS: `--import=${pathToFileURL(import.meta.filename).href}`, TIDECAST_FAULT: fault };
}

const [kind, ...values] = (process.env['TIDECAST_FAULT'] ?? '').split(':');

if (kind && process.argv[1]?.includes('encoder/main')) {
  const { CodecContext } = await import('node-av/lib');
  const methods = CodecContext.prototype;
  const { sendFrame, open2, open2Sync } = methods;
  let picturesLeft = kind === 'frame' ? Number(values[0]) : Number.POSITIVE_INFINITY;
  if (kind === 'signal') process.on('SIGUSR2', () => void (picturesLeft = 1));
  methods.sendFrame = async function (frame) {
    const isPicture = this.width > 0 && frame !== null;
    if (isPicture && --picturesLeft <= 0) return AVERROR_EXTERNAL;
    if (isPicture && kind === 'slow') await sleep(Number(values[0]) * ((this.width * this.height) / Number(values[1])));
    return sendFrame.call(this, frame);
  };
  const isRefused = (name: string | null | undefined) => kind === 'encoder' && name === values[0];
  methods.open2Sync = function (codec, options) {
    return isRefused(codec?.name) ? AVERROR_EXTERNAL : open2Sync.call(this, codec, options);
  };
  methods.open2 = async function (codec, options) {
    return isRefused(codec?.name) ? AVERROR_EXTERNAL : open2.call(this, codec, options);
  };
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
