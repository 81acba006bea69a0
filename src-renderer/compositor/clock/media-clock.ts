/**
 * The engine's clock as every thread of the renderer sees it, in shared memory: the page, the clock worker, the
 * compositor worker, the audio worker and the audio worklets read the same offset.
 * Local time is the process's monotonic time in microseconds (`performance.timeOrigin` makes it equal in all threads).
 */

const OFFSET_US = 0;
const FRAME_RATE = 1;
const AUDIO_ORIGIN_US = 2;
const SLOTS = 3;
const BYTES = SLOTS * 8 + 8;

export function localUs(): number {
  return (performance.timeOrigin + performance.now()) * 1_000;
}

export class MediaClock {
  readonly memory: SharedArrayBuffer;
  readonly #slots: BigInt64Array;
  readonly #wake: Int32Array;
  readonly #bits = new DataView(new ArrayBuffer(8));

  /** @param memory from another thread's MediaClock; without it a new clock that begins at 0 now, at 30 ticks a second */
  constructor(memory?: SharedArrayBuffer) {
    this.memory = memory ?? new SharedArrayBuffer(BYTES);
    this.#slots = new BigInt64Array(this.memory, 0, SLOTS);
    this.#wake = new Int32Array(this.memory, SLOTS * 8, 2);
    if (memory) return;
    this.#store(OFFSET_US, -localUs());
    this.#store(FRAME_RATE, 30);
    this.#store(AUDIO_ORIGIN_US, Number.NaN);
  }

  /** engine time = local time + offset; until an encoder has answered, engine time is the renderer's own */
  get offsetUs(): number {
    return this.#load(OFFSET_US);
  }

  set offsetUs(value: number) {
    this.#store(OFFSET_US, value);
    this.#notify();
  }

  get frameRate(): number {
    return this.#load(FRAME_RATE);
  }

  set frameRate(value: number) {
    this.#store(FRAME_RATE, value);
    this.#notify();
  }

  /** local time of the audio context's frame 0, NaN while no sound flows */
  get audioOriginUs(): number {
    return this.#load(AUDIO_ORIGIN_US);
  }

  set audioOriginUs(value: number) {
    this.#store(AUDIO_ORIGIN_US, value);
  }

  nowUs(): number {
    return localUs() + this.offsetUs;
  }

  /** Blocks this thread (a worker) for a time, or until a value of the clock changes. */
  sleep(ms: number): 'timed-out' | 'changed' {
    return Atomics.wait(this.#wake, 0, Atomics.load(this.#wake, 0), ms) === 'timed-out' ? 'timed-out' : 'changed';
  }

  #notify(): void {
    Atomics.add(this.#wake, 0, 1);
    Atomics.notify(this.#wake, 0);
  }

  // Floating point is stored through Atomics as bits, since a plain 64-bit store may tear.
  #load(slot: number): number {
    this.#bits.setBigInt64(0, Atomics.load(this.#slots, slot));
    return this.#bits.getFloat64(0);
  }

  #store(slot: number, value: number): void {
    this.#bits.setFloat64(0, value);
    Atomics.store(this.#slots, slot, this.#bits.getBigInt64(0));
  }
}
