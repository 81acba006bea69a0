/** The sound side of the encoder: blocks come in, packets of AAC or Opus go out for all of the engine's time. */
import type { SoundId } from '../../src-shared/domain/further-tracks.ts';
import type { AudioSettings } from '../../src-shared/domain/rendition.ts';
import type { AudioBlock } from '../../src-shared/ipc/media.ts';
import { AUDIO_SAMPLE_RATE_HZ, US_PER_S } from '../../src-shared/units.ts';
import type { Clock } from '../process/clock.ts';
import type { FurtherSound } from '../process/encoder-contract.ts';
import type { AudioPacket } from '../process/packet.ts';
import { codecOf, type OpenSound, type SoundBackEnd } from './audio-back-end.ts';
import type { AudioEvents } from './audio-events.ts';
import { type AudioFormat, audioFormat } from './audio-format.ts';
import { type AudioFrame, AudioTimeline } from './audio-timeline.ts';
import { SoundTwin } from './sound-twin.ts';

/** A native encoder that failed is opened anew, but not more often than this. */
const REOPEN_EVERY_US = US_PER_S;
/** A gap up to this long, which a process before has left, is filled with silence: players and files want sound without holes. */
const RESUME_MAX_US = 5 * US_PER_S;

interface Running {
  settings: AudioSettings;
  /** null after a failure, until it is opened anew; the timeline goes on, and its frames are lost */
  encoder: SoundBackEnd | null;
  /** whether the encoder's header has been told */
  told: boolean;
  /** packets that wait for those of an encoder before */
  ready: AudioPacket[];
  openedAtUs: number;
  timeline: AudioTimeline;
}

export class AudioProgram {
  readonly #clock: Clock;
  readonly #events: AudioEvents;
  readonly #open: OpenSound;
  #running: Running | null = null;
  /** the sound once more in other codecs or at other bitrates */
  readonly #twins = new Map<SoundId, SoundTwin>();
  /** of those, what still gives out its last packets */
  readonly #twinsEnding = new Set<Promise<void>>();
  /** an encoder's first packet lies before its first sample: after a change that place is taken already */
  #lastPtsUs = Number.NEGATIVE_INFINITY;
  #countsBefore = { silenceSamples: 0, rebases: 0 };
  /** until all encoders before have given out their last packets, those of the present one wait */
  #draining: Promise<void> | null = null;

  constructor(clock: Clock, events: AudioEvents, open: OpenSound) {
    this.#clock = clock;
    this.#events = events;
    this.#open = open;
  }

  /** Resolves when the encoders that were closed have given out their last packets; never rejects. */
  get drained(): Promise<void> {
    return Promise.all([this.#draining, ...this.#twinsEnding]).then(() => {});
  }

  get deadlineUs(): number {
    return this.#running?.timeline.deadlineUs ?? Number.POSITIVE_INFINITY;
  }

  get counts(): { silenceMs: number; audioRebases: number } {
    const now = this.#running?.timeline.counts;
    const silenceSamples = this.#countsBefore.silenceSamples + (now?.silenceSamples ?? 0);
    return { silenceMs: (silenceSamples * 1_000) / AUDIO_SAMPLE_RATE_HZ, audioRebases: this.#countsBefore.rebases + (now?.rebases ?? 0) };
  }

  /**
   * Null flushes and closes. A new bitrate or codec goes on where the old one ended, with a header of its own.
   * @param fromUs where the first packet belongs, when it is to follow on another process's last; else now
   */
  setSettings(settings: AudioSettings | null, fromUs?: number): void {
    const running = this.#running;
    if (running ? isSame(running.settings, settings) : settings === null) return;
    try {
      // before the old one ends: where it cannot be opened, that one goes on
      const encoder = settings && this.#open(settings, running?.encoder ?? null);
      this.#close();
      if (!settings || !encoder) return this.#end(running?.timeline);
      const nowUs = this.#clock.nowUs();
      const format = audioFormat(codecOf(settings));
      const timeline = running?.timeline ?? new AudioTimeline(format.frameSamples, firstSample(nowUs, fromUs, settings, format));
      timeline.setFrameSamples(format.frameSamples);
      this.#running = { settings, encoder, told: false, ready: [], openedAtUs: nowUs, timeline };
      this.#give(this.#running, []);
      this.#fillUpTo(nowUs);
    } catch (error) {
      this.#events.failed(error);
    }
  }

  /** The sound of the timeline once more for each; those that are left out end. They go on over a change of the sound's own settings. */
  setTwins(sounds: readonly FurtherSound[]): void {
    for (const [id, twin] of this.#twins) {
      if (sounds.some((sound) => sound.id === id)) continue;
      this.#twins.delete(id);
      this.#track(twin.close());
    }
    const surroundings = { clock: this.#clock, events: this.#events, open: this.#open };
    for (const sound of sounds) {
      const before = this.#twins.get(sound.id) ?? null;
      if (before && isSame(before.settings, sound.settings)) continue;
      const twin = new SoundTwin(sound, surroundings, before);
      this.#twins.set(sound.id, twin);
      this.#track(twin.beforeEnded);
    }
  }

  /** A connection has begun: its sample indices start at 0. */
  restartInput(): void {
    this.#running?.timeline.restartInput();
  }

  offer(block: AudioBlock): void {
    this.#running?.timeline.offer(block);
    this.advance();
  }

  /** Encodes what has come, and silence for what is overdue. */
  advance(): void {
    const running = this.#running;
    if (!running) return;
    for (;;) {
      const frame = running.timeline.take(this.#clock.nowUs());
      if (!frame) return;
      this.#encode(running, frame);
    }
  }

  /** Frame by frame, each at its own time: all at once they would be a stall, which is left out. */
  #fillUpTo(nowUs: number): void {
    const running = this.#running;
    while (running && running.timeline.deadlineUs <= nowUs) {
      const frame = running.timeline.take(running.timeline.deadlineUs);
      if (!frame) return;
      this.#encode(running, frame);
    }
  }

  #encode(running: Running, frame: AudioFrame): void {
    for (const twin of this.#twins.values()) twin.add(frame);
    try {
      running.encoder ??= this.#reopen(running);
      if (running.encoder) this.#give(running, running.encoder.encode(frame));
    } catch (error) {
      running.encoder?.close();
      running.encoder = null;
      this.#events.failed(error);
    }
  }

  /** @returns null while the last one was opened too short a time ago. @throws StudioError encoder.open-failed */
  #reopen(running: Running): SoundBackEnd | null {
    const nowUs = this.#clock.nowUs();
    if (nowUs - running.openedAtUs < REOPEN_EVERY_US) return null;
    running.openedAtUs = nowUs;
    running.told = false;
    return this.#open(running.settings, null);
  }

  /** The header first, as soon as it is known. */
  #give(running: Running, packets: AudioPacket[]): void {
    running.ready.push(...packets);
    const header = running.encoder?.header;
    if (this.#draining || !header) return;
    if (!running.told) this.#events.header(header);
    running.told = true;
    this.#emit(running.ready.splice(0));
  }

  #close(): void {
    const running = this.#running;
    this.#running = null;
    const encoder = running?.encoder;
    if (!running || !encoder) return;
    try {
      const last = encoder.flush();
      if (Array.isArray(last)) this.#give(running, last);
      else this.#drain(running, encoder, last);
    } catch (error) {
      this.#events.failed(error);
    } finally {
      if (!this.#draining) encoder.close();
    }
  }

  /** One that works beside this process gives out its last packets later; those that follow on them wait. */
  #drain(running: Running, encoder: SoundBackEnd, last: Promise<AudioPacket[]>): void {
    const draining = (this.#draining ?? Promise.resolve())
      .then(() => last)
      .then(
        (packets) => void running.ready.push(...packets),
        (error: unknown) => this.#events.failed(error),
      )
      .then(() => {
        if (encoder.header && !running.told) this.#events.header(encoder.header);
        this.#emit(running.ready.splice(0));
        encoder.close();
        if (this.#draining === draining) this.#draining = null;
      });
    this.#draining = draining;
  }

  #track(ending: Promise<void> | null): void {
    if (!ending) return;
    this.#twinsEnding.add(ending);
    void ending.then(() => this.#twinsEnding.delete(ending));
  }

  #emit(packets: AudioPacket[]): void {
    for (const packet of packets) {
      if (packet.ptsUs <= this.#lastPtsUs) continue;
      this.#lastPtsUs = packet.ptsUs;
      this.#events.packet(packet);
    }
  }

  #end(timeline: AudioTimeline | undefined): void {
    this.setTwins([]);
    this.#countsBefore.silenceSamples += timeline?.counts.silenceSamples ?? 0;
    this.#countsBefore.rebases += timeline?.counts.rebases ?? 0;
  }
}

function isSame(a: AudioSettings, b: AudioSettings | null): boolean {
  return a.bitrateKbps === b?.bitrateKbps && a.codec === b.codec && a.sampleRateHz === b.sampleRateHz && a.channels === b.channels;
}

/** An encoder's first packet lies before its first sample. */
function firstSample(nowUs: number, fromUs: number | undefined, { sampleRateHz }: AudioSettings, { delaySamples }: AudioFormat): number {
  if (fromUs === undefined || nowUs - fromUs > RESUME_MAX_US) return Math.floor((nowUs * AUDIO_SAMPLE_RATE_HZ) / US_PER_S);
  return Math.round((fromUs / US_PER_S + delaySamples / sampleRateHz) * AUDIO_SAMPLE_RATE_HZ);
}
