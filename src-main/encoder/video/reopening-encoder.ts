/**
 * Does by opening another encoder what an encoder cannot do in place: another bitrate, an IDR on demand. Nothing is lost:
 * the next picture goes to the new one as its first, an IDR, while the old one gives out what it still has, and its
 * packets go first. Whoever reads the packets sees one stream.
 */
import type { VideoSettings } from '../../../src-shared/domain/rendition.ts';
import type { AccessUnit, Emit, EncoderAbilities, EncoderInput, OpenVideoEncoder, VideoEncoder } from './back-end.ts';
import { sameBytes } from './bitstream.ts';

/** A rate that changes ten times a second would be nothing but IDRs: it changes so often at the most. */
const BETWEEN_BITRATES_S = 0.8;

export class ReopeningEncoder implements VideoEncoder {
  readonly #open: OpenVideoEncoder;
  readonly #emit: Emit;
  #settings: VideoSettings;
  #bitrateKbps: number;
  #config: Uint8Array | null = null;
  /** set by `open`, which is the only way here */
  #current!: VideoEncoder;
  /** the tick of its first picture */
  #sinceTick: number | null = null;
  /** resolves when all before the current one have given out what they had; never rejects */
  #drained: Promise<void> = Promise.resolve();
  #failure: { error: unknown } | null = null;

  private constructor(open: OpenVideoEncoder, settings: VideoSettings, emit: Emit) {
    this.#open = open;
    this.#emit = emit;
    this.#settings = settings;
    this.#bitrateKbps = settings.bitrateKbps;
  }

  /** @throws what `open` throws */
  static async open(open: OpenVideoEncoder, settings: VideoSettings, emit: Emit): Promise<ReopeningEncoder> {
    const reopening = new ReopeningEncoder(open, settings, emit);
    await reopening.#begin();
    reopening.#config = reopening.#current.config;
    return reopening;
  }

  get abilities(): EncoderAbilities {
    return this.#current.abilities;
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
    const encoder = await this.#openBeside(settings, (unit) => void (held ? held.push(unit) : pass(unit)));
    void this.#drained.then(() => {
      const units = held ?? [];
      held = null;
      units.forEach(pass);
    });
    this.#current = encoder;
    this.#settings = settings;
    this.#sinceTick = null;
  }

  /** Where the system has no room for another encoder beside the one before, that one ends first. */
  async #openBeside(settings: VideoSettings, emit: Emit): Promise<VideoEncoder> {
    const before: VideoEncoder | undefined = this.#current;
    const drain = () => (this.#drained = Promise.all([this.#drained, this.#drain(before)]).then(() => {}));
    try {
      const encoder = await this.#open(settings, emit);
      if (before) void drain();
      return encoder;
    } catch (error) {
      if (!before) throw error;
      await drain();
      return this.#open(settings, emit);
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
