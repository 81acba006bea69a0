/** RNNoise in a chain: frames of 10 ms at 16-bit scale, gathered from blocks. */
import type { Processor } from './processor.ts';

const FRAME = 480;
const SCALE = 32_768;
/** Both sides the same for half a second: they come out the same, too. */
const MONO_FRAMES = 50;

/** One channel's denoiser. @see https://jmvalin.ca/demo/rnnoise */
export interface Denoiser {
  /** where the frame is put, and taken from; in WebAssembly memory, which may move */
  readonly frame: Float32Array;
  process(): void;
  close(): void;
}

/** A channel, with the frame that is being gathered and the one that is being given out. */
class Channel {
  readonly gathered = new Float32Array(FRAME);
  readonly cleaned = new Float32Array(FRAME);
  readonly denoiser: Denoiser;

  constructor(denoiser: Denoiser) {
    this.denoiser = denoiser;
  }

  run(): void {
    const { frame } = this.denoiser;
    for (let n = 0; n < FRAME; n++) frame[n] = this.gathered[n]! * SCALE;
    this.denoiser.process();
    const cleaned = this.denoiser.frame;
    for (let n = 0; n < FRAME; n++) this.cleaned[n] = cleaned[n]! / SCALE;
  }
}

export class NoiseSuppression implements Processor<unknown> {
  /** a frame is gathered, and RNNoise itself looks one ahead */
  readonly latencyFrames = 2 * FRAME;
  readonly #left: Channel;
  readonly #right: Channel;
  #at = 0;
  #equalFrames = MONO_FRAMES;

  constructor(open: () => Denoiser) {
    this.#left = new Channel(open());
    this.#right = new Channel(open());
  }

  set(): void {}

  process(left: Float32Array, right: Float32Array): void {
    for (let n = 0; n < left.length; n++) {
      this.#left.gathered[this.#at] = left[n]!;
      this.#right.gathered[this.#at] = right[n]!;
      left[n] = this.#left.cleaned[this.#at]!;
      right[n] = this.#right.cleaned[this.#at]!;
      if (++this.#at === FRAME) this.#run();
    }
  }

  close(): void {
    this.#left.denoiser.close();
    this.#right.denoiser.close();
  }

  /** Most microphones are one channel on both sides: it is worked on once. */
  #run(): void {
    this.#at = 0;
    this.#left.run();
    this.#equalFrames = this.#isEqual() ? this.#equalFrames + 1 : 0;
    if (this.#equalFrames > MONO_FRAMES) this.#right.cleaned.set(this.#left.cleaned);
    else this.#right.run();
  }

  #isEqual(): boolean {
    const left = this.#left.gathered;
    const right = this.#right.gathered;
    for (let n = 0; n < FRAME; n++) if (left[n] !== right[n]) return false;
    return true;
  }
}
