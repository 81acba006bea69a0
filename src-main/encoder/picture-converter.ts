/**
 * Pictures of other sizes, shapes and formats. Every rendition that wants the same has the same one: it is made once. FFmpeg's
 * scaler is loaded with the first one that needs it: an encoder may take pictures as they come.
 */
import { I420, type Picture, type PictureShape, type PictureSize } from './picture.ts';
import type { Scaler } from './scaler.ts';

/** Renditions that share one run at a different pace, by so many pictures; beyond, a picture is made twice. */
const KEPT_WHILE_SHARED = 3;

export class PictureConverters {
  readonly #from: PictureSize;
  readonly #converters = new Map<string, PictureConverter>();

  constructor(from: PictureSize) {
    this.#from = from;
  }

  /** @returns null where the picture as it comes will do; else to be released */
  async acquire({ widthPx, heightPx, format, fit }: PictureShape): Promise<PictureConverter | null> {
    if (widthPx === this.#from.widthPx && heightPx === this.#from.heightPx && format === I420) return null;
    const { Scaler } = await import('./scaler.ts');
    const key = `${widthPx}x${heightPx} ${format} ${fit}`;
    let converter = this.#converters.get(key);
    if (!converter) {
      converter = new PictureConverter(new Scaler(this.#from, { widthPx, heightPx, format, fit }), () => this.#converters.delete(key));
      this.#converters.set(key, converter);
    }
    return converter.acquire();
  }
}

export class PictureConverter {
  readonly #scaler: Scaler;
  readonly #onFree: () => void;
  /** from the oldest to the newest; both sides are held, so that neither is refilled. A repeat is found here, too */
  readonly #made = new Map<Picture, Promise<Picture>>();
  /** FFmpeg's scaler makes one picture at a time */
  #busy: Promise<unknown> = Promise.resolve();
  #users = 0;

  constructor(scaler: Scaler, onFree: () => void) {
    this.#scaler = scaler;
    this.#onFree = onFree;
  }

  acquire(): this {
    this.#users++;
    return this;
  }

  /** Not while one of the caller's conversions runs. */
  release(): void {
    if (--this.#users > 0) return;
    this.#onFree();
    void this.#forget(0).then(() => this.#scaler.close());
  }

  /** @returns a picture held for the caller. @throws StudioError encoder.crashed */
  async convert(source: Picture): Promise<Picture> {
    let made = this.#made.get(source);
    if (!made) {
      const room = this.#forget(this.#users > 1 ? KEPT_WHILE_SHARED - 1 : 0);
      source.hold();
      made = this.#busy.then(async () => {
        await room;
        return this.#scaler.scale(source);
      });
      this.#busy = made.catch(() => {});
      this.#made.set(source, made);
    }
    return (await made).hold();
  }

  /** Lets go of all but the newest. */
  async #forget(kept: number): Promise<void> {
    const old = [...this.#made].slice(0, Math.max(0, this.#made.size - kept));
    for (const [source] of old) this.#made.delete(source);
    for (const [source, made] of old) {
      await made.then(
        (picture) => picture.letGo(),
        () => {},
      );
      source.letGo();
    }
  }
}
