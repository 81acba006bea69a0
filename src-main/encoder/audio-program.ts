/** The sound side of the encoder: blocks come in, packets of AAC or Opus go out for all of the engine's time. */
import type { AudioSettings } from '../../src-shared/domain/rendition.ts';
import type { AudioBlock } from '../../src-shared/ipc/media.ts';
import { AUDIO_SAMPLE_RATE_HZ, US_PER_S } from '../../src-shared/units.ts';
import type { Clock } from '../process/clock.ts';
import type { AudioHeader, AudioPacket } from '../process/packet.ts';
import { SoundEncoder } from './audio-encoder.ts';
import { type AudioFormat, audioFormat } from './audio-format.ts';
import { type AudioFrame, AudioTimeline } from './audio-timeline.ts';

/** A native encoder that failed is opened anew, but not more often than this. */
const REOPEN_EVERY_US = US_PER_S;
/** A gap up to this long, which a process before has left, is filled with silence: players and files want sound without holes. */
const RESUME_MAX_US = 5 * US_PER_S;

interface Running {
  settings: AudioSettings;
  /** null after a failure, until it is opened anew; the timeline goes on, and its frames are lost */
  encoder: SoundEncoder | null;
  openedAtUs: number;
  timeline: AudioTimeline;
}

export interface AudioEvents {
  header(header: AudioHeader): void;
  packet(packet: AudioPacket): void;
  failed(error: unknown): void;
}

export class AudioProgram {
  readonly #clock: Clock;
  readonly #events: AudioEvents;
  #running: Running | null = null;
  /** an encoder's first packet lies before its first sample: after a change that place is taken already */
  #lastPtsUs = Number.NEGATIVE_INFINITY;
  #countsBefore = { silenceSamples: 0, rebases: 0 };

  constructor(clock: Clock, events: AudioEvents) {
    this.#clock = clock;
    this.#events = events;
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
      this.#close();
      if (!settings) return this.#endTimeline(running?.timeline);
      const encoder = new SoundEncoder(settings);
      const nowUs = this.#clock.nowUs();
      const format = audioFormat(encoder.header.codec);
      const timeline = running?.timeline ?? new AudioTimeline(format.frameSamples, firstSample(nowUs, fromUs, format));
      timeline.setFrameSamples(format.frameSamples);
      this.#running = { settings, encoder, openedAtUs: nowUs, timeline };
      this.#events.header(encoder.header);
      this.#fillUpTo(nowUs);
    } catch (error) {
      this.#events.failed(error);
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
    try {
      running.encoder ??= this.#reopen(running);
      if (running.encoder) this.#emit(running.encoder.encode(frame));
    } catch (error) {
      running.encoder?.close();
      running.encoder = null;
      this.#events.failed(error);
    }
  }

  /** @returns null while the last one was opened too short a time ago. @throws StudioError encoder.open-failed */
  #reopen(running: Running): SoundEncoder | null {
    const nowUs = this.#clock.nowUs();
    if (nowUs - running.openedAtUs < REOPEN_EVERY_US) return null;
    running.openedAtUs = nowUs;
    const encoder = new SoundEncoder(running.settings);
    this.#events.header(encoder.header);
    return encoder;
  }

  #close(): void {
    const encoder = this.#running?.encoder;
    this.#running = null;
    if (!encoder) return;
    try {
      this.#emit(encoder.flush());
    } finally {
      encoder.close();
    }
  }

  #emit(packets: AudioPacket[]): void {
    for (const packet of packets) {
      if (packet.ptsUs <= this.#lastPtsUs) continue;
      this.#lastPtsUs = packet.ptsUs;
      this.#events.packet(packet);
    }
  }

  #endTimeline(timeline: AudioTimeline | undefined): void {
    this.#countsBefore.silenceSamples += timeline?.counts.silenceSamples ?? 0;
    this.#countsBefore.rebases += timeline?.counts.rebases ?? 0;
  }
}

const isSame = (a: AudioSettings, b: AudioSettings | null) => a.bitrateKbps === b?.bitrateKbps && a.codec === b.codec;

/** An encoder's first packet lies before its first sample. */
function firstSample(nowUs: number, fromUs: number | undefined, { delaySamples }: AudioFormat): number {
  if (fromUs === undefined || nowUs - fromUs > RESUME_MAX_US) return Math.floor((nowUs * AUDIO_SAMPLE_RATE_HZ) / US_PER_S);
  return Math.round((fromUs * AUDIO_SAMPLE_RATE_HZ) / US_PER_S) + delaySamples;
}
