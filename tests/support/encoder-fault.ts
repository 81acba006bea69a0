/**
 * A driver that fails, in a real encoder process: `NODE_OPTIONS=--import=<this file>` loads it there before everything
 * else, and it makes FFmpeg's `avcodec_send_frame` and `avcodec_open2` fail as they do when a driver is lost. The product
 * knows nothing of it.
 *
 * TIDECAST_FAULT=frame:N        the Nth picture given to a video encoder of a process fails, and all after it
 * TIDECAST_FAULT=signal         likewise from the next picture after a SIGUSR2 on
 * TIDECAST_FAULT=encoder:NAME   that encoder cannot be opened, as when all sessions of a graphics card are taken
 * TIDECAST_FAULT=slow:PX:FILE   a picture of PX pixels takes as many ms more as FILE says at the time, others less or more by
 *                               their size; without the file none
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** AVERROR_EXTERNAL: what NVENC and QSV answer when their device is gone */
const AVERROR_EXTERNAL = -542_398_533;

/** For `startHost({ env })`. */
export function encoderFault(fault: string): Record<string, string> {
  return { NODE_OPTIONS: `--import=${pathToFileURL(import.meta.filename).href}`, TIDECAST_FAULT: fault };
}

/** How slow an encoder is, to be changed while it works. Ends with `remove`. */
export class Slowness {
  readonly #folder = mkdtempSync(join(tmpdir(), 'tidecast-slow-'));
  readonly #file = join(this.#folder, 'ms');
  readonly env: Record<string, string>;

  /** @param pixels of the picture that `set` speaks of */
  constructor(pixels: number) {
    this.env = encoderFault(`slow:${pixels}:${this.#file}`);
  }

  /** From the next picture on. */
  set(ms: number): void {
    writeFileSync(this.#file, String(ms));
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }
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
    if (isPicture && kind === 'slow') await sleep(slownessMs() * ((this.width * this.height) / Number(values[0])));
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

function slownessMs(): number {
  try {
    return Number(readFileSync(values.slice(1).join(':'), 'utf8'));
  } catch {
    return 0;
  }
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
