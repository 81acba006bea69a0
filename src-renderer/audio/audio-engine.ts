/** The page's part of the sound: microphones, gain and mute, the mix, meters, and the way to the audio worker. */
import { Emitter } from '../../src-shared/disposable.ts';
import type { AudioInput, AudioInputId, SceneCollection, SourceId, SourceOf } from '../../src-shared/domain/index.ts';
import { AUDIO_CHANNELS, AUDIO_SAMPLE_RATE_HZ } from '../../src-shared/units.ts';
import { answerConnection } from '../compositor/link/connection-requests.ts';
import type { AudioInputStatus, MeterReading, StudioMediaOptions } from '../compositor/studio-media.ts';
import type { Levels } from './levels.ts';
import type { FromAudioWorker, ToAudioWorker } from './messages.ts';
import { MicrophoneStrip } from './microphone-strip.ts';
import { SampleRing } from './sample-ring.ts';
import workletsUrl from './worklets.ts?worker&url';

const METERS_EVERY_MS = 33;
const GESTURES = ['pointerdown', 'keydown'] as const;
/** the system's sound, when it was lost, is not back at once */
const RESUME_AFTER_MS = 250;

export class AudioEngine {
  readonly inputStatus = new Emitter<AudioInputStatus>();
  readonly meters = new Emitter<readonly MeterReading[]>();
  readonly #clockMemory: SharedArrayBuffer;
  readonly #context = new AudioContext({ sampleRate: AUDIO_SAMPLE_RATE_HZ, latencyHint: 'interactive' });
  readonly #mix: GainNode;
  readonly #worker: Worker;
  readonly #strips = new Map<AudioInputId, MicrophoneStrip>();
  readonly #beeps = new Map<SourceId, { periodMs: number; node: AudioWorkletNode }>();
  readonly #readings = new Map<MeterReading['inputId'], MeterReading>();
  readonly #ready: Promise<void>;
  readonly #metersTimer: ReturnType<typeof setInterval>;
  readonly #resume = () => void this.#context.resume().catch(() => {});
  /** Nobody here suspends the context: it is suspended when the system's sound was lost, and the show would be silent. */
  readonly #onSuspended = () => void (this.#context.state === 'suspended' && setTimeout(this.#resume, RESUME_AFTER_MS));

  constructor(clockMemory: SharedArrayBuffer, openMedia: StudioMediaOptions['openMedia']) {
    this.#clockMemory = clockMemory;
    this.#mix = new GainNode(this.#context);
    const ring = new SampleRing();
    this.#worker = new Worker(new URL('./audio-worker.ts', import.meta.url), { type: 'module', name: 'tidecast-audio' });
    this.#worker.onmessage = ({ data }: MessageEvent<FromAudioWorker>) =>
      void answerConnection(this.#worker, 'audio', data.requestId, openMedia);
    this.#post({ type: 'start', clock: clockMemory, ring: ring.memory });
    this.#ready = this.#build(ring.memory);
    this.#metersTimer = setInterval(() => this.#flushMeters(), METERS_EVERY_MS);
    // A page may make sound only after the user has touched it; a page that captures may at once.
    for (const gesture of GESTURES) document.addEventListener(gesture, this.#resume);
    this.#context.addEventListener('statechange', this.#onSuspended);
  }

  async setCollection({ audioInputs, scenes, programSceneId, sources }: SceneCollection): Promise<void> {
    await this.#ready;
    if (this.#context.state === 'closed') return;
    const kept = new Set(audioInputs.map(({ id }) => id));
    for (const id of this.#strips.keys()) if (!kept.has(id)) this.#closeStrip(id);
    for (const input of audioInputs) this.#strip(input).update(input);
    const program = scenes.find(({ id }) => id === programSceneId);
    const heard = new Set(program?.items.filter(({ visible }) => visible).map(({ sourceId }) => sourceId));
    this.#setBeeps(sources.filter((source) => source.kind === 'avTest').filter(({ id }) => heard.has(id)));
  }

  set wanted(wanted: boolean) {
    this.#post({ type: 'wanted', wanted });
  }

  reopen(): void {
    this.#post({ type: 'reopen' });
  }

  retry(id: AudioInputId): void {
    this.#strips.get(id)?.retry();
  }

  async dispose(): Promise<void> {
    for (const gesture of GESTURES) document.removeEventListener(gesture, this.#resume);
    clearInterval(this.#metersTimer);
    await this.#ready.catch(() => {});
    for (const id of [...this.#strips.keys()]) this.#closeStrip(id);
    this.#setBeeps([]);
    this.#worker.terminate();
    if (this.#context.state !== 'closed') await this.#context.close();
  }

  async #build(ring: SharedArrayBuffer): Promise<void> {
    await this.#context.audioWorklet.addModule(workletsUrl);
    const program = new AudioWorkletNode(this.#context, 'tidecast-program', {
      numberOfOutputs: 1,
      channelCount: AUDIO_CHANNELS,
      channelCountMode: 'explicit',
      processorOptions: { ring },
    });
    program.port.onmessage = ({ data }: MessageEvent<Levels>) => this.#readings.set('master', { inputId: 'master', ...data });
    this.#mix.connect(program).connect(this.#context.destination);
    this.#resume();
  }

  #strip(input: AudioInput): MicrophoneStrip {
    const open = this.#strips.get(input.id);
    if (open) return open;
    const strip = new MicrophoneStrip(this.#context, this.#mix, {
      onState: (state) => {
        if (state.phase === 'ready') this.#resume();
        if (state.phase !== 'ready') this.#readings.delete(input.id);
        this.inputStatus.emit({ inputId: input.id, phase: state.phase, failure: state.phase === 'failed' ? state.failure : null });
      },
      onLevels: (levels) => this.#readings.set(input.id, { inputId: input.id, ...levels }),
    });
    this.#strips.set(input.id, strip);
    return strip;
  }

  #closeStrip(id: AudioInputId): void {
    this.#strips.get(id)?.dispose();
    this.#strips.delete(id);
    this.#readings.delete(id);
  }

  #setBeeps(sources: readonly SourceOf<'avTest'>[]): void {
    const wanted = new Map(sources.map(({ id, periodMs }) => [id, periodMs]));
    for (const [id, { periodMs, node }] of this.#beeps) {
      if (wanted.get(id) === periodMs) continue;
      node.disconnect();
      node.port.postMessage('end');
      this.#beeps.delete(id);
    }
    for (const [id, periodMs] of wanted) {
      if (this.#beeps.has(id)) continue;
      const processorOptions = { clock: this.#clockMemory, periodMs };
      const node = new AudioWorkletNode(this.#context, 'tidecast-beep', { numberOfInputs: 0, outputChannelCount: [1], processorOptions });
      node.connect(this.#mix);
      this.#beeps.set(id, { periodMs, node });
    }
  }

  #flushMeters(): void {
    if (this.#readings.size > 0) this.meters.emit([...this.#readings.values()]);
  }

  #post(message: ToAudioWorker): void {
    this.#worker.postMessage(message);
  }
}
