/**
 * Does by opening another encoder what an encoder cannot do in place: another bitrate, an IDR on demand. Nothing is lost:
 * the next picture goes to the new one as its first, an IDR, while the old one gives out what it still has, and its
 * packets go first. Whoever reads the packets sees one stream.
 */
import type { VideoSettings } from '../../../src-shared/domain/rendition.ts';
import type { AccessUnit, Emit, EncoderAbilities, EncoderInput, OpenOptions, OpenVideoEncoder, VideoEncoder } from './back-end.ts';
import { sameBytes } from './bitstream.ts';

/** A rate that changes ten times a second would be nothing but IDRs: it changes so often at the most. */
const BETWEEN_BITRATES_S = 0.8;

export class ReopeningEncoder implements VideoEncoder {
  readonly #open: OpenVideoEncoder;
  readonly #emit: Emit;
  readonly #options: OpenOptions;
  #settings: VideoSettings;
  #bitrateKbps: number;
  #config: Uint8Array | null = null;
  /** set by `open`, which is the only way here */
  #current!: VideoEncoder;
  /** the tick of its first picture */
  #sinceTick: number | null = null;
  /** pictures that the current one has and has not given out */
  #inside = { pictures: 0 };
  /** the most that one of them had when it was replaced: so many the next one takes before it gives the first */
  #aheadPictures = 0;
  /** resolves when all before the current one have given out what they had; never rejects */
  #drained: Promise<void> = Promise.resolve();
  #failure: { error: unknown } | null = null;

  private constructor(open: OpenVideoEncoder, settings: VideoSettings, emit: Emit, options: OpenOptions) {
    this.#open = open;
    this.#emit = emit;
    this.#options = options;
    this.#settings = settings;
    this.#bitrateKbps = settings.bitrateKbps;
  }

  /** @throws what `open` throws */
  static async open(open: OpenVideoEncoder, settings: VideoSettings, emit: Emit, options: OpenOptions = {}): Promise<ReopeningEncoder> {
    const reopening = new ReopeningEncoder(open, settings, emit, options);
    await reopening.#begin();
    reopening.#config = reopening.#current.config;
    return reopening;
  }

  get abilities(): EncoderAbilities {
    return this.#current.abilities;
  }

  get inputSize(): VideoEncoder['inputSize'] {
    return this.#current.inputSize;
  }

  get inputFormat(): VideoEncoder['inputFormat'] {
    return this.#current.inputFormat;
  }

  get config(): Uint8Array | null {
    return this.#config;
  }

  async encode(picture: EncoderInput, tick: number, idr: boolean): Promise<void> {
    if (this.#failure) throw this.#failure.error;
    const { onDemandIdr } = this.abilities;
    const hasBegun = this.#sinceTick !== null;
    if (this.#isBitrateDue(tick) || (idr && hasBegun && !onDemandIdr)) await this.#begin();
    this.#sinceTick ??= tick;
    this.#inside.pictures++;
    await this.#current.encode(picture, tick, idr && onDemandIdr);
  }

  setBitrate(bitrateKbps: number): void {
    this.#bitrateKbps = bitrateKbps;
    if (!this.abilities.inPlaceBitrate) return;
    this.#settings = { ...this.#settings, bitrateKbps };
    this.#current.setBitrate(bitrateKbps);
  }

  async flush(): Promise<void> {
    await this.#current.flush();
    await this.#drained;
    if (this.#failure) throw this.#failure.error;
  }

  async close(): Promise<void> {
    await this.#drained;
    await this.#current.close();
  }

  #isBitrateDue(tick: number): boolean {
    if (this.#bitrateKbps === this.#settings.bitrateKbps) return false;
    return this.#sinceTick === null || tick - this.#sinceTick >= BETWEEN_BITRATES_S * this.#settings.frameRate;
  }

  async #begin(): Promise<void> {
    const settings = { ...this.#settings, bitrateKbps: this.#bitrateKbps };
    let held: AccessUnit[] | null = [];
    let first = true;
    const pass = (unit: AccessUnit) => {
      const config = unit.config ?? (first ? encoder.config : null);
      first = false;
      this.#emit({ ...unit, config: this.#newConfig(config) });
    };
    const inside = { pictures: 0 };
    const isFirst = this.#current === undefined;
    const aheadPictures = Math.max(this.#aheadPictures, this.#inside.pictures);
    const encoder = await this.#openBeside(settings, (unit) => {
      inside.pictures--;
      if (held) held.push(unit);
      else pass(unit);
    });
    void this.#drained.then(() => {
      if (!isFirst) this.#options.reopened?.(aheadPictures);
      const units = held ?? [];
      held = null;
      units.forEach(pass);
    });
    this.#current = encoder;
    this.#inside = inside;
    this.#aheadPictures = aheadPictures;
    this.#settings = settings;
    this.#sinceTick = null;
  }

  /** Where the system has no room for another encoder beside the one before, that one ends first. */
  async #openBeside(settings: VideoSettings, emit: Emit): Promise<VideoEncoder> {
    const before: VideoEncoder | undefined = this.#current;
    const drain = () => (this.#drained = Promise.all([this.#drained, this.#drain(before)]).then(() => {}));
    try {
      const encoder = await this.#open(settings, emit, this.#options);
      if (before) void drain();
      return encoder;
    } catch (error) {
      if (!before) throw error;
      await drain();
      return this.#open(settings, emit, this.#options);
    }
  }

  async #drain(encoder: VideoEncoder): Promise<void> {
    try {
      await encoder.flush();
    } catch (error) {
      this.#failure ??= { error };
    }
    await encoder.close();
  }

  #newConfig(config: Uint8Array | null): Uint8Array | null {
    if (!config || sameBytes(config, this.#config)) return null;
    this.#config = config;
    return config;
  }
}
