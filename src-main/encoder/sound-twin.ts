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
  readonly #id: SoundId;
  readonly #surroundings: Surroundings;
  #cutter: FrameCutter | null = null;
  /** null after a failure, until it is opened anew */
  #encoder: SoundBackEnd | null = null;
  /** whether the encoder's header has been told */
  #told = false;
  #openedAtUs = Number.NEGATIVE_INFINITY;

  constructor({ id, settings }: FurtherSound, surroundings: Surroundings) {
    this.#id = id;
    this.settings = settings;
    this.#surroundings = surroundings;
    this.#safely(() => void this.#open());
  }

  /** A frame of the program's, whatever its size. */
  add(frame: AudioFrame): void {
    this.#safely(() => {
      const encoder = this.#encoder ?? this.#open();
      if (!encoder || !this.#cutter) return;
      for (const cut of this.#cutter.cut(frame)) this.#give(encoder, encoder.encode(cut));
    });
  }

  close(): void {
    this.#encoder?.close();
    this.#encoder = null;
  }

  /** @returns null while the last one was opened too short a time ago. @throws StudioError encoder.open-failed */
  #open(): SoundBackEnd | null {
    const { clock, open } = this.#surroundings;
    const nowUs = clock.nowUs();
    if (nowUs - this.#openedAtUs < REOPEN_EVERY_US) return null;
    this.#openedAtUs = nowUs;
    const encoder = open(this.settings);
    this.#encoder = encoder;
    this.#told = false;
    this.#cutter = new FrameCutter(audioFormat(codecOf(this.settings)).frameSamples, AUDIO_CHANNELS);
    this.#give(encoder, []);
    return encoder;
  }

  /** The header first, as soon as it is known: no packet comes before. */
  #give({ header }: SoundBackEnd, packets: AudioPacket[]): void {
    const { events } = this.#surroundings;
    if (header && !this.#told) {
      events.header({ ...header, sound: this.#id });
      this.#told = true;
    }
    for (const packet of packets) events.packet({ ...packet, sound: this.#id });
  }

  #safely(act: () => void): void {
    try {
      act();
    } catch (error) {
      this.close();
      this.#surroundings.events.failed(error);
    }
  }
}
