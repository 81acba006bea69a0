/** Runs on the audio thread: the one worklet that mixes everything. See dsp/mixer.ts. */

import { AUDIO_SAMPLE_RATE_HZ } from '../../src-shared/units.ts';
import { MediaClock } from '../compositor/clock/media-clock.ts';
import { isPulse } from '../compositor/pulse.ts';
import { DriftReader } from './dsp/drift-reader.ts';
import { Mixer } from './dsp/mixer.ts';
import { openRnnoise } from './dsp/rnnoise.ts';
import { FeedRing } from './feed-ring.ts';
import type { MixerOptions, ToMixer } from './messages.ts';
import { MeterBoard } from './meter-board.ts';
import { framesToUs } from './sample-clock.ts';
import { SampleRing } from './sample-ring.ts';

/** The worker is woken every 10.7 ms */
const NOTIFY_FRAMES = 512;
const BEEP_HZ = 1_000;
const BEEP_GAIN = 0.25;

/** No inputs: devices come through rings. Its output is what the user monitors. */
class MixerProcessor extends AudioWorkletProcessor {
  readonly #ring: SampleRing;
  readonly #clock: MediaClock;
  readonly #mixer: Mixer;
  #beepsMs: readonly number[] = [];
  #notified = 0;

  constructor(options: AudioWorkletNodeOptions) {
    super();
    const { ring, clock, board, rnnoise } = options.processorOptions as MixerOptions;
    this.#ring = new SampleRing(ring);
    this.#clock = new MediaClock(clock);
    this.#mixer = new Mixer(new MeterBoard(board), rnnoise && openRnnoise(rnnoise));
    this.port.onmessage = ({ data }: MessageEvent<ToMixer>) => this.#take(data);
  }

  process(_inputs: Float32Array[][], [output]: Float32Array[][]): boolean {
    this.#beep();
    this.#mixer.process();
    const { program, monitor } = this.#mixer;
    output?.[0]?.set(monitor.left);
    output?.[1]?.set(monitor.right);
    this.#ring.write(program.left, program.right, currentFrame);
    this.#notified += program.left.length;
    if (this.#notified >= NOTIFY_FRAMES) {
      this.#notified = 0;
      Atomics.notify(this.#ring.counters, 0);
    }
    return true;
  }

  #take(message: ToMixer): void {
    switch (message.type) {
      case 'strips':
        this.#mixer.set(message.placements);
        this.#beepsMs = message.beepsMs;
        this.#ring.aheadUs = this.#mixer.aheadUs;
        return;
      case 'feed':
        return this.#mixer.feed(message.inputId, message.ring && new DriftReader(new FeedRing(message.ring)));
      case 'restart-loudness':
        return this.#mixer.restartLoudness();
      default:
        return message satisfies never;
    }
  }

  /** A tone at the beginning of each period of engine time, by the same clock that stamps the samples. */
  #beep(): void {
    if (this.#beepsMs.length === 0) return;
    const startUs = this.#clock.audioOriginUs + this.#clock.offsetUs + framesToUs(currentFrame);
    if (Number.isNaN(startUs)) return;
    const { left, right } = this.#mixer.beep;
    for (let frame = 0; frame < left.length; frame++) {
      const phase = ((currentFrame + frame) * BEEP_HZ * 2 * Math.PI) / AUDIO_SAMPLE_RATE_HZ;
      let sample = 0;
      for (const periodMs of this.#beepsMs) if (isPulse(startUs + framesToUs(frame), periodMs)) sample += BEEP_GAIN * Math.sin(phase);
      left[frame] = right[frame] = sample;
    }
  }
}

registerProcessor('tidecast-mixer', MixerProcessor);
