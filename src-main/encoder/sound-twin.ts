/** The program's sound once more, in another codec or at another bitrate: the same samples, cut to that codec's frames. */
import type { SoundId } from '../../src-shared/domain/further-tracks.ts';
import type { AudioSettings } from '../../src-shared/domain/rendition.ts';
import { AUDIO_CHANNELS, US_PER_S } from '../../src-shared/units.ts';
import type { Clock } from '../process/clock.ts';
import type { FurtherSound } from '../process/encoder-contract.ts';
import type { AudioPacket } from '../process/packet.ts';
import { codecOf, type OpenSound, type SoundBackEnd } from './audio-back-end.ts';
import type { AudioEvents } from './audio-events.ts';
import { audioFormat } from './audio-format.ts';
import type { AudioFrame } from './audio-timeline.ts';
import { FrameCutter } from './frame-cutter.ts';

/** A native encoder that failed is opened anew, but not more often than this. */
const REOPEN_EVERY_US = US_PER_S;

interface Surroundings {
  clock: Clock;
  events: AudioEvents;
  open: OpenSound;
}

export class SoundTwin {
  readonly settings: AudioSettings;
  /** settles when the one before has given out its last packets; null: nothing has to be waited for */
  beforeEnded: Promise<void> | null = null;
  readonly #id: SoundId;
  readonly #surroundings: Surroundings;
  /** of the last packet, whichever encoder has given it out: what lies before it has its place taken */
  readonly #last: { ptsUs: number };
  #cutter: FrameCutter | null = null;
  /** null after a failure, until it is opened anew */
  #encoder: SoundBackEnd | null = null;
  /** whether the encoder's header has been told */
  #told = false;
  /** packets that wait for those of the one before */
  #ready: AudioPacket[] = [];
  #openedAtUs = Number.NEGATIVE_INFINITY;

  /** @param before has had this sound until now, and ends: its last packets go first */
  constructor({ id, settings }: FurtherSound, surroundings: Surroundings, before: SoundTwin | null) {
    this.#id = id;
    this.settings = settings;
    this.#surroundings = surroundings;
    this.#last = before ? before.#last : { ptsUs: Number.NEGATIVE_INFINITY };
    this.#safely(() => void this.#open(before));
    const ended = before?.close() ?? null;
    this.beforeEnded = ended;
    void ended?.then(() => {
      if (this.beforeEnded === ended) this.beforeEnded = null;
      if (this.#encoder) this.#give(this.#encoder, []);
    });
    if (this.#encoder) this.#give(this.#encoder, []);
  }

  /** A frame of the program's, whatever its size. */
  add(frame: AudioFrame): void {
    this.#safely(() => {
      const encoder = this.#encoder ?? this.#open(null);
      if (!encoder || !this.#cutter) return;
      for (const cut of this.#cutter.cut(frame)) this.#give(encoder, encoder.encode(cut));
    });
  }

  /** Gives out what is left. @returns when that is done, where it is not done yet; never rejects */
  close(): Promise<void> | null {
    const encoder = this.#encoder;
    if (!encoder) return this.beforeEnded;
    this.#encoder = null;
    try {
      for (const frame of this.#cutter?.rest() ?? []) this.#give(encoder, encoder.encode(frame));
      const last = encoder.flush();
      if (!Array.isArray(last) || this.beforeEnded) return this.#drain(encoder, last);
      this.#give(encoder, last);
    } catch (error) {
      this.#surroundings.events.failed(error, this.#id);
    }
    encoder.close();
    return null;
  }

  async #drain(encoder: SoundBackEnd, last: AudioPacket[] | Promise<AudioPacket[]>): Promise<void> {
    const { events } = this.#surroundings;
    const packets = await Promise.resolve(last).catch((error: unknown) => {
      events.failed(error, this.#id);
      return [];
    });
    await this.beforeEnded;
    this.beforeEnded = null;
    this.#give(encoder, packets);
    encoder.close();
  }

  /**
   * @param before whose sound is gone on with: what it holds of a frame as large comes first
   * @returns null while the last one was opened too short a time ago. @throws StudioError encoder.open-failed
   */
  #open(before: SoundTwin | null): SoundBackEnd | null {
    const { clock, open } = this.#surroundings;
    const nowUs = clock.nowUs();
    if (nowUs - this.#openedAtUs < REOPEN_EVERY_US) return null;
    this.#openedAtUs = nowUs;
    const encoder = open(this.settings, before ? before.#encoder : null);
    this.#encoder = encoder;
    this.#told = false;
    const { frameSamples } = audioFormat(codecOf(this.settings));
    const cutter = before ? before.#cutter : null;
    if (before && cutter && audioFormat(codecOf(before.settings)).frameSamples === frameSamples) {
      this.#cutter = cutter;
      before.#cutter = null;
    } else this.#cutter = new FrameCutter(frameSamples, AUDIO_CHANNELS);
    return encoder;
  }

  /** The header first, as soon as it is known: no packet comes before. */
  #give({ header }: SoundBackEnd, packets: AudioPacket[]): void {
    const { events } = this.#surroundings;
    this.#ready.push(...packets);
    if (this.beforeEnded || !header) return;
    if (!this.#told) events.header({ ...header, sound: this.#id });
    this.#told = true;
    for (const packet of this.#ready.splice(0)) {
      if (packet.ptsUs <= this.#last.ptsUs) continue;
      this.#last.ptsUs = packet.ptsUs;
      events.packet({ ...packet, sound: this.#id });
    }
  }

  #safely(act: () => void): void {
    try {
      act();
    } catch (error) {
      this.#encoder?.close();
      this.#encoder = null;
      this.#surroundings.events.failed(error, this.#id);
    }
  }
}
