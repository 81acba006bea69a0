/** Runs on the audio thread: the strips' meters, the way out of the mix, and the beep of the A/V test. */

import { AUDIO_SAMPLE_RATE_HZ } from '../../src-shared/units.ts';
import { MediaClock } from '../compositor/clock/media-clock.ts';
import { isPulse } from '../compositor/pulse.ts';
import { LevelMeter } from './levels.ts';
import { framesToUs } from './sample-clock.ts';
import { SampleRing } from './sample-ring.ts';

/** 31 readings a second */
const METER_FRAMES = 1_536;
/** The worker is woken every 10.7 ms */
const NOTIFY_FRAMES = 512;
const BEEP_HZ = 1_000;
const BEEP_GAIN = 0.25;
const SILENCE = new Float32Array(128);

/** Passes its input on and posts Levels. */
class StripProcessor extends AudioWorkletProcessor {
  readonly #meter = new LevelMeter();
  #frames = 0;

  process([input]: Float32Array[][], [output]: Float32Array[][]): boolean {
    const left = input?.[0] ?? SILENCE;
    const right = input?.[1] ?? left;
    output?.[0]?.set(left);
    output?.[1]?.set(right);
    this.#meter.add(left, right);
    this.#frames += left.length;
    if (this.#frames >= METER_FRAMES) {
      this.#frames = 0;
      this.port.postMessage(this.#meter.take());
    }
    return true;
  }
}

/** Takes the mix: into the ring, and its levels to the port. Its output stays silent: it only keeps the graph running. */
class ProgramProcessor extends AudioWorkletProcessor {
  readonly #ring: SampleRing;
  readonly #meter = new LevelMeter();
  #frames = 0;
  #notified = 0;

  constructor({ processorOptions }: AudioWorkletNodeOptions) {
    super();
    this.#ring = new SampleRing(processorOptions.ring);
  }

  process([input]: Float32Array[][]): boolean {
    const left = input?.[0] ?? SILENCE;
    const right = input?.[1] ?? left;
    this.#ring.write(left, right, currentFrame);
    this.#meter.add(left, right);
    this.#frames += left.length;
    this.#notified += left.length;
    if (this.#notified >= NOTIFY_FRAMES) {
      this.#notified = 0;
      Atomics.notify(this.#ring.counters, 0);
    }
    if (this.#frames >= METER_FRAMES) {
      this.#frames = 0;
      this.port.postMessage(this.#meter.take());
    }
    return true;
  }
}

/** A tone at the beginning of each period of engine time, by the same clock that stamps the samples. */
class BeepProcessor extends AudioWorkletProcessor {
  readonly #clock: MediaClock;
  readonly #periodMs: number;
  #isOpen = true;

  constructor({ processorOptions }: AudioWorkletNodeOptions) {
    super();
    this.#clock = new MediaClock(processorOptions.clock);
    this.#periodMs = processorOptions.periodMs;
    this.port.onmessage = () => {
      this.#isOpen = false;
    };
  }

  process(_inputs: Float32Array[][], [output]: Float32Array[][]): boolean {
    const samples = output?.[0];
    const startUs = this.#clock.audioOriginUs + this.#clock.offsetUs + framesToUs(currentFrame);
    if (!samples || Number.isNaN(startUs)) return this.#isOpen;
    for (let frame = 0; frame < samples.length; frame++) {
      const isOn = isPulse(startUs + framesToUs(frame), this.#periodMs);
      const phase = ((currentFrame + frame) * BEEP_HZ * 2 * Math.PI) / AUDIO_SAMPLE_RATE_HZ;
      samples[frame] = isOn ? BEEP_GAIN * Math.sin(phase) : 0;
    }
    return this.#isOpen;
  }
}

registerProcessor('tidecast-strip', StripProcessor);
registerProcessor('tidecast-program', ProgramProcessor);
registerProcessor('tidecast-beep', BeepProcessor);
