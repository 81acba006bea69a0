/** The page's part of the sound: devices, what the mixer is told, meters, monitoring, and the way to the audio worker. */

import rnnoiseUrl from '@jitsi/rnnoise-wasm/dist/rnnoise.wasm?url';
import { Emitter } from '../../src-shared/disposable.ts';
import type { AudioInput, AudioInputId, SceneCollection } from '../../src-shared/domain/index.ts';
import { AUDIO_CHANNELS, AUDIO_SAMPLE_RATE_HZ } from '../../src-shared/units.ts';
import { answerConnection } from '../compositor/link/connection-requests.ts';
import type { AudioInputStatus, MeterReading, StudioMediaOptions } from '../compositor/studio-media.ts';
import { FeedRing } from './feed-ring.ts';
import { InputStrip } from './input-strip.ts';
import type { FromAudioWorker, MixerOptions, ToAudioWorker, ToMixer } from './messages.ts';
import { METER_PLACES, MeterBoard, PROGRAM_PLACE } from './meter-board.ts';
import { MonitorOutput } from './monitor-output.ts';
import { SampleRing } from './sample-ring.ts';
import workletsUrl from './worklets.ts?worker&url';

const METERS_EVERY_MS = 33;
const GESTURES = ['pointerdown', 'keydown'] as const;
/** the system's sound, when it was lost, is not back at once */
const RESUME_AFTER_MS = 250;

interface OpenStrip {
  strip: InputStrip;
  meterPlace: number;
}

export class AudioEngine {
  readonly inputStatus = new Emitter<AudioInputStatus>();
  readonly meters = new Emitter<readonly MeterReading[]>();
  readonly #context = new AudioContext({ sampleRate: AUDIO_SAMPLE_RATE_HZ, latencyHint: 'interactive' });
  readonly #board = new MeterBoard();
  readonly #worker: Worker;
  readonly #strips = new Map<AudioInputId, OpenStrip>();
  readonly #ready: Promise<void>;
  readonly #metersTimer: ReturnType<typeof setInterval>;
  #mixer: AudioWorkletNode | null = null;
  #monitor: MonitorOutput | null = null;
  readonly #resume = () => void this.#context.resume().catch(() => {});
  /** Nobody here suspends the context: it is suspended when the system's sound was lost, and the show would be silent. */
  readonly #onSuspended = () => void (this.#context.state === 'suspended' && setTimeout(this.#resume, RESUME_AFTER_MS));

  constructor(clock: SharedArrayBuffer, openMedia: StudioMediaOptions['openMedia']) {
    const ring = new SampleRing();
    this.#worker = new Worker(new URL('./audio-worker.ts', import.meta.url), { type: 'module', name: 'tidecast-audio' });
    this.#worker.onmessage = ({ data }: MessageEvent<FromAudioWorker>) =>
      void answerConnection(this.#worker, 'audio', data.requestId, openMedia);
    this.#post({ type: 'start', clock, ring: ring.memory });
    this.#ready = this.#build({ ring: ring.memory, clock, board: this.#board.memory });
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
    const placements = audioInputs.map((input) => ({ settings: input, meterPlace: this.#strip(input).meterPlace }));
    const program = scenes.find(({ id }) => id === programSceneId);
    const heard = new Set(program?.items.filter(({ visible }) => visible).map(({ sourceId }) => sourceId));
    const beeps = sources.filter((source) => source.kind === 'avTest').filter(({ id }) => heard.has(id));
    this.#tell({ type: 'strips', placements, beepsMs: beeps.map(({ periodMs }) => periodMs) });
    for (const input of audioInputs) this.#strip(input).strip.update(input);
  }

  set wanted(wanted: boolean) {
    this.#post({ type: 'wanted', wanted });
  }

  reopen(): void {
    this.#post({ type: 'reopen' });
  }

  retry(id: AudioInputId): void {
    this.#strips.get(id)?.strip.retry();
  }

  /** @throws DOMException when the device cannot be used; the system's output is then */
  async monitorOn(deviceId: string | null): Promise<void> {
    await this.#ready;
    await this.#monitor?.use(deviceId);
  }

  /** The program's integrated loudness begins anew. */
  restartLoudness(): void {
    this.#tell({ type: 'restart-loudness' });
  }

  async dispose(): Promise<void> {
    for (const gesture of GESTURES) document.removeEventListener(gesture, this.#resume);
    clearInterval(this.#metersTimer);
    await this.#ready.catch(() => {});
    for (const id of [...this.#strips.keys()]) this.#closeStrip(id);
    this.#monitor?.dispose();
    this.#worker.terminate();
    if (this.#context.state !== 'closed') await this.#context.close();
  }

  /**
   * What a strip hears. Whatever else makes sound, as a film that is played, becomes a strip in the same way: its sound goes in here.
   * @param sound null: nothing comes any more
   */
  #feed(inputId: AudioInputId, sound: ReadableStream<AudioData> | null): void {
    const ring = sound && new FeedRing().memory;
    this.#tell({ type: 'feed', inputId, ring });
    if (sound && ring) this.#worker.postMessage({ type: 'feed', sound, ring } satisfies ToAudioWorker, [sound]);
  }

  async #build(memories: Omit<MixerOptions, 'rnnoise'>): Promise<void> {
    const [rnnoise] = await Promise.all([
      WebAssembly.compileStreaming(fetch(rnnoiseUrl)).catch(() => null),
      this.#context.audioWorklet.addModule(workletsUrl),
    ]);
    const processorOptions: MixerOptions = { ...memories, rnnoise };
    const mixer = new AudioWorkletNode(this.#context, 'tidecast-mixer', {
      numberOfInputs: 0,
      outputChannelCount: [AUDIO_CHANNELS],
      processorOptions,
    });
    this.#monitor = new MonitorOutput(this.#context, mixer);
    this.#mixer = mixer;
    this.#resume();
  }

  #strip({ id }: AudioInput): OpenStrip {
    const open = this.#strips.get(id);
    if (open) return open;
    const strip = new InputStrip({
      onState: (state) => {
        if (state.phase === 'ready') this.#resume();
        this.inputStatus.emit({ inputId: id, phase: state.phase, failure: state.phase === 'failed' ? state.failure : null });
      },
      onSound: (sound) => this.#feed(id, sound),
    });
    const opened = { strip, meterPlace: this.#freePlace() };
    this.#strips.set(id, opened);
    return opened;
  }

  #freePlace(): number {
    const taken = new Set([PROGRAM_PLACE, ...[...this.#strips.values()].map(({ meterPlace }) => meterPlace)]);
    for (let place = 0; place < METER_PLACES; place++) if (!taken.has(place)) return place;
    return METER_PLACES - 1;
  }

  #closeStrip(id: AudioInputId): void {
    this.#strips.get(id)?.strip.dispose();
    this.#strips.delete(id);
  }

  #flushMeters(): void {
    if (!this.#mixer) return;
    const strips = [...this.#strips].map(([inputId, { meterPlace }]) => ({ inputId, ...this.#board.read(meterPlace) }));
    this.meters.emit([...strips, { inputId: 'master', ...this.#board.read(PROGRAM_PLACE) }]);
  }

  #tell(message: ToMixer): void {
    this.#mixer?.port.postMessage(message);
  }

  #post(message: ToAudioWorker): void {
    this.#worker.postMessage(message);
  }
}
